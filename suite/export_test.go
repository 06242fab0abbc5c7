package suite

// What the tests of the real catalogue look at.
var (
	Part    = Shard.part
	Nominal = nominal
	Longest = (*Case).longest
)
