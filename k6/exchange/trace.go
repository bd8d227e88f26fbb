package exchange

import (
	"context"
	"crypto/tls"
	"net"
	"net/http/httptrace"
	"net/netip"
	"sync/atomic"
	"time"
)

// traceKey is that of the trace in the context of its request.
type traceKey struct{}

// traceOf is nil for a context without one.
func traceOf(ctx context.Context) *trace {
	watch, _ := ctx.Value(traceKey{}).(*trace)
	return watch
}

// trace notes when each step of one request happened, in nanoseconds since start (0: it did not).
// Hooks of an abandoned dial may fire late and from other goroutines, hence the atomics.
type trace struct {
	start time.Time
	// host is the URL's, without the port of HTTPS.
	host string
	// timeout is the request's time limit.
	timeout                                               time.Duration
	dnsStart, dnsDone                                     atomic.Int64
	connectStart, connectDone, tlsStart, tlsDone, gotConn atomic.Int64
	// proxyAsked: CONNECT is about to go out; proxyAgreed: and was answered by 200.
	proxyAsked, proxyAgreed atomic.Int64
	wroteRequest, firstByte atomic.Int64
	reused                  bool
	remote                  net.Addr
	// dialled is the address that took a connection first, where nothing could be sent on it in the end.
	dialled atomic.Pointer[net.TCPAddr]
	// certificateAsked: the server asked for a certificate of ours, and we have none for it.
	certificateAsked atomic.Bool
	// conn is the last connection that the request was sent on, tries how often it was sent at all, and
	// sentAgain that one connection took it twice.
	conn      net.Conn
	tries     int
	sentAgain bool
	// literalHost: the URL names an IP address, so nothing is resolved.
	literalHost bool
}

func newTrace(timeout time.Duration) *trace { return &trace{start: time.Now(), timeout: timeout} }

func (t *trace) mark(at *atomic.Int64) { at.Store(int64(time.Since(t.start)) | 1) }

// markFirst is mark for what is done once for each address of a name.
func (t *trace) markFirst(at *atomic.Int64) { at.CompareAndSwap(0, int64(time.Since(t.start))|1) }

func (t *trace) hooks() *httptrace.ClientTrace {
	return &httptrace.ClientTrace{
		DNSStart:     func(httptrace.DNSStartInfo) { t.mark(&t.dnsStart) },
		DNSDone:      func(httptrace.DNSDoneInfo) { t.mark(&t.dnsDone) },
		ConnectStart: func(_, _ string) { t.markFirst(&t.connectStart) },
		ConnectDone: func(_, address string, err error) {
			if err == nil {
				t.markFirst(&t.connectDone)
				t.noteDialled(address)
			}
		},
		TLSHandshakeStart: func() { t.mark(&t.tlsStart) },
		TLSHandshakeDone: func(_ tls.ConnectionState, err error) {
			if err == nil {
				t.mark(&t.tlsDone)
			}
		},
		// Called by RoundTrip itself, before it returns.
		GotConn: func(info httptrace.GotConnInfo) {
			t.mark(&t.gotConn)
			t.reused, t.remote = info.Reused, info.Conn.RemoteAddr()
			t.tries++
			t.sentAgain, t.conn = t.sentAgain || t.conn == info.Conn, info.Conn
		},
		WroteRequest:         func(httptrace.WroteRequestInfo) { t.mark(&t.wroteRequest) },
		GotFirstResponseByte: func() { t.mark(&t.firstByte) },
	}
}

func (t *trace) noteDialled(address string) {
	if at, err := netip.ParseAddrPort(address); err == nil {
		t.dialled.CompareAndSwap(nil, net.TCPAddrFromAddrPort(at))
	}
}

// peer is who answers, or would have if the handshake had come to its end; nil if no connection was made.
func (t *trace) peer() net.Addr {
	if at := t.dialled.Load(); t.remote == nil && at != nil {
		return at
	}
	return t.remote
}

func (t *trace) stage() stage {
	switch {
	case t.gotConn.Load() != 0:
		return exchanging
	case t.proxyAsked.Load() != 0 && t.proxyAgreed.Load() == 0:
		return connectingByProxy
	case t.connectDone.Load() != 0:
		return handshaking
	case t.connectStart.Load() != 0 || t.dnsDone.Load() != 0 || t.literalHost:
		return dialling
	}
	return resolving
}

// goAwaysMin: so many HTTP/2 connections in a row that would not take a request tell of a server that
// takes none. One or two may have been old.
const goAwaysMin = 3

// repeating is why net/http sent a request again and again: over HTTP/2, a stream that is refused on
// the same connection, or a connection that ends (GOAWAY) before it; empty for neither.
func (t *trace) repeating() string {
	conn, ok := t.conn.(*tls.Conn)
	switch {
	case !ok || conn.ConnectionState().NegotiatedProtocol != "h2":
		return ""
	case t.sentAgain:
		return "refused-stream"
	case t.tries >= goAwaysMin:
		return "goaway"
	}
	return ""
}

// steps are the durations of one request's steps; 0 for a step that did not happen.
type steps struct {
	// dns: the lookup. Where k6's own dialer makes it, it fires no DNS hooks: then it is the time from
	// asking for a connection to the start of the dial.
	dns, connect, tls time.Duration
	// blocked: from the start to having a connection (dns, connect and tls included).
	blocked time.Duration
	// sending, waiting, receiving: until the request was written, until the first byte, until the
	// last.
	sending, waiting, receiving time.Duration
	total                       time.Duration
}

// ttfb is from starting to send the request to the first byte of the reply.
func (s steps) ttfb() time.Duration { return s.sending + s.waiting }

func (t *trace) steps(end time.Time) steps {
	total := int64(end.Sub(t.start))
	out := steps{total: time.Duration(total), blocked: time.Duration(total)}
	connectStart, connectDone := t.connectStart.Load(), t.connectDone.Load()
	tlsStart, tlsDone := t.tlsStart.Load(), t.tlsDone.Load()
	gotConn := t.gotConn.Load()
	if gotConn == 0 || !t.reused { // a reused connection owes nothing to a dial begun meanwhile
		switch dnsStart := t.dnsStart.Load(); {
		case dnsStart != 0:
			out.dns = between(dnsStart, t.dnsDone.Load(), total)
		case !t.literalHost:
			out.dns = between(0, connectStart, total)
		}
		out.connect = between(connectStart, connectDone, total)
		out.tls = between(tlsStart, tlsDone, total)
		if connectStart == 0 {
			out.connect = 0
		}
		if tlsStart == 0 {
			out.tls = 0
		}
	}
	if gotConn == 0 {
		return out
	}
	out.blocked = time.Duration(gotConn)
	firstByte := t.firstByte.Load()
	wrote := t.wroteRequest.Load()
	if firstByte != 0 && (wrote == 0 || wrote > firstByte) { // answered before all was written
		wrote = firstByte
	}
	out.sending = between(gotConn, wrote, total)
	if wrote != 0 {
		out.waiting = between(wrote, firstByte, total)
	}
	if firstByte != 0 {
		out.receiving = between(firstByte, total, total)
	}
	return out
}

// between is from..to, or from..total for a step that began and never ended.
func between(from, to, total int64) time.Duration {
	if to == 0 {
		to = total
	}
	return time.Duration(max(0, to-from))
}
