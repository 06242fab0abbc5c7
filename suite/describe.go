package suite

import (
	"fmt"

	"github.com/onsi/gomega/matchers"
	"github.com/onsi/gomega/types"

	"example.test/conformance/suite/result"
)

// describe says what a matcher expects. Gomega's matchers export their operands; the suite's are [Describer]s.
func describe(m types.GomegaMatcher) result.Expectation {
	switch m := m.(type) {
	case Describer:
		return m.Expectation()
	case *matchers.EqualMatcher:
		return withValue(result.Equals, m.Expected)
	case *matchers.HaveLenMatcher:
		return withValue(result.HasLength, m.Count)
	case *matchers.HavePrefixMatcher:
		return withValue(result.HasPrefix, formatted(m.Prefix, m.Args))
	case *matchers.HaveSuffixMatcher:
		return withValue(result.HasSuffix, formatted(m.Suffix, m.Args))
	case *matchers.ContainSubstringMatcher:
		return withValue(result.HasSubstring, formatted(m.Substr, m.Args))
	case *matchers.MatchRegexpMatcher:
		return withValue(result.MatchesRegexp, formatted(m.Regexp, m.Args))
	case *matchers.BeNumericallyMatcher:
		e := withValue(result.Compares, m.CompareTo[0])
		e.Comparator = m.Comparator
		return e
	case *matchers.HaveKeyMatcher:
		return result.Expectation{Relation: result.HasKey, Of: []result.Expectation{element(m.Key)}}
	case *matchers.HaveEachMatcher:
		return result.Expectation{Relation: result.Each, Of: []result.Expectation{element(m.Element)}}
	case *matchers.ContainElementMatcher:
		return result.Expectation{Relation: result.Contains, Of: []result.Expectation{element(m.Element)}}
	case *matchers.ContainElementsMatcher:
		return elements(result.Contains, m.Elements)
	case *matchers.ConsistOfMatcher:
		return elements(result.Consists, m.Elements)
	case *matchers.BeElementOfMatcher:
		return elements(result.IsOneOf, m.Elements)
	case *matchers.AssignableToTypeOfMatcher:
		return result.Expectation{Relation: result.Is, Words: kindOf(m.Expected)}
	case *matchers.AndMatcher:
		return parts(result.AllOf, m.Matchers)
	case *matchers.OrMatcher:
		return parts(result.AnyOf, m.Matchers)
	case *matchers.NotMatcher:
		e := describe(m.Matcher)
		e.Not = !e.Not
		return e
	}
	return result.Expectation{Relation: withoutOperand(m)}
}

// withoutOperand returns the relation of a matcher that has no operand.
func withoutOperand(m types.GomegaMatcher) result.Relation {
	switch m.(type) {
	case *matchers.BeEmptyMatcher:
		return result.IsEmpty
	case *matchers.BeZeroMatcher:
		return result.IsZero
	case *matchers.BeNilMatcher:
		return result.IsNothing
	case *matchers.BeTrueMatcher:
		return result.IsTrue
	case *matchers.BeFalseMatcher:
		return result.IsFalse
	case *matchers.HaveOccurredMatcher:
		return result.Fails
	case *matchers.SucceedMatcher:
		return result.Succeeds
	}
	return result.Unnamed
}

func withValue(r result.Relation, v any) result.Expectation {
	value := valueOf(v)
	return result.Expectation{Relation: r, Value: &value}
}

// describes says in words what is expected, if no matcher does.
func describes(format string, args ...any) result.Expectation {
	return result.Expectation{Relation: result.Is, Words: fmt.Sprintf(format, args...)}
}

func formatted(format string, args []any) string {
	if len(args) == 0 {
		return format
	}
	return fmt.Sprintf(format, args...)
}

func element(v any) result.Expectation { return describe(elementMatcher(v)) }

func elements(r result.Relation, all []any) result.Expectation {
	e := result.Expectation{Relation: r}
	for _, one := range flat(all) {
		e.Of = append(e.Of, element(one))
	}
	return e
}

func parts(r result.Relation, all []types.GomegaMatcher) result.Expectation {
	e := result.Expectation{Relation: r}
	for _, one := range all {
		e.Of = append(e.Of, describe(one))
	}
	return e
}

// kindOf names the kind of a value in terms of JSON.
func kindOf(v any) string {
	switch v.(type) {
	case string:
		return "a string"
	case bool:
		return "a boolean"
	case int, int64, float64:
		return "a number"
	case []any:
		return "a list"
	case map[string]any:
		return "an object"
	}
	return "a value of another kind"
}
