//go:build !race

package runner

// DefaultParallel is how many cases run at once by default: enough that a run takes as long as its longest single wait, few
// enough that a busy target still answers in time.
const DefaultParallel = 40
