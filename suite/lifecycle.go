package suite

import (
	"context"
	"fmt"
	"time"

	"example.test/conformance/suite/protocol"
	"example.test/conformance/suite/wire"
)

// Lifecycle stops instances under test and starts them again, at the same address. Instances count from 0, in the order of
// the targets. Start may return before the instance listens.
type Lifecycle interface {
	Stop(ctx context.Context, instance int) error
	Start(ctx context.Context, instance int) error
}

// LifecycleLimit is how long starting and stopping an instance may take.
const LifecycleLimit = 2 * time.Minute

// Stop stops an instance. When the case is over it starts the instance again, unless the case did. Only a case that [Needs]
// restarts may call it.
func (t *T) Stop(instance int) {
	t.Given(OpensOverPolling, func(t *T) { // this shows that it is up
		asked := time.Now()
		if !t.answers(t.ctx, instance) {
			t.absent(fmt.Sprintf("a session over polling of instance %d", instance+1), comes, nothing, asked)
		}
	})
	t.Step("stops instance %d", instance+1)
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(t.ctx), LifecycleLimit) // the instance comes back even if the case was cut off
		defer cancel()
		if !t.answers(ctx, instance) {
			_ = t.env.Lifecycle.Start(ctx, instance)
			_ = t.awaitInstance(ctx, instance)
		}
	})
	if err := t.env.Lifecycle.Stop(t.ctx, instance); err != nil {
		t.Unverified("instance %d could not be stopped: %v", instance+1, err)
	}
	deadline := time.Now().Add(t.Tolerance().Patience)
	for t.answers(t.ctx, instance) {
		if time.Now().After(deadline) {
			t.Unverified("instance %d was stopped, but still answers after %d ms", instance+1, t.Tolerance().Patience.Milliseconds())
		}
		t.pause(20 * time.Millisecond)
	}
}

// Start starts an instance that [T.Stop] stopped, and waits until its conformance application answers.
func (t *T) Start(instance int) {
	t.Step("starts instance %d again", instance+1)
	ctx, cancel := context.WithTimeoutCause(t.ctx, LifecycleLimit, fmt.Errorf("it did not answer within %d s", int(LifecycleLimit.Seconds())))
	defer cancel()
	err := t.env.Lifecycle.Start(ctx, instance)
	if err == nil {
		err = t.awaitInstance(ctx, instance)
	}
	if err != nil {
		t.Unverified("instance %d could not be started: %v", instance+1, err)
	}
}

// Instance asks a target's conformance application for its current name, which may change with a restart.
func (t *T) Instance(target int) string {
	var info Info
	answer := t.Observe(target).Command("info", nil)
	if err := protocol.Unmarshal(answer, &info); err != nil {
		t.contradicted("the answer of info", describes("an object as the contract has it"), valueOf(answer))
	}
	return info.Instance
}

// awaitInstance waits until an instance's conformance application answers.
func (t *T) awaitInstance(ctx context.Context, instance int) error {
	for {
		if t.answers(ctx, instance) {
			if _, err := t.env.Controls[instance].Info(ctx); err == nil {
				return nil
			}
		}
		select {
		case <-time.After(20 * time.Millisecond):
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	}
}

// answers reports whether an Engine.IO server opens a session at a target.
func (t *T) answers(ctx context.Context, instance int) bool {
	ctx, cancel := context.WithTimeout(ctx, t.Tolerance().Patience)
	defer cancel()
	response, err := t.env.Targets[instance].Do(ctx, wire.NewRecorder(), wire.Request{Method: "GET", Path: "?EIO=4&transport=polling"})
	if err != nil || response.Status != 200 {
		return false
	}
	_, err = protocol.ParseOpen(protocol.ParsePayload(response.Body)[0])
	return err == nil
}
