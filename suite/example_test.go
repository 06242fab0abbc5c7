package suite_test

import (
	"context"
	"fmt"
	"log"

	_ "example.test/conformance/cases"
	"example.test/conformance/reference/application"
	"example.test/conformance/suite"
	"example.test/conformance/suite/runner"
	"example.test/conformance/suite/wire"
)

// served starts a reference server. The function that it returns stops it.
func served(ctx context.Context) (runner.Config, func()) {
	cluster, err := application.Start(ctx, application.Options{})
	if err != nil {
		log.Fatal(err)
	}
	target, err := wire.ParseTarget(cluster.URLs()[0])
	if err != nil {
		log.Fatal(err)
	}
	return runner.Config{Targets: []*wire.Target{target}}, func() { _ = cluster.Close(ctx) }
}

// A single case: written, executed and inspected.
func ExampleExecute() {
	config, stop := served(context.Background())
	defer stop()
	env, done, err := runner.NewEnvironment(context.Background(), config)
	if err != nil {
		log.Fatal(err)
	}
	defer done()
	attempt := suite.Execute(context.Background(), env, &suite.Case{
		ID: "acks/id-zero", Title: "treats 0 as an ID", Level: suite.Required,
		Run: func(t *suite.T) {
			c := t.Connected()
			c.Send(`420["message-with-ack",1]`)
			c.Expect(`430[2]`) // which no server answers
		},
	})
	for _, f := range attempt.Evidence {
		fmt.Printf("%s: expected %s, received %s\n", f.Kind, f.Expected.Value.Text, f.Received.Text)
	}
	// Output:
	// content: expected 430[2], received 430[1]
}
