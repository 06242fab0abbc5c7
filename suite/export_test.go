package suite

// Exported for the tests of words.
var (
	Describe = describe
	ValueOf  = valueOf
)
