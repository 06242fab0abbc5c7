package doctor

// Exported for the tests.
var Blocked = blocked
