package runner

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"example.test/conformance/suite"
)

// Suggest returns the words that a mistyped one may mean, the nearest first, at most three.
func Suggest(typed string, among []string) []string {
	type guess struct {
		word     string
		distance int
	}
	var all []guess
	for _, word := range among {
		d := distance(strings.ToLower(typed), strings.ToLower(word))
		if whole := min(len(typed), len(word)); d <= max(1, whole/4) || whole >= 3 && strings.HasPrefix(word, typed) {
			all = append(all, guess{word, d})
		}
	}
	slices.SortStableFunc(all, func(a, b guess) int { return cmp.Compare(a.distance, b.distance) })
	var words []string
	for _, g := range all[:min(len(all), 3)] {
		words = append(words, g.word)
	}
	return words
}

// Meant asks whether one of the near words was meant. It is empty if none is near.
func Meant(typed string, among []string) string {
	near := Suggest(typed, among)
	if len(near) == 0 {
		return ""
	}
	return " (did you mean " + strings.Join(near, " or ") + "?)"
}

// distance returns how many letters must be added, dropped, changed or swapped with the next to turn one word into another.
func distance(a, b string) int {
	var before []int
	last := make([]int, len(b)+1)
	for j := range last {
		last[j] = j
	}
	for i := 1; i <= len(a); i++ {
		row := make([]int, len(b)+1)
		row[0] = i
		for j := 1; j <= len(b); j++ {
			change := 1
			if a[i-1] == b[j-1] {
				change = 0
			}
			row[j] = min(last[j]+1, row[j-1]+1, last[j-1]+change)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				row[j] = min(row[j], before[j-2]+1)
			}
		}
		before, last = last, row
	}
	return last[len(b)]
}

func noCase(pattern string) error {
	return fmt.Errorf("the pattern %q matches no case%s: `conformance list` shows their IDs", pattern, nearCases(pattern))
}

// nearCases suggests the IDs, or the areas, that a pattern may mean.
func nearCases(pattern string) string {
	area, rest, whole := strings.Cut(pattern, "/")
	if !whole || strings.ContainsAny(rest, "*?[") {
		return Meant(area, suite.Areas)
	}
	return Meant(pattern, caseIDs())
}

func caseIDs() (ids []string) {
	for _, c := range suite.Cases() {
		ids = append(ids, c.ID)
	}
	return ids
}
