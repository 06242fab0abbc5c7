//go:build race

package suite

// DefaultParallel under the race detector, which makes the suite and the embedded target several
// times slower.
const DefaultParallel = 12
