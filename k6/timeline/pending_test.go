package timeline

import (
	"fmt"
	"maps"
	"net/netip"
	"slices"
	"testing"
	"time"

	"go.k6.io/k6/v2/metrics"

	"github.com/pullproof/xk6-pullproof/exchange"
)

func unfinished(pull int64, host string, took time.Duration, bytes int64) *exchange.Unfinished {
	return &exchange.Unfinished{
		Phase: "layer", Hop: "edge", Host: host, Method: "GET", URL: "http://" + host + "/blob",
		Remote: netip.MustParseAddrPort("192.0.2.1:80"), Status: 200, Bytes: bytes, BytesExpected: 100,
		Start: someSecond.Add(-took), End: someSecond, Whose: exchange.Whose{VU: 1, Iteration: pull},
	}
}

func TestPendingLines(t *testing.T) {
	t.Parallel()
	lines := ofSeries(record(t,
		unfinished(1, "slow", 30*time.Second, 10),
		unfinished(1, "fast", time.Second, 90), // of the same pull, which waits for the slow one
		unfinished(2, "slow", 10*time.Second, 5),
		unfinished(3, "fast", 2*time.Second, 0),
	), "pending")
	got := map[string]line{}
	for _, one := range lines {
		got[one.Host] = one
	}
	slow, fast := got["slow"], got["fast"]
	if slow.Count != 2 || slow.Pulls != 2 || slow.Bytes != 15 || slow.BytesExpected != 200 ||
		slow.TotalUs != 40_000_000 || slow.Remote != "192.0.2.1:80" || slow.Phase != "layer" || slow.Hop != "edge" {
		t.Errorf("%+v", slow)
	}
	if slow.Longest.Seconds != 30 || slow.Longest.Bytes != 10 || slow.Longest.URL != "http://slow/blob" {
		t.Errorf("%+v", slow.Longest)
	}
	if slow.FirstMs != someSecond.Add(-30*time.Second).UnixMilli() || slow.LastMs != someSecond.UnixMilli() {
		t.Errorf("from %d to %d", slow.FirstMs, slow.LastMs)
	}
	if fast.Count != 2 || fast.Pulls != 1 || fast.Longest.Seconds != 2 {
		t.Errorf("%+v", fast)
	}
}

func TestPendingIsBounded(t *testing.T) {
	t.Parallel()
	many := make([]metrics.SampleContainer, 0, 3*seriesMax)
	for i := range 3 * seriesMax {
		many = append(many, unfinished(int64(i), fmt.Sprintf("host%d", i), time.Second, 1))
	}
	lines, pulls := ofSeries(record(t, many...), "pending"), int64(0)
	for _, one := range lines {
		pulls += one.Pulls
	}
	if len(lines) != seriesMax+1 || pulls != 3*seriesMax {
		t.Errorf("%d lines of %d pulls", len(lines), pulls)
	}
}

// pullWait is a pause that began at some time.
func pullWait(registry *metrics.Registry, why string, at time.Time, pause time.Duration) metrics.Sample {
	metric := registry.MustNewMetric("pull_wait", metrics.Counter)
	return metrics.Sample{
		TimeSeries: metrics.TimeSeries{Metric: metric, Tags: registry.RootTagSet().With("why", why).
			With("class", "reset").With("hop", "edge").With("host", "cdn")},
		Time: at, Value: float64(pause / time.Millisecond),
	}
}

func TestWaitsUnderWay(t *testing.T) {
	t.Parallel()
	registry := metrics.NewRegistry()
	now := time.Now()
	lines := record(t,
		pullWait(registry, "back-off", now, time.Hour),
		pullWait(registry, "back-off", now, time.Hour),
		pullWait(registry, "retry-after", now.Add(-time.Minute), time.Second), // over
	)
	waiting := ofSeries(lines, "waiting")
	if len(waiting) != 1 || waiting[0].Why != "back-off" || waiting[0].Count != 2 ||
		waiting[0].Class != "reset" || waiting[0].Hop != "edge" || waiting[0].Host != "cdn" {
		t.Fatalf("%+v", waiting)
	}
	if left := waiting[0].LeftUs; left > 7_200_000_000 || left < 7_000_000_000 {
		t.Errorf("%d µs are left", left)
	}
	begun := map[string]float64{}
	for _, one := range ofSeries(lines, "metric") {
		begun[one.Tags["why"]] += one.Sum
	}
	if want := map[string]float64{"back-off": 7_200_000, "retry-after": 1000}; !maps.Equal(begun, want) {
		t.Errorf("%v", begun)
	}
}

