package exchange

import (
	"fmt"
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
	vm := m.vu.Runtime()
	state := m.vu.State()
	if state == nil {
		panic(vm.NewGoError(errInitContext))
	}
	if len(call.Arguments)%2 != 0 {
		panic(vm.NewTypeError("k6/x/pullproof: add takes names and values in turn"))
	}
	now, tags := time.Now(), state.Tags.GetCurrentValues()
	samples := make([]metrics.Sample, len(call.Arguments)/2)
	for i := range samples {
		metric, err := m.adder.metricOf(call.Arguments[2*i].String())
		if err != nil {
			panic(vm.NewTypeError("k6/x/pullproof: " + err.Error()))
		}
		samples[i] = metrics.Sample{
			TimeSeries: metrics.TimeSeries{Metric: metric, Tags: tags.Tags},
			Time:       now, Metadata: tags.Metadata, Value: call.Arguments[2*i+1].ToFloat(),
		}
	}
	metrics.PushIfNotDone(m.vu.Context(), state.Samples, metrics.ConnectedSamples{
		Samples: samples, Tags: tags.Tags, Time: now,
	})
	return sobek.Undefined()
}
