package exchange

import (
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/grafana/sobek"
)

// replyObject shows a reply to JavaScript as HttpReply. Only a property that is read costs
// anything.
type replyObject struct {
	vm             *sobek.Runtime
	headerFunction sobek.Value
	reply          *reply
	// Made at the first reading, then kept.
	text, timings, headerLines sobek.Value
}

func newReplyObject(vm *sobek.Runtime, headerFunction sobek.Value, r *reply) sobek.Value {
	return vm.NewDynamicObject(&replyObject{vm: vm, headerFunction: headerFunction, reply: r})
}

var replyKeys = []string{
	"status", "header", "headerLines", "text", "bytes", "digest",
	"failure", "reason", "failureMessage", "remoteAddress", "timings",
}

func (o *replyObject) Get(key string) sobek.Value {
	switch key {
	case "status":
		return o.vm.ToValue(o.reply.status)
	case "header":
		return o.headerFunction
	case "headerLines":
		return o.once(&o.headerLines, o.makeHeaderLines)
	case "text":
		return o.once(&o.text, func() sobek.Value { return o.vm.ToValue(o.reply.text) })
	case "bytes":
		return o.vm.ToValue(o.reply.bytes)
	case "digest":
		return o.vm.ToValue(o.reply.digest)
	case "failure":
		return o.vm.ToValue(o.reply.failure)
	case "reason":
		if o.reply.reason == "" {
			return sobek.Undefined()
		}
		return o.vm.ToValue(o.reply.reason)
	case "failureMessage":
		return o.vm.ToValue(o.reply.failureMessage)
	case "remoteAddress":
		if o.reply.remote == nil {
			return o.vm.ToValue("")
		}
		return o.vm.ToValue(o.reply.remote.String())
	case "timings":
		return o.once(&o.timings, o.makeTimings)
	}
	return nil
}

// Set refuses: a reply is read-only.
func (o *replyObject) Set(string, sobek.Value) bool { return false }
func (o *replyObject) Has(key string) bool          { return slices.Contains(replyKeys, key) }

// Delete refuses what exists: a reply is read-only.
func (o *replyObject) Delete(key string) bool { return !o.Has(key) }
func (o *replyObject) Keys() []string         { return replyKeys }

func (o *replyObject) once(kept *sobek.Value, make func() sobek.Value) sobek.Value {
	if *kept == nil {
		*kept = make()
	}
	return *kept
}

// makeHeaderLines sorts by name, since Go does not keep the order between names; lines of one name
// stay in their order.
func (o *replyObject) makeHeaderLines() sobek.Value {
	names := make([]string, 0, len(o.reply.header))
	for name := range o.reply.header {
		names = append(names, name)
	}
	slices.Sort(names)
	lines := make([]any, 0, len(names))
	for _, name := range names {
		for _, value := range o.reply.header[name] {
			lines = append(lines, o.vm.NewArray(name, value))
		}
	}
	return o.vm.NewArray(lines...)
}

func (o *replyObject) makeTimings() sobek.Value {
	steps := o.reply.steps
	object := o.vm.NewObject()
	for _, field := range []struct {
		name  string
		value time.Duration
	}{
		{"dnsMs", steps.dns}, {"connectMs", steps.connect}, {"tlsMs", steps.tls},
		{"ttfbMs", steps.ttfb()}, {"totalMs", steps.total},
	} {
		_ = object.Set(field.name, float64(field.value)/float64(time.Millisecond)) // a new plain object
	}
	return object
}

// replyHeader makes the method `header(name)` shared by all replies of a VU.
func replyHeader(vm *sobek.Runtime) func(sobek.FunctionCall) sobek.Value {
	return func(call sobek.FunctionCall) sobek.Value {
		this, _ := call.This.(*sobek.Object)
		if this == nil {
			panic(vm.NewTypeError("header must be called on a reply"))
		}
		object, ok := this.Export().(*replyObject)
		if !ok {
			panic(vm.NewTypeError("header must be called on a reply"))
		}
		values := object.reply.header[http.CanonicalHeaderKey(call.Argument(0).String())]
		if len(values) == 0 {
			return sobek.Undefined()
		}
		return vm.ToValue(strings.Join(values, ", "))
	}
}
