//go:build race

package prove

// raceDetector slows everything, so that faults of timing no longer act as they should.
const raceDetector = true
