package contract

import (
	"context"
	"encoding/json"

	"example.test/conformance/suite"
)

// creates makes the server create a namespace and returns its name.
func (t *target) creates(ctx context.Context) (string, error) {
	name := "made-" + word()
	var answer string
	if err := bounded(ctx, t, "create_namespace was not acknowledged", func(ctx context.Context) (err error) {
		answer, err = t.command(ctx, "create_namespace", map[string]any{"name": name})
		return err
	}); err != nil {
		return "", err
	}
	var fields struct{ Name string }
	if json.Unmarshal([]byte(answer), &fields) != nil || fields.Name != "/"+name {
		return "", wrong("create_namespace of %q answered %s", name, clip(answer))
	}
	return fields.Name, nil
}

func lookCreate(ctx context.Context, t *target) (string, error) {
	name, err := t.creates(ctx)
	return "it made " + name, err
}

func lookNewNamespace(ctx context.Context, t *target) (string, error) {
	name, err := t.creates(ctx)
	if err != nil {
		return "", err
	}
	if _, err := t.record(ctx, "the creation of "+name, suite.OfType(suite.NewNamespace), func(e suite.Entry) bool { return e.Name == name }); err != nil {
		return "", err
	}
	if _, err := t.refuses(ctx, name); err != nil {
		return "", err
	}
	s, _, err := t.client(ctx, name)
	if err != nil {
		return "", err
	}
	defer s.close()
	if err := echoes(ctx, t, s, name); err != nil {
		return "", err
	}
	return "a new namespace was recorded, and its listener attached middleware and handlers", nil
}

func lookDynamic(ctx context.Context, t *target) (string, error) {
	s, _, err := t.client(ctx, "/dynamic-"+word())
	if err != nil {
		return "", err
	}
	s.close()
	return "a namespace was made on demand", nil
}
