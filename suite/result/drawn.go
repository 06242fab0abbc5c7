package result

import (
	"cmp"
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"slices"
	"strings"
)

// The texts that the suite sends are drawn anew for each run, from the run's seed: a target cannot recognise the suite by
// texts that it has seen before. The same seed draws the same texts.

// draw returns numbers that depend on the seed and the purpose.
func draw(seed int64, purpose string) [4]uint64 {
	sum := sha256.Sum256(fmt.Appendf(nil, "%d %s", seed, purpose))
	var n [4]uint64
	for i := range n {
		n[i] = binary.LittleEndian.Uint64(sum[8*i:])
	}
	return n
}

// drawableNouns are words that real clients might send. None has fewer than five letters.
var drawableNouns = strings.Fields(`
	anchor basket beacon bridge button camera candle canyon carbon castle cedar cellar chapel cherry circle cobalt comet
	copper coral cotton crystal daisy delta desert dragon ember engine falcon feather fiber field forest galaxy garden
	garnet ginger glacier granite harbor hazel hollow island ivory jasmine jungle kettle ladder lagoon lantern laurel
	lemon lilac linen lotus magnet maple marble meadow melon mirror moment mosaic nectar needle nickel oasis ocean olive
	orange orchid otter paper parcel pebble pepper pigeon planet pocket prairie prism quartz rabbit raven ribbon
	river rocket saddle saffron salmon sandal signal silver sparrow spiral spring station summit sunset thunder ticket
	timber tulip tunnel valley velvet violet walnut water willow window winter yellow zephyr`)

// drawnNoun returns a drawn noun.
func drawnNoun(n uint64) string { return drawableNouns[n%uint64(len(drawableNouns))] }

// letters returns n drawn digits and lower-case letters; at most 12 of them differ from draw to draw.
func letters(from uint64, n int) string {
	const digits = "0123456789abcdefghijklmnopqrstuvwxyz"
	text := make([]byte, n)
	for i := range text {
		text[i] = digits[from%36]
		from /= 36
	}
	return string(text)
}

// drawnLetters is how many letters follow the noun in a word that [suite.T.Mark] draws.
const drawnLetters = 12

// DrawnWord returns a word of letters and digits that is drawn for a purpose.
func DrawnWord(seed int64, purpose string) string {
	n := draw(seed, purpose)
	return drawnNoun(n[0]) + letters(n[1], drawnLetters)
}

// unmarked replaces in a text what [suite.T.Mark] draws, with the numbers at the ends.
func unmarked(text string) string {
	var b strings.Builder
	copied := 0
	for i := 0; i < len(text); {
		n := markLength(text[i:])
		if n == 0 {
			i++
			continue
		}
		b.WriteString(text[copied:i])
		b.WriteString("‹word›")
		i += n
		for i < len(text) && text[i] >= '0' && text[i] <= '9' {
			i++
		}
		copied = i
	}
	if copied == 0 {
		return text
	}
	b.WriteString(text[copied:])
	return b.String()
}

// nounsBy are the drawable nouns by their first letter.
var nounsBy = func() (all ['z' + 1][]string) {
	for _, noun := range drawableNouns {
		all[noun[0]] = append(all[noun[0]], noun)
	}
	return all
}()

// MarkWords finds in a text what [suite.T.Mark] draws, without the numbers at the ends.
func MarkWords(text string) (all []string) {
	for i := 0; i < len(text); {
		n := markLength(text[i:])
		if n > 0 {
			all = append(all, text[i:i+n])
		}
		i += max(n, 1)
	}
	return all
}

// markLength returns the length of the mark that a text begins with; 0 if it begins with none. Every record of every case
// passes through it, and a regular expression of all nouns is slow.
func markLength(text string) int {
	first := text[0]
	if first < 'a' || first > 'z' {
		return 0
	}
nouns:
	for _, noun := range nounsBy[first] {
		n := len(noun) + drawnLetters
		if len(text) < n || !strings.HasPrefix(text, noun) {
			continue
		}
		for _, c := range []byte(text[len(noun):n]) {
			if (c < '0' || c > '9') && (c < 'a' || c > 'z') {
				continue nouns
			}
		}
		return n
	}
	return 0
}

// stands are the placeholders that the cases use for what a run draws: a transport and sessions that no server has, a
// namespace that does not exist, a page of another origin.
var stands = map[string]func(n [4]uint64) string{
	"carrier-pigeon": func(n [4]uint64) string { return drawnNoun(n[0]) },
	"unheard-of":     func(n [4]uint64) string { return drawnNoun(n[0]) + letters(n[1], 3) },
	"never-was":      func(n [4]uint64) string { return drawnSession(n) },
	"turned-away":    func(n [4]uint64) string { return drawnNoun(n[0]) + "-" + letters(n[1], 2) },
	"nor-this":       func(n [4]uint64) string { return drawnSession(n) },
	"nowhere":        func(n [4]uint64) string { return drawnNoun(n[0]) + "-" + drawnNoun(n[1]) },
	"other.example":  func(n [4]uint64) string { return drawnNoun(n[0]) + drawnNoun(n[1]) + ".app" },
}

// drawnSession returns a text in the form of a session ID.
func drawnSession(n [4]uint64) string {
	return strings.ToUpper(letters(n[0], 4)) + letters(n[1], 10) + "AAA" + strings.ToUpper(letters(n[2], 1)) + letters(n[3], 2)
}

// Drawn replaces the placeholders in a text with what the run draws.
func Drawn(seed int64, text string) string {
	for name, of := range stands {
		if strings.Contains(text, name) {
			text = strings.ReplaceAll(text, name, of(draw(seed, name)))
		}
	}
	return text
}

// Undrawn returns a function that removes from a text what a run with that seed has drawn: the words of [suite.T.Mark], and
// what replaced the placeholders of [suite.T.Draw].
func Undrawn(seed int64) func(string) string {
	var names []string
	for name := range stands {
		names = append(names, name)
	}
	slices.SortFunc(names, func(a, b string) int {
		return cmp.Or(len(Drawn(seed, b))-len(Drawn(seed, a)), strings.Compare(a, b))
	})
	var pairs []string
	for _, name := range names {
		pairs = append(pairs, Drawn(seed, name), name)
	}
	replacer := strings.NewReplacer(pairs...)
	return func(text string) string { return replacer.Replace(unmarked(text)) }
}

// FindCauses fills in the causes of a run from its cases. What the run has drawn does not count as a difference.
func (r *Results) FindCauses() { r.Causes = Causes(r.Cases, Undrawn(r.Seed)) }
