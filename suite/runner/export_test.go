package runner

// What the tests of the real catalogue look at.
var (
	Part    = part
	Nominal = nominal
)
