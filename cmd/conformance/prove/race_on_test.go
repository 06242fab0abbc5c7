//go:build race

package prove

// raceDetector slows everything, so timing faults no longer act as they should.
const raceDetector = true
