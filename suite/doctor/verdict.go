package doctor

import (
	"fmt"
	"strings"
)

// Verdict answers the question of the examination in one line.
func (d *Diagnosis) Verdict() string {
	var answers []string
	for _, client := range d.Clients {
		where := "in Node "
		if client.Origin != "" {
			where = "in a browser page of " + client.Origin + " "
		}
		answers = append(answers, where+client.answer())
	}
	said := strings.Join(answers, "; ")
	if said != "" {
		said = strings.ToUpper(said[:1]) + said[1:]
	}
	return "Does the official client connect from here, and stay? " + said + "."
}

// answer is yes or no, and why not.
func (c *Client) answer() string {
	switch {
	case c.Stays && c.With != "":
		return "yes, over " + c.Over + ", with " + c.With
	case c.Stays:
		return "yes, over " + c.Over
	case c.Unseen && c.Connects:
		return "it connects; whether it stays was not seen in time"
	case c.Unseen:
		return "unknown: the time was up"
	}
	return fmt.Sprintf("no, because %s", strings.TrimSuffix(c.Because, "."))
}

// Well reports whether every client connects and stays.
func (d *Diagnosis) Well() bool {
	for _, client := range d.Clients {
		if !client.Stays {
			return false
		}
	}
	return true
}

// Unseen reports whether the result is unknown for some client, while no client is known not to stay.
func (d *Diagnosis) Unseen() (unseen bool) {
	for _, client := range d.Clients {
		if !client.Stays && !client.Unseen {
			return false
		}
		unseen = unseen || client.Unseen
	}
	return unseen
}
