package runner_test

import (
	"context"
	"fmt"
	"log"

	_ "example.test/conformance/cases"
	"example.test/conformance/reference/application"
	"example.test/conformance/suite/runner"
	"example.test/conformance/suite/wire"
)

// A run of a few cases from Go.
func ExampleRunDirectly() {
	ctx := context.Background()
	reference, err := application.Start(ctx, application.Options{})
	if err != nil {
		log.Fatal(err)
	}
	defer func() { _ = reference.Close(ctx) }()
	target, err := wire.ParseTarget(reference.URLs()[0])
	if err != nil {
		log.Fatal(err)
	}
	results, err := runner.RunDirectly(ctx, runner.Config{
		Targets: []*wire.Target{target},
		Only:    []string{"handshake/polling-open-packet", "acks/id-zero"},
	})
	if err != nil {
		log.Fatal(err)
	}
	for _, c := range results.Cases {
		fmt.Println(c.ID, c.Outcome)
	}
	// Output:
	// handshake/polling-open-packet passed
	// acks/id-zero passed
}
