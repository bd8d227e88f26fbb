package exchange

import (
	"context"
	"errors"
	"hash"
	"io"
	"math"
	"net"
	"net/http"
	"net/http/httptrace"
	"strings"
	"sync/atomic"
	"time"

	"go.k6.io/k6/v2/lib"
)

// reply is HttpReply in Go, with the steps' durations that metrics need besides.
type reply struct {
	status       int
	header       http.Header
	text, digest string
	bytes        int64
	failure      string
	// reason is a FailureReason, or '' where nothing finer than the class is known.
	reason         string
	failureMessage string
	remote         net.Addr
	// host of the URL, with its port when one was given; '' for an unusable URL.
	host          string
	newConnection bool
	end           time.Time
	steps         steps
	// step is the time since the step began that this reply belongs to: of the redirects that led here too,
	// and of the body that it goes on with.
	step time.Duration
	// hash of a body that another may go on with; nil for none.
	hash hash.Hash
	// assembly of the parts behind this one; nil for none.
	assembly *assembly
}

// takeHash gives the hash away: it can go on in one body only.
func (r *reply) takeHash() hash.Hash {
	if r.assembly != nil {
		return r.assembly.takeHash()
	}
	taken := r.hash
	r.hash = nil
	return taken
}

// perform sends req over its client's transport and reads the whole reply. The time limit bounds
// the wait for the reply's head and every gap between two pieces of a body, not the whole upload or
// download: a large layer on a slow link is slow, not stalled.
func perform(vuCtx context.Context, state *lib.State, req *request) *reply {
	out := &reply{}
	if state.RPSLimit != nil {
		if err := state.RPSLimit.Wait(vuCtx); err != nil {
			return out.fail(interrupted, err, time.Now())
		}
	}
	watch := newTrace(req.timeout)
	traced := context.WithValue(vuCtx, traceKey{}, watch)
	ctx, cancel := context.WithCancel(httptrace.WithClientTrace(traced, watch.hooks()))
	defer cancel()
	var timer *time.Timer
	progress := func() { timer.Reset(req.timeout) }
	httpRequest, err := newHTTPRequest(ctx, req, progress)
	if err != nil {
		return out.fail(badHTTP, err, time.Now())
	}
	out.host = httpRequest.URL.Host
	watch.host = withoutPortOfTLS(out.host)
	watch.literalHost = net.ParseIP(httpRequest.URL.Hostname()) != nil

	var overdue, stalled atomic.Bool
	timer = time.AfterFunc(math.MaxInt64, func() {
		// A dial ends by the same limit itself, with its own words for it.
		if watch.stage() <= dialling && !overdue.Swap(true) {
			timer.Reset(dialGrace)
			return
		}
		stalled.Store(true)
		cancel()
	})
	defer timer.Stop()
	timer.Reset(req.timeout) // not before: the function uses timer

	response, err := req.transport.RoundTrip(httpRequest)
	inBody := err == nil
	if inBody {
		out.status, out.header = response.StatusCode, response.Header
		if req.hop == "registry" && out.status != http.StatusProxyAuthRequired {
			skew.note(out.header, time.Now())
		}
		if !req.leavesUnread(out.status) {
			err = readBody(response, req, out, progress)
		}
		if err == nil && out.status == http.StatusProxyAuthRequired && isProxied(req.transport, httpRequest) {
			err = &proxyRefusal{out.status, http.StatusText(out.status)}
			out.status, out.header = 0, nil // no reply of the server
		}
		_ = response.Body.Close() // the body is read to its end, or given up
	}
	out.end = time.Now()
	out.remote, out.newConnection = watch.peer(), watch.remote != nil && !watch.reused
	out.steps = watch.steps(out.end)
	if err != nil {
		now := situation{
			stage: watch.stage(), inBody: inBody, certificateAsked: watch.certificateAsked.Load(),
			interrupted: vuCtx.Err() != nil, stalled: stalled.Load(),
		}
		if !inBody {
			now.repeating = watch.repeating()
		}
		why := classify(err, now)
		out.reason = why.reason
		out.fail(why.class, wordsOf(err, why), out.end)
	}
	return out
}

// dialGrace is how long a dial may take to notice that its time is over.
const dialGrace = time.Second

var (
	errNoProgress = errors.New("no answer or no progress within the time limit")
	// These have net/http's words, but for numbers that it does not tell.
	errRefusedStream = errors.New("stream error: REFUSED_STREAM; received from peer")
	errGoAway        = errors.New("http2: Transport received Server's graceful shutdown GOAWAY")
)

// wordsOf has Go's own words for a failure, as a client prints them.
func wordsOf(err error, why cause) error {
	switch {
	case why.reason == "http-to-https-client":
		return http.ErrSchemeMismatch // what http.Client makes of it
	case why.class == interrupted:
		return err
	case !errors.Is(err, context.Canceled):
		return err
	case why.reason == "refused-stream":
		return errRefusedStream
	case why.reason == "goaway":
		return errGoAway
	}
	return errNoProgress // by our own time limit
}

const failureMessageBytesMax = 512

// fail records why there is no (whole) reply. Words that came from the peer are bounded.
func (r *reply) fail(class string, err error, end time.Time) *reply {
	r.failure, r.end = class, end
	r.failureMessage = err.Error()
	if len(r.failureMessage) > failureMessageBytesMax {
		r.failureMessage = strings.ToValidUTF8(r.failureMessage[:failureMessageBytesMax], "") + "…"
	}
	return r
}

// progress is called for every piece of a seeded body that goes out.
func newHTTPRequest(ctx context.Context, req *request, progress func()) (*http.Request, error) {
	var body io.Reader
	switch {
	case req.seeded != nil:
		body = req.seeded.reader(progress)
	case req.hasBody:
		body = strings.NewReader(req.body)
	}
	out, err := http.NewRequestWithContext(ctx, req.method, req.url, body)
	if err != nil {
		return nil, err
	}
	if scheme := out.URL.Scheme; scheme != "http" && scheme != "https" {
		return nil, errors.New("unsupported URL scheme: " + scheme)
	}
	if req.seeded != nil {
		out.ContentLength = req.seeded.to - req.seeded.from
		out.GetBody = func() (io.ReadCloser, error) {
			return io.NopCloser(req.seeded.reader(progress)), nil
		}
	}
	out.Header = req.allHeaders()
	if req.host != "" {
		out.Host = req.host
	}
	return out, nil
}
