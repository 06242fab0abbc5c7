// Package reporter writes the results of a run down for its readers: the console, JUnit, JSON, GitHub, Markdown and a badge. It
// reads results back, merges those of several machines, and explains cases. Pages for a browser are those of reporter/html.
// Whatever text came from a target is made harmless by reporter/wording before it is shown.
package reporter
