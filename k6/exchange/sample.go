package exchange

import (
	"context"
	"net"
	"net/http"
	"net/netip"
	"strconv"
	"strings"
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
	// Edge is the CDN's name of the edge that answered, or ''; Remote the peer, invalid without one.
	Edge   string
	Remote netip.AddrPort
	// Refused: a 401 to a request that showed credentials.
	Refused bool
	// Failure is a TransportFailure, or ''.
	Failure string
	Bytes   int64
	// NewConnection: a TCP connection was opened for this request.
	NewConnection bool
	Start, End    time.Time
	// Duration is k6's http_req_duration: from having a connection to the last byte.
	Duration time.Duration
	// TTFB is from having a connection to the first byte of the reply.
	TTFB time.Duration
	// DNS, Connect and TLS are 0 for what did not happen, as on a connection that was used again.
	DNS, Connect, TLS time.Duration
	// Receiving is from the first byte of the reply to the last.
	Receiving time.Duration
	// Step is how long the whole step took that this reply ends, dialling and redirects included; 0 for a
	// reply that ends none.
	Step time.Duration
	// Digest of the body, where the edge did not have it; else ''.
	Digest string
	// Limits are what the reply says of rate limits.
	Limits  []RateLimit
	steps   steps
	tags    metrics.TagsAndMeta
	builtin *metrics.BuiltinMetrics
}

// IsPush tells the phases of a push (src/protocol/push-phase.ts) from those of a pull.
func IsPush(phase string) bool {
	return strings.HasPrefix(phase, "push-") || strings.HasPrefix(phase, "upload-") ||
		phase == "manifest-put"
}

// Failed: no whole reply, or an error status. A 401 to what showed no credentials is the first half of the
// token flow, and 404 the answer that a push hopes for when it asks whether a blob is there: neither is an
// error.
func (s *Sample) Failed() bool {
	if s.Status == http.StatusNotFound && s.Phase == "upload-check" {
		return s.Failure != ""
	}
	return s.Failure != "" || s.Refused ||
		s.Status >= http.StatusBadRequest && s.Status != http.StatusUnauthorized
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

// endsStep: what the step was for has come. A 401 is what a ping asks for; to anything else it is no answer.
func (s *Sample) endsStep(r *reply) bool {
	return !s.Failed() && !r.redirects() && (s.Status != http.StatusUnauthorized || s.Phase == "ping")
}

// redirects: see isRedirect in src/protocol/redirect.ts.
func (r *reply) redirects() bool {
	switch r.status {
	case http.StatusMovedPermanently, http.StatusFound, http.StatusSeeOther,
		http.StatusTemporaryRedirect, http.StatusPermanentRedirect:
		return len(r.header["Location"]) > 0
	}
	return false
}

// timeStep adds the reply's time to that of what it follows or goes on with.
func timeStep(req *request, r *reply) {
	r.step = r.steps.total
	if req.follows != nil {
		r.step += req.follows.step
	} else if req.resumes != nil {
		r.step += req.resumes.step
	}
}

// isBlobReply: a CDN may stand before the registry as well, without a redirect.
func isBlobReply(phase string, status int) bool {
	return (phase == "config" || phase == "layer") &&
		(status == http.StatusOK || status == http.StatusPartialContent)
}

// peer is invalid where no connection was made.
func (r *reply) peer() netip.AddrPort {
	if peer, ok := r.remote.(*net.TCPAddr); ok {
		return peer.AddrPort()
	}
	return netip.AddrPort{}
}

// push hands the measurement to k6. What k6 itself interrupted is nobody's failure: it is told apart.
func push(ctx context.Context, state *lib.State, tags metrics.TagsAndMeta, req *request, r *reply) {
	timeStep(req, r)
	if r.failure == interrupted {
		pushUnfinished(state, req, r)
		return
	}
	sample := &Sample{
		Phase: req.phase, Hop: req.hop, Host: r.host, Status: r.status, Failure: r.failure,
		Bytes: r.bytes, NewConnection: r.newConnection,
		Start: r.end.Add(-r.steps.total), End: r.end, steps: r.steps,
		Duration: r.steps.ttfb() + r.steps.receiving, TTFB: r.steps.ttfb(),
		DNS: r.steps.dns, Connect: r.steps.connect, TLS: r.steps.tls, Receiving: r.steps.receiving,
		Limits:  limitsOf(req.phase, r),
		Refused: r.status == http.StatusUnauthorized && req.authorization != "",
		tags:    tags, builtin: state.BuiltinMetrics,
	}
	if req.hop == "edge" || isBlobReply(req.phase, r.status) {
		sample.Cache = cacheVerdict(r.header)
		sample.Edge = edgeID(r.header)
		if req.hop != "edge" && sample.Edge == "" && sample.Cache == "unknown" {
			sample.Cache = "" // the registry itself, with no CDN before it
		}
		if sample.Cache == "miss" {
			sample.Digest = r.digest
		}
	}
	if sample.endsStep(r) {
		sample.Step = r.step
	}
	sample.Remote = r.peer()
	req.record.add(sample)
	metrics.PushIfNotDone(ctx, state.Samples, sample)
}
