//go:build race

package main

// raceDetector slows everything, so timing faults no longer act as they should.
const raceDetector = true
