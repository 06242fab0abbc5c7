package override

import (
	"net"
	"regexp"
	"time"

	"example.test/conformance/reference/application"
)

// Application returns an option that changes the rules of the applications.
func Application(change func(*application.Rules)) func(*application.Options) {
	return func(o *application.Options) {
		o.App = o.App.WithDefaults()
		change(&o.App)
	}
}

// Record replaces each record.
func Record(rules application.RecordRules, change func(instance string, entry application.Entry) []application.Entry) application.RecordRules {
	return record{rules, change}
}

type record struct {
	application.RecordRules
	change func(instance string, entry application.Entry) []application.Entry
}

func (o record) Record(instance string, entry application.Entry) []application.Entry {
	var all []application.Entry
	for _, entry := range o.RecordRules.Record(instance, entry) {
		all = append(all, o.change(instance, entry)...)
	}
	return all
}

// Late makes records some time after what they are about.
func Late(rules application.RecordRules, change func(entry application.Entry) time.Duration) application.RecordRules {
	return late{rules, change}
}

type late struct {
	application.RecordRules
	change func(application.Entry) time.Duration
}

func (o late) Late(entry application.Entry) time.Duration { return o.change(entry) }

// Number changes the numbers of records.
func Number(rules application.RecordRules, change func(seq int) int) application.RecordRules {
	return number{rules, change}
}

type number struct {
	application.RecordRules
	change func(seq int) int
}

func (o number) Number(seq int) int {
	return o.change(o.RecordRules.Number(seq))
}

// Info changes what the application says about itself.
func Info(rules application.ControlRules, change func(info map[string]any)) application.ControlRules {
	return info{rules, change}
}

type info struct {
	application.ControlRules
	change func(info map[string]any)
}

func (o info) Info(info map[string]any) {
	o.ControlRules.Info(info)
	o.change(info)
}

// Outcomes replaces each outcome that a callback of serverSideEmit gets.
func Outcomes(rules application.ControlRules, change func(application.Outcome) []application.Outcome) application.ControlRules {
	return outcomes{rules, change}
}

type outcomes struct {
	application.ControlRules
	change func(application.Outcome) []application.Outcome
}

func (o outcomes) Answer(outcome application.Outcome) []application.Outcome {
	var all []application.Outcome
	for _, outcome := range o.ControlRules.Answer(outcome) {
		all = append(all, o.change(outcome)...)
	}
	return all
}

// Dynamic sets another pattern for the dynamic namespaces.
func Dynamic(rules application.ControlRules, pattern *regexp.Regexp) application.ControlRules {
	return dynamic{rules, pattern}
}

type dynamic struct {
	application.ControlRules
	pattern *regexp.Regexp
}

func (o dynamic) Dynamic() *regexp.Regexp { return o.pattern }

// Listener wraps listeners.
func Listener(rules application.ServingRules, change func(net.Listener) net.Listener) application.ServingRules {
	return listener{rules, change}
}

type listener struct {
	application.ServingRules
	change func(net.Listener) net.Listener
}

func (o listener) Listener(l net.Listener) net.Listener {
	return o.change(o.ServingRules.Listener(l))
}

// Client changes the client bundle for browsers.
func Client(rules application.ServingRules, change func(bundle []byte) []byte) application.ServingRules {
	return client{rules, change}
}

type client struct {
	application.ServingRules
	change func(bundle []byte) []byte
}

func (o client) Client(bundle []byte) []byte {
	return o.change(o.ServingRules.Client(bundle))
}
