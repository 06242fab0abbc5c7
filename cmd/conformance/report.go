package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"

	"example.test/conformance/suite"
)

func writeHTML(w io.Writer, r *suite.Results) error  { return nil }
func writeJUnit(w io.Writer, r *suite.Results) error { return nil }
func writeJSON(w io.Writer, r *suite.Results) error {
	e := json.NewEncoder(w)
	e.SetIndent("", " ")
	return e.Encode(r)
}

// report runs the suite and writes the reports, whatever happens.
func report(ctx context.Context, config suite.Config, files []file, r *runFlags, out io.Writer) (int, error) {
	results, err := suite.Run(ctx, config)
	if err != nil {
		return 0, err
	}
	for _, f := range files {
		h, err := os.Create(f.path)
		if err != nil {
			return 0, err
		}
		err = f.write(h, results)
		h.Close()
		if err != nil {
			return 0, err
		}
	}
	fmt.Fprintln(out, results.Summary)
	for _, c := range results.Cases {
		if results.Gates(c) || c.Outcome == suite.Warned {
			fmt.Fprintln(out, c.Outcome, c.ID, c.Reason, c.Message, c.Site)
		}
	}
	return results.ExitCode, nil
}
