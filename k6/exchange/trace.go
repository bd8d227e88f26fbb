package exchange

import (
	"crypto/tls"
	"net"
	"net/http/httptrace"
	"sync/atomic"
	"time"
)

// trace notes when each step of one request happened, in nanoseconds since start (0: it did not).
// Hooks of an abandoned dial may fire late and from other goroutines, hence the atomics.
type trace struct {
	start                                                 time.Time
	connectStart, connectDone, tlsStart, tlsDone, gotConn atomic.Int64
	wroteRequest, firstByte                               atomic.Int64
	reused                                                bool
	remote                                                net.Addr
	// literalHost: the URL names an IP address, so nothing is resolved.
	literalHost bool
}

func newTrace() *trace { return &trace{start: time.Now()} }

func (t *trace) mark(at *atomic.Int64) { at.Store(int64(time.Since(t.start)) | 1) }

func (t *trace) hooks() *httptrace.ClientTrace {
	return &httptrace.ClientTrace{
		ConnectStart: func(_, _ string) { t.mark(&t.connectStart) },
		ConnectDone: func(_, _ string, err error) {
			if err == nil {
				t.mark(&t.connectDone)
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
		},
		WroteRequest:         func(httptrace.WroteRequestInfo) { t.mark(&t.wroteRequest) },
		GotFirstResponseByte: func() { t.mark(&t.firstByte) },
	}
}

func (t *trace) stage() stage {
	switch {
	case t.gotConn.Load() != 0:
		return exchanging
	case t.connectDone.Load() != 0:
		return handshaking
	case t.connectStart.Load() != 0 || t.literalHost:
		return dialling
	}
	return resolving
}

// steps are the durations of one request's steps; 0 for a step that did not happen.
type steps struct {
	// dns: from asking for a connection to the start of the dial. k6's dialer resolves names itself
	// and fires no DNS hooks, so this is its whole lookup (its cache, `hosts` and blocklists
	// included).
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
		if !t.literalHost {
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