func TestMissLines(t *testing.T) {
	t.Parallel()
	missed := func(digest string) *exchange.Sample {
		sample := request(someSecond, 200, time.Millisecond)
		sample.Cache, sample.Digest = "miss", digest
		return sample
	}
	cut := missed("c")
	cut.Failure = "short-body"
	var got []string
	for _, one := range ofSeries(record(t, missed("a"), missed("b"), missed("b"), missed(""), cut), "miss") {
		got = append(got, fmt.Sprint(one.Digest, one.Count))
	}
	if !slices.Equal(got, []string{"b2", "a1"}) {
		t.Errorf("%v", got)
	}
	many := misses{}
	for i := range 3 * missesMax {
		many.add(missed(fmt.Sprint(i)))
	}
	if len(many) != missesMax || len(many.lines(1)) != missesToldMax {
		t.Errorf("%d are kept, %d told", len(many), len(many.lines(1)))
	}
}

func TestStepLines(t *testing.T) {
	t.Parallel()
	step := func(phase string, took time.Duration) *exchange.Sample {
		sample := request(someSecond, 200, time.Millisecond)
		sample.Phase, sample.Step = phase, took
		return sample
	}
	got := map[string]int64{}
	for _, one := range ofSeries(record(t,
		step("layer", 5*time.Millisecond), step("layer", 9*time.Millisecond), step("layer", 0),
		step("token", 0), step("upload-chunk", time.Millisecond),
	), "step") {
		histogram := decode(t, one.Duration)
		got[one.Phase] = roughly(histogram.Max(), 9000) + histogram.TotalCount()
	}
	if !maps.Equal(got, map[string]int64{"layer": 9002}) {
		t.Errorf("%v", got)
	}
}

func TestLimitLines(t *testing.T) {
	t.Parallel()
	said := func(after time.Duration, value string) *exchange.Sample {
		sample := request(someSecond.Add(after), 429, time.Millisecond)
		sample.Limits = []exchange.RateLimit{{Name: "ratelimit-remaining", Value: value}}
		return sample
	}
	lines := ofSeries(record(t, said(2, "5;w=60"), said(3, "7;w=60"), said(1, "0;w=60")), "limit")
	if len(lines) != 1 || lines[0].Count != 3 || fmt.Sprint(lines[0].Last) != "7;w=60" ||
		lines[0].Least == nil || *lines[0].Least != 0 || lines[0].Host != "cdn.test" || lines[0].Hop != "edge" {
		t.Errorf("%+v", lines)
	}
	for _, value := range []string{"192.0.2.1", "2001:db8::1", "Sun, 01 Jan", "", ".", "d;r=5"} {
		if number, ok := leadingNumber(value); ok {
			t.Errorf("%q is %v", value, number)
		}
	}
}

// TestFailureTags: failures are told by place, however many hosts fail.
func TestFailureTags(t *testing.T) {
	t.Parallel()
	registry := metrics.NewRegistry()
	metric := registry.MustNewMetric("pull_failed", metrics.Counter)
	failed := func(host string) metrics.Sample {
		tags := registry.RootTagSet().With("class", "refused").With("reason", "unreachable").With("phase", "layer").
			With("hop", "edge").With("host", host).With("status", "0").With("client", "podman")
		return metrics.Sample{TimeSeries: metrics.TimeSeries{Metric: metric, Tags: tags}, Time: someSecond, Value: 1}
	}
	var many metrics.Samples
	for i := range 2 * seriesMax {
		many = append(many, failed(fmt.Sprintf("host%d", i)))
	}
	lines, sum := ofSeries(record(t, many), "metric"), 0.0
	for _, one := range lines {
		sum += one.Sum
		if one.Tags["class"] != "refused" {
			t.Fatalf("%+v", one)
		}
	}
	if len(lines) != seriesMax+1 || sum != 2*seriesMax {
		t.Errorf("%d lines of %v failures", len(lines), sum)
	}
	want := map[string]string{"class": "refused", "reason": "unreachable", "phase": "layer", "hop": "edge",
		"host": "h", "status": "0", "client": "podman"}
	if one := ofSeries(record(t, metrics.Samples{failed("h")}), "metric"); !maps.Equal(one[0].Tags, want) {
		t.Errorf("%v", one[0].Tags)
	}
}
