package cases

import "testing"

// In the lanes together, each number comes right after each number exactly once.
func TestEachAfterEach(t *testing.T) {
	for k := 1; k <= 20; k++ {
		seen := map[[2]int]int{}
		for _, lane := range eachAfterEach(k) {
			if len(lane) > laneLength+1 {
				t.Errorf("k = %d: a lane makes %d steps", k, len(lane)-1)
			}
			for i := range len(lane) - 1 {
				seen[[2]int{lane[i], lane[i+1]}]++
			}
		}
		for pair, n := range seen {
			if n != 1 {
				t.Errorf("k = %d: %v comes %d times", k, pair, n)
			}
		}
		if len(seen) != k*k {
			t.Errorf("k = %d: got %d pairs, want %d", k, len(seen), k*k)
		}
	}
}
