// Package reporter writes the results of a run down for its readers: the console, JUnit, HTML,
// JSON, GitHub, and the comparison of several runs. Whatever text came from a target is made
// harmless by [wording.Visible] before it is shown.
package reporter
