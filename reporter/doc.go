// Package reporter writes the results of a run to the console, as JUnit, JSON and Markdown, for GitHub, and as a badge. It reads
// results back, merges those of several machines, and explains cases. Package reporter/html writes pages for a browser. Package
// reporter/wording makes text that came from a target harmless before it is shown.
package reporter
