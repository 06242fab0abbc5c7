package suite

import (
	"fmt"

	"example.test/conformance/suite/result"
)

// Draw replaces the placeholders in a text with what the run drew: "carrier-pigeon" and "unheard-of" stand for a transport
// that no server has, "never-was" and "nor-this" for sessions, "nowhere" for a namespace, "turned-away" for the reason of a
// refusal, and "other.example" for the host of a page.
func (t *T) Draw(text string) string { return result.Drawn(t.env.Seed, text) }

// drawWord draws a word of letters and digits that no other request of the run carries.
func (t *T) drawWord() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.texts++
	return result.DrawnWord(t.env.Seed, fmt.Sprintf("%s %d %d", t.it.ID, t.number, t.texts))
}
