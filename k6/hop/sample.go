package hop

import (
	"context"
	"net/http"
	"strconv"
	"time"

	"go.k6.io/k6/v2/lib"
	"go.k6.io/k6/v2/metrics"
)

// Sample is the measurement of one request, one container per request on k6's sample channel. Our
// own output reads the fields; k6's metrics are made from them only if somebody calls GetSamples.
type Sample struct {
	Phase, Hop, Host string
	// Status is 0 when no reply came.
	Status int
	// Cache is hit, miss or unknown at the edge, '' elsewhere.
	Cache string
	// Failure is a TransportFailure, or ''.
	Failure string
	Bytes   int64
	// NewConnection: a TCP connection was opened for this request.
	NewConnection bool
	Start, End    time.Time
	// Duration is k6's http_req_duration: from having a connection to the last byte.
	Duration time.Duration
	// TTFB is from having a connection to the first byte of the reply.
	TTFB    time.Duration
	steps   steps
	tags    metrics.TagsAndMeta
	builtin *metrics.BuiltinMetrics
}

// Failed: no whole reply, or an error status. 401 is the first half of the token flow, not an
// error.
func (s *Sample) Failed() bool {
	return s.Failure != "" || s.Status >= http.StatusBadRequest && s.Status != http.StatusUnauthorized
}

// GetSamples implements metrics.SampleContainer. URLs never become tags: they hold signatures.
func (s *Sample) GetSamples() []metrics.Sample {
	tags := s.tags.Tags.With("phase", s.Phase).With("hop", s.Hop).With("host", s.Host).
		With("status", strconv.Itoa(s.Status))
	if s.Cache != "" {
		tags = tags.With("cache", s.Cache)
	}
	if s.Failure != "" {
		tags = tags.With("failure", s.Failure)
	}
	failed := 0.0
	if s.Failed() {
		failed = 1
	}
	values := [...]struct {
		metric *metrics.Metric
		value  float64
	}{
		{s.builtin.HTTPReqs, 1},
		{s.builtin.HTTPReqDuration, metrics.D(s.Duration)},
		{s.builtin.HTTPReqBlocked, metrics.D(s.steps.blocked)},
		{s.builtin.HTTPReqConnecting, metrics.D(s.steps.connect)},
		{s.builtin.HTTPReqTLSHandshaking, metrics.D(s.steps.tls)},
		{s.builtin.HTTPReqSending, metrics.D(s.steps.sending)},
		{s.builtin.HTTPReqWaiting, metrics.D(s.steps.waiting)},
		{s.builtin.HTTPReqReceiving, metrics.D(s.steps.receiving)},
		{s.builtin.HTTPReqFailed, failed},
	}
	samples := make([]metrics.Sample, len(values))
	for i, entry := range values {
		samples[i] = metrics.Sample{
			TimeSeries: metrics.TimeSeries{Metric: entry.metric, Tags: tags},
			Time:       s.End, Value: entry.value, Metadata: s.tags.Metadata,
		}
	}
	return samples
}

// push hands the measurement to k6. What k6 itself interrupted is nobody's failure and is not
// counted.
func push(ctx context.Context, state *lib.State, tags metrics.TagsAndMeta, req *request, r *reply) {
	if r.failure == interrupted {
		return
	}
	sample := &Sample{
		Phase: req.phase, Hop: req.hop, Host: r.host, Status: r.status, Failure: r.failure,
		Bytes: r.bytes, NewConnection: r.newConnection,
		Start: r.end.Add(-r.steps.total), End: r.end, steps: r.steps,
		Duration: r.steps.ttfb() + r.steps.receiving, TTFB: r.steps.ttfb(),
		tags: tags, builtin: state.BuiltinMetrics,
	}
	if req.hop == "edge" {
		sample.Cache = cacheVerdict(r.header)
	}
	metrics.PushIfNotDone(ctx, state.Samples, sample)
}
