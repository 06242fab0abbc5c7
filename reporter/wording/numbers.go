package wording

import (
	"fmt"
	"time"
)

// Milliseconds puts a duration in milliseconds into words: "12 ms", "1.25 s", "2 min 5 s".
func Milliseconds(ms float64) string {
	switch d := time.Duration(ms * float64(time.Millisecond)); {
	case ms < 10:
		return fmt.Sprintf("%.1f ms", ms)
	case ms < 999.5:
		return fmt.Sprintf("%.0f ms", ms)
	case d < time.Minute:
		return fmt.Sprintf("%.2f s", d.Seconds())
	default:
		d = d.Round(time.Second)
		return fmt.Sprintf("%d min %d s", int(d.Minutes()), int(d.Seconds())%60)
	}
}

// Count puts a number of things into words: "1 case", "2 cases".
func Count(n int, one string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %ss", n, one)
}

// Instance returns the letter of a target: A is the first.
func Instance(target int) string {
	if target >= 0 && target < 26 {
		return string(rune('A' + target))
	}
	return fmt.Sprintf("target %d", target+1)
}
