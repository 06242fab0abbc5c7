package runner

// Exported for the tests of the real catalogue.
var (
	Part    = part
	Nominal = nominal
)
