package reporter

import (
	_ "embed"
	"encoding/json"
	"fmt"
	"html/template"
	"io"
	"strings"
	"unicode/utf8"

	"example.test/conformance/suite/result"
)

// Badge is a short form of the verdict of a run, for the page of a project. A run that is not whole and stable has another
// message and another colour.
type Badge struct {
	Label   string
	Message string
	Colour  string // #rrggbb
}

// Colours of badges: white text on each has a contrast of 4.5 or more.
const (
	badgeGreen  = "#2d7d32"
	badgeOlive  = "#5f6f12"
	badgeAmber  = "#9a5b00"
	badgeRed    = "#b3261e"
	badgeGrey   = "#5c6066"
	badgeLabels = "#3c4043"
)

// NewBadge returns the badge of a run.
func NewBadge(r *result.Results) Badge {
	b := Badge{Label: fmt.Sprintf("Socket.IO %s %s", r.Edition, r.Profile), Message: string(r.Verdict), Colour: badgeGrey}
	if r.Edition == "" {
		b.Label = "Socket.IO"
	}
	unstable := r.Counts.Total(result.Unstable)
	switch r.Verdict {
	case result.Conformant, result.Excused:
		b.Colour = badgeGreen
		var but []string
		if known := r.Counts.Total(result.Known); known > 0 {
			but = append(but, fmt.Sprintf("%d", known))
		}
		if len(r.Without) > 0 {
			but = append(but, "without "+strings.Join(r.Without, ", "))
		}
		if len(but) > 0 {
			b.Colour = badgeOlive
		}
		if unstable > 0 {
			b.Colour = badgeAmber
			but = append(but, fmt.Sprintf("%d unstable", unstable))
		}
		if len(but) > 0 {
			b.Message += ": " + strings.Join(but, "; ")
		}
	case result.Incomplete:
		b.Colour = badgeAmber
	case result.NotConformant:
		b.Colour = badgeRed
		if n := r.Counts.Total(result.Failed); n > 0 {
			b.Message = fmt.Sprintf("not conformant: %d failed", n)
		}
	}
	return b
}

// JSON writes the badge as an endpoint for shields.io.
func (b Badge) JSON(w io.Writer) error {
	encoder := json.NewEncoder(w)
	encoder.SetIndent("", "  ")
	return encoder.Encode(map[string]any{"schemaVersion": 1, "label": b.Label, "message": b.Message, "color": b.Colour})
}

//go:embed badge.svg
var badgeText string

var badgeImage = template.Must(template.New("badge").Parse(badgeText))

// SVG writes the badge as an image.
func (b Badge) SVG(w io.Writer) error {
	// A character is 6.6 pixels wide on average, with 10 pixels on each side of a text.
	width := func(text string) int { return utf8.RuneCountInString(text)*66/10 + 20 }
	label, message := width(b.Label), width(b.Message)
	return badgeImage.Execute(w, map[string]any{
		"Badge": b, "LabelColour": badgeLabels, "Label": label, "Message": message, "Width": label + message,
		"LabelAt": label / 2, "MessageAt": label + message/2,
	})
}
