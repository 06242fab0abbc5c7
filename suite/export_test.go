package suite

// What the tests of words look at.
var (
	Describe = describe
	ValueOf  = valueOf
)
