package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"strings"
	"time"

	"example.test/conformance/suite"
	"example.test/conformance/suite/browser"
)

// browserFlags are the flags that the profile browser needs.
type browserFlags struct {
	chromium, client string
}

func (b *browserFlags) add(g *group) {
	g.StringVar(&b.chromium, "chromium", os.Getenv("CHROMIUM"), "`PATH` or name of the Chromium that --profile browser runs (default: $CHROMIUM, or the one that is installed)")
	g.StringVar(&b.client, "client", "", "`URL|FILE` of the client bundle that --profile browser loads (default: the one that the target serves as socket.io.js)")
}

// browser finds Chromium. It returns nil if none is named and none is installed: the browser cases are then inapplicable.
func (b *browserFlags) browser() (*browser.Chromium, error) {
	browser, err := browser.NewChromium(b.chromium)
	switch {
	case err == nil:
		return browser, nil
	case b.chromium == "":
		return nil, nil
	case errors.Is(err, exec.ErrNotFound), errors.Is(err, os.ErrNotExist):
		return nil, usage("--chromium: there is no program %s", b.chromium)
	default:
		return nil, usage("--chromium: %v", err)
	}
}

// Limits on a client bundle that is named.
const (
	clientTimeout = 30 * time.Second
	maxClient     = 8 << 20 // bytes
)

// bundle reads the named client bundle. It returns nil if none is named.
func (b *browserFlags) bundle(ctx context.Context) (*suite.ClientBundle, error) {
	if b.client == "" {
		return nil, nil
	}
	var script []byte
	var err error
	if strings.HasPrefix(b.client, "http://") || strings.HasPrefix(b.client, "https://") {
		script, err = download(ctx, b.client)
	} else {
		script, err = os.ReadFile(b.client)
	}
	if err != nil {
		return nil, usage("--client: %v", err)
	}
	if len(script) == 0 {
		return nil, usage("--client: %s is empty", b.client)
	}
	return &suite.ClientBundle{Source: withoutCredentials(b.client), Script: script}, nil
}

func download(ctx context.Context, url string) ([]byte, error) {
	ctx, cancel := context.WithTimeout(ctx, clientTimeout)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return nil, err
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return nil, err
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("%s was answered with %s", withoutCredentials(url), response.Status)
	}
	return io.ReadAll(io.LimitReader(response.Body, maxClient))
}
