package exchange

// From Go's errors to the failure classes of src/protocol/talk.ts. Types and values decide, not the
// words of an error; what has no type of its own is classed by the stage that the request had
// reached.

import (
	"crypto/tls"
	"errors"
	"io"
	"net"
	"os"
	"strings"
	"syscall"

	"go.k6.io/k6/v2/lib/netext"
)

// The classes of TransportFailure.
const (
	dnsFailure     = "dns"
	refused        = "refused"
	clientLimit    = "client-limit"
	dialTimeout    = "dial-timeout"
	proxyFailure   = "proxy"
	tlsFailure     = "tls"
	http2Failure   = "http2"
	reset          = "reset"
	stalledFailure = "stalled"
	shortBody      = "short-body"
	longBody       = "long-body"
	badHTTP        = "bad-http"
	interrupted    = "interrupted"
)

// stage is how far a request got.
type stage int

const (
	resolving stage = iota
	dialling
	connectingByProxy
	handshaking
	exchanging
)

// situation is what an error alone does not say.
type situation struct {
	stage stage
	// inBody: the head of the reply had arrived.
	inBody bool
	// interrupted: k6 ended the VU's iteration.
	interrupted bool
	// stalled: our own time limit ended the request.
	stalled bool
	// repeating is that of trace, while no reply had come.
	repeating string
	// certificateAsked is that of trace.
	certificateAsked bool
}

// cause is a TransportFailure, with a FailureReason where something finer is known.
type cause struct{ class, reason string }

func classify(err error, now situation) cause {
	switch {
	case errors.Is(err, errLongBody):
		return cause{class: longBody}
	case now.interrupted:
		return cause{class: interrupted}
	}
	if reason, isProxy := reasonOfProxy(err, now.stage); isProxy {
		return cause{proxyFailure, reason}
	}
	var dns *net.DNSError
	switch {
	case errors.As(err, &dns):
		return cause{dnsFailure, reasonOfDNS(dns)}
	case now.stalled && now.repeating != "":
		return cause{http2Failure, now.repeating}
	case now.stalled || isTimeout(err):
		return causeOfTimeout(now)
	case isOneOf(err, syscall.EMFILE, syscall.ENFILE, syscall.EADDRNOTAVAIL, syscall.ENOBUFS):
		return cause{class: clientLimit}
	case isOneOf(err, syscall.ENETUNREACH, syscall.EHOSTUNREACH):
		return cause{refused, "unreachable"}
	case isA[netext.BlackListedIPError](err), isA[netext.BlockedHostError](err),
		errors.Is(err, syscall.ECONNREFUSED):
		return cause{class: refused}
	case isA[tls.RecordHeaderError](err): // TLS to a port that speaks something else
		return cause{badHTTP, reasonOfRecord(err)}
	case now.stage == handshaking, isTLSAlert(err):
		return cause{tlsFailure, reasonOfTLS(err, now.certificateAsked)}
	case errors.Is(err, io.ErrUnexpectedEOF) && now.inBody:
		return cause{class: shortBody}
	}
	return causeOnConnection(err, now.stage)
}

// causeOnConnection is of what goes wrong when there is a connection.
func causeOnConnection(err error, at stage) cause {
	if reason, isHTTP2 := reasonOfHTTP2(err); isHTTP2 {
		return cause{http2Failure, reason}
	}
	switch {
	case isOneOf(err, syscall.ECONNRESET, syscall.EPIPE):
		return cause{reset, "rst"}
	case isOneOf(err, io.EOF, io.ErrUnexpectedEOF):
		return cause{reset, "eof"}
	case err.Error() == closedIdleWords:
		return cause{reset, "idle-closed"}
	case at == exchanging && strings.Contains(err.Error(), tlsAlertWords):
		return cause{badHTTP, "https-to-http-client"}
	}
	return cause{class: otherClasses[at]}
}

const (
	// net/http hides its errServerClosedIdle: closed before the request was sent.
	closedIdleWords = "http: server closed idle connection"
	// How net/http quotes the TLS alert that answers plain HTTP.
	tlsAlertWords = `malformed HTTP response "\x15\x03`
)

// causeOfTimeout: what it means that time ran out in a stage.
func causeOfTimeout(now situation) cause {
	switch {
	case now.stage == resolving:
		return cause{dnsFailure, "no-answer"}
	case now.stage == dialling:
		return cause{class: dialTimeout}
	case now.inBody:
		return cause{stalledFailure, "no-progress"}
	}
	return cause{stalledFailure, "no-head"}
}

// otherClasses: what an error without a type of its own means in a stage.
var otherClasses = [...]string{
	resolving: dnsFailure, dialling: refused, connectingByProxy: proxyFailure,
	handshaking: tlsFailure, exchanging: badHTTP,
}

func isTimeout(err error) bool {
	var netError net.Error
	return errors.Is(err, os.ErrDeadlineExceeded) || errors.Is(err, syscall.ETIMEDOUT) ||
		errors.As(err, &netError) && netError.Timeout()
}

// isTLSAlert: the peer ended the TLS session by an alert, as when it wants a client certificate.
func isTLSAlert(err error) bool {
	var operation *net.OpError
	return errors.As(err, &operation) && operation.Op == "remote error"
}

func isA[T error](err error) bool {
	var target T
	return errors.As(err, &target)
}

func isOneOf(err error, targets ...error) bool {
	for _, target := range targets {
		if errors.Is(err, target) {
			return true
		}
	}
	return false
}
