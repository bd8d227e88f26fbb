package exchange

import (
	"testing"

	"go.k6.io/k6/v2/metrics"
)

func TestAddsToSeveralMetricsAtOnce(t *testing.T) {
	vu := newVU(t)
	vu.registry.MustNewMetric("pulls", metrics.Counter)
	vu.registry.MustNewMetric("took", metrics.Trend, metrics.Time)
	vu.run(`var out; add('pulls', 1, 'took', 2.5)`)
	got := (<-vu.samples).GetSamples()
	if len(got) != 2 || len(vu.samples) != 0 {
		t.Fatalf("%d samples, %d more containers", len(got), len(vu.samples))
	}
	for i, want := range []struct {
		name  string
		value float64
	}{{"pulls", 1}, {"took", 2.5}} {
		if got[i].Metric.Name != want.name || got[i].Value != want.value {
			t.Errorf("%s is %v, not %s of %v", got[i].Metric.Name, got[i].Value, want.name, want.value)
		}
	}
	if value, _ := got[0].Tags.Get("scenario"); value != "test" {
		t.Errorf("the VU's tags are missing: %v", got[0].Tags)
	}
}

func TestAddRefusesWhatNobodyDeclared(t *testing.T) {
	for _, arguments := range []string{`'nothing', 1`, `'pulls'`} {
		vu := newVU(t)
		vu.registry.MustNewMetric("pulls", metrics.Counter)
		out := vu.run(`var out = ''; try { add(` + arguments + `) } catch (e) { out = e.name }`)
		if out != "TypeError" || len(vu.samples) != 0 {
			t.Errorf("add(%s): %q", arguments, out)
		}
	}
}
