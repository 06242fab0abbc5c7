//go:build race

package runner

// DefaultParallel is lower under the race detector, which makes the suite and the embedded target several times slower.
const DefaultParallel = 12
