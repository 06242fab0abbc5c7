package doctor

// For the tests.
var Blocked = blocked
