package exchange

import (
	"fmt"
	"sync"
	"time"

	"github.com/grafana/sobek"
	"go.k6.io/k6/v2/metrics"
)

// adder adds to k6's metrics by name, several in one call: a method call of k6's own metrics costs as
// much as ten steps of a script.
type adder struct {
	registry *metrics.Registry
	known    map[string]*metrics.Metric
}

// metricOf finds a metric that the script or k6 has declared.
func (a *adder) metricOf(name string) (*metrics.Metric, error) {
	metric := a.known[name]
	if metric == nil {
		if metric = a.registry.Get(name); metric == nil {
			return nil, fmt.Errorf("no metric is named %q: declare it in the init context", name)
		}
		a.known[name] = metric
	}
	return metric, nil
}

// add(name, value, name, value, …) adds to each of these metrics, at one moment and with the VU's tags.
func (m *vuModule) add(call sobek.FunctionCall) sobek.Value {
	return m.addAll(nil, call.Arguments)
}

// addTagged(tags, name, value, …) is add with tags of its own, an object of texts; empty ones are left out.
func (m *vuModule) addTagged(call sobek.FunctionCall) sobek.Value {
	tags, ok := call.Argument(0).(*sobek.Object)
	if !ok {
		panic(m.vu.Runtime().NewTypeError("k6/x/pullproof: addTagged takes an object of tags first"))
	}
	return m.addAll(tags, call.Arguments[1:])
}

func (m *vuModule) addAll(own *sobek.Object, namesAndValues []sobek.Value) sobek.Value {
	vm := m.vu.Runtime()
	state := m.vu.State()
	if state == nil {
		panic(vm.NewGoError(errInitContext))
	}
	if len(namesAndValues)%2 != 0 {
		panic(vm.NewTypeError("k6/x/pullproof: add takes names and values in turn"))
	}
	now, tags := time.Now(), state.Tags.GetCurrentValues()
	if own != nil {
		for _, name := range own.Keys() {
			if value := textOf(own, name); value != "" {
				tags.Tags = tags.Tags.With(name, value)
			}
		}
	}
	samples := make([]metrics.Sample, len(namesAndValues)/2)
	for i := range samples {
		metric, err := m.adder.metricOf(namesAndValues[2*i].String())
		if err != nil {
			panic(vm.NewTypeError("k6/x/pullproof: " + err.Error()))
		}
		samples[i] = metrics.Sample{
			TimeSeries: metrics.TimeSeries{Metric: metric, Tags: tags.Tags},
			Time:       now, Metadata: tags.Metadata, Value: namesAndValues[2*i+1].ToFloat(),
		}
	}
	metrics.PushIfNotDone(m.vu.Context(), state.Samples, metrics.ConnectedSamples{
		Samples: samples, Tags: tags.Tags, Time: now,
	})
	return sobek.Undefined()
}

// firstsMax bounds the keys: hosts in them are the registry's choice.
const firstsMax = 2000

// firsts are keys that some VU of this process has asked with.
var firsts = struct {
	sync.Mutex
	keys map[string]struct{}
}{keys: map[string]struct{}{}}

// isFirst(key) is true once in this process; beyond firstsMax keys, never.
func (m *vuModule) isFirst(call sobek.FunctionCall) sobek.Value {
	key := call.Argument(0).String()
	firsts.Lock()
	defer firsts.Unlock()
	_, known := firsts.keys[key]
	isFirst := !known && len(firsts.keys) < firstsMax
	if isFirst {
		firsts.keys[key] = struct{}{}
	}
	return m.vu.Runtime().ToValue(isFirst)
}
