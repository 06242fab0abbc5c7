package application_test

import (
	"context"
	"fmt"
	"io"
	"log"
	"net/http"

	"example.test/conformance/reference/application"
)

// Test a client against the reference server within the test's process.
func ExampleStart() {
	ctx := context.Background()
	cluster, err := application.Start(ctx, application.Options{})
	if err != nil {
		log.Fatal(err)
	}
	defer func() { _ = cluster.Close(ctx) }()
	answer, err := http.Get(cluster.URLs()[0] + "/socket.io/?EIO=4&transport=carrier-pigeon")
	if err != nil {
		log.Fatal(err)
	}
	defer func() { _ = answer.Body.Close() }()
	body, err := io.ReadAll(answer.Body)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(answer.StatusCode, string(body))
	// Output:
	// 400 {"code":0,"message":"Transport unknown"}
}
