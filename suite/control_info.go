package suite

import (
	"context"
	"fmt"

	"example.test/conformance/suite/protocol"
	"example.test/conformance/suite/result"
)

// Info asks the conformance application to describe itself. The error is [ErrNoControl] if there is none.
func (o *Control) Info(ctx context.Context) (*Info, error) {
	answer, err := o.Command(ctx, "info", nil)
	if err != nil {
		return nil, err
	}
	var info Info
	if err := protocol.Unmarshal(answer, &info); err != nil || info.Contract == 0 {
		return nil, fmt.Errorf("info answered %s, which is not of the contract's form", protocol.Clip(o.target.Redact(string(answer)), 200))
	}
	for _, name := range []*string{&info.Instance, &info.Implementation.Name, &info.Implementation.Version, &info.Implementation.Language, &info.Implementation.Engine, &info.Edition} {
		*name = protocol.Clip(*name, mostName)
	}
	info.Features = info.Features[:min(len(info.Features), mostFeatures)]
	info.Startup = info.Startup[:min(len(info.Startup), mostStartup)]
	result.Sanitise(&info, o.target.Redact)
	return &info, nil
}

// Limits on what an application may say about itself.
const (
	mostName     = 200 // bytes
	mostFeatures = 200
	mostStartup  = 100
)
