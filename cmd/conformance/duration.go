package main

import (
	"fmt"
	"time"
)

// pflagDuration is the duration of a flag: positive, and shown as empty if it is not set.
type pflagDuration struct{ time.Duration }

func (d *pflagDuration) String() string {
	if d.Duration == 0 {
		return ""
	}
	return d.Duration.String()
}

func (d *pflagDuration) Set(s string) error {
	v, err := time.ParseDuration(s)
	if err != nil || v <= 0 {
		return fmt.Errorf("%q is not a positive duration such as 90s or 5m", s)
	}
	d.Duration = v
	return nil
}

func (d *pflagDuration) Type() string { return "duration" }
