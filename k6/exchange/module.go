// Package exchange is the k6 module k6/x/pullproof: it performs exactly one HTTP request per call,
// streams the body through a digest in constant memory and reports what happened. It unpacks a body
// only where the request says that its client does, never follows a redirect and never retries: all
// that is decided by the conversation in TypeScript. (Go's transport repeats a request whose reused connection had been closed meanwhile.)
package exchange

import (
	"errors"
	"time"

	"github.com/grafana/sobek"
	"go.k6.io/k6/v2/js/modules"
	"go.k6.io/k6/v2/metrics"
)

func init() { modules.Register("k6/x/pullproof", &rootModule{}) }

type rootModule struct{}

// NewModuleInstance is called once per VU.
func (*rootModule) NewModuleInstance(vu modules.VU) modules.Instance {
	vm := vu.Runtime()
	instance := &vuModule{vu: vu, headerFunction: vm.ToValue(replyHeader(vm)), asks: asks{},
		transports: transports{}, records: map[int64]*record{},
		adder: adder{registry: vu.InitEnv().Registry, known: map[string]*metrics.Metric{}}}
	instance.exports = modules.Exports{Named: map[string]any{
		"request": vm.ToValue(instance.request), "now": vm.ToValue(clock(vm)),
		"add": vm.ToValue(instance.add), "addTagged": vm.ToValue(instance.addTagged),
		"isFirst":   vm.ToValue(instance.isFirst),
		"beginPull": vm.ToValue(instance.beginPull), "tellPull": vm.ToValue(instance.tellPull),
		"endPull": vm.ToValue(instance.endPull), "seededDigest": vm.ToValue(instance.seededDigest),
	}}
	return instance
}

// vuModule is the module as one VU sees it.
type vuModule struct {
	vu modules.VU
	// exports holds JavaScript functions: k6 would wrap Go functions anew at every mention in a
	// script.
	exports modules.Exports
	// headerFunction is the method `header` of every reply; it finds its reply in `this`.
	headerFunction sobek.Value
	asks           asks
	transports     transports
	adder          adder
	// records are the pulls under way, by user.
	records map[int64]*record
}

func (m *vuModule) Exports() modules.Exports { return m.exports }

var processStart = time.Now()

// now is a monotonic clock in milliseconds with fractions, which k6 lacks; its zero has no meaning.
func now() float64 { return float64(time.Since(processStart)) / float64(time.Millisecond) }

// clock is now without the reflection that a plain Go function costs at each call: clients whose tokens
// end look at it before every request.
func clock(vm *sobek.Runtime) func(sobek.FunctionCall) sobek.Value {
	return func(sobek.FunctionCall) sobek.Value { return vm.ToValue(now()) }
}

var errInitContext = errors.New("k6/x/pullproof: request cannot be called in the init context")

// request(req, timeoutMs, done, user) starts one request and returns at once; done(reply) is called
// later on the VU's event loop, exactly once. It throws only for wrong arguments, never for what the
// network does.
func (m *vuModule) request(call sobek.FunctionCall) sobek.Value {
	vm := m.vu.Runtime()
	state := m.vu.State()
	if state == nil {
		panic(vm.NewGoError(errInitContext))
	}
	done, ok := sobek.AssertFunction(call.Argument(2))
	if !ok {
		panic(vm.NewTypeError("k6/x/pullproof: the third argument must be a function"))
	}
	req, err := m.asks.readRequest(call.Argument(0), call.Argument(1))
	if err != nil {
		panic(vm.NewTypeError("k6/x/pullproof: " + err.Error()))
	}
	req.whose = Whose{VU: state.VUIDGlobal, Iteration: state.Iteration, User: userOf(call.Argument(3))}
	if len(m.records) > 0 {
		req.record = m.records[req.whose.User]
	}
	req.transport = m.transports.forRequest(req.ask, req.whose.User, state)
	ctx := m.vu.Context()
	tags := state.Tags.GetCurrentValues()
	enqueue := m.vu.RegisterCallback()
	go func() {
		reply := perform(ctx, state, req)
		push(ctx, state, tags, req, reply)
		enqueue(func() error {
			_, err := done(sobek.Undefined(), newReplyObject(vm, m.headerFunction, reply))
			return err
		})
	}()
	return sobek.Undefined()
}

// endPull(user) closes the idle connections of clients that keep none from pull to pull.
func (m *vuModule) endPull(call sobek.FunctionCall) sobek.Value {
	m.transports.endPull(userOf(call.Argument(0)))
	return sobek.Undefined()
}
