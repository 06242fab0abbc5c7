//go:build race

package main

// raceDetector slows everything, so that faults of timing no longer act as they should.
const raceDetector = true
