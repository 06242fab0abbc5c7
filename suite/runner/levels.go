package runner

import (
	"fmt"
	"slices"
	"strings"

	"example.test/conformance/suite"
)

// requires returns the name of the run's requirement set.
func (c settings) requires() string {
	if c.required == nil {
		return suite.LatestRequirements
	}
	return c.required.Name
}

// level returns the level of a case in the run: the catalogue's, or that of the requirement set if it is lower.
func (c settings) level(it *suite.Case) suite.Level {
	if c.required != nil {
		if level, ok := c.required.Level(it.ID, c.Edition); ok && slices.Index(suite.Levels, level) > slices.Index(suite.Levels, it.Level) {
			return level
		}
	}
	return it.Level
}

// newer reports whether a case that could gate is not in the run's requirement set.
func (c settings) newer(it *suite.Case) bool {
	if c.required == nil || it.Level == suite.Observed {
		return false
	}
	_, held := c.required.Level(it.ID, c.Edition)
	return !held
}

// requirements returns the set with that name, nil for [suite.LatestRequirements] and for an empty name. The error is a
// [UsageError].
func requirements(name string) (*suite.RequirementSet, error) {
	if s, ok := suite.FindRequirements(name); ok {
		return s, nil
	}
	return nil, &UsageError{fmt.Sprintf("--requirements: %q is none of %s", name, strings.Join(suite.RequirementNames(), ", "))}
}
