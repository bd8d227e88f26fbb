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
	"syscall"

	"go.k6.io/k6/v2/lib/netext"
	"golang.org/x/net/http2"
)

// The classes of TransportFailure.
const (
	dnsFailure     = "dns"
	refused        = "refused"
	clientLimit    = "client-limit"
	dialTimeout    = "dial-timeout"
	tlsFailure     = "tls"
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
}

func classify(err error, now situation) string {
	switch {
	case errors.Is(err, errLongBody):
		return longBody
	case now.interrupted:
		return interrupted
	case now.stalled || isTimeout(err):
		return timeoutClasses[now.stage]
	case isA[*net.DNSError](err):
		return dnsFailure
	case isOneOf(err, syscall.EMFILE, syscall.ENFILE, syscall.EADDRNOTAVAIL, syscall.ENOBUFS):
		return clientLimit
	case isA[netext.BlackListedIPError](err), isA[netext.BlockedHostError](err),
		isOneOf(err, syscall.ECONNREFUSED, syscall.ENETUNREACH, syscall.EHOSTUNREACH):
		return refused
	case isA[tls.RecordHeaderError](err): // TLS to a port that speaks something else
		return badHTTP
	case now.stage == handshaking, isTLSAlert(err):
		return tlsFailure
	case errors.Is(err, io.ErrUnexpectedEOF) && now.inBody:
		return shortBody
	case isOneOf(err, syscall.ECONNRESET, syscall.EPIPE, io.EOF, io.ErrUnexpectedEOF),
		isA[http2.StreamError](err), isA[http2.GoAwayError](err),
		// net/http hides its errServerClosedIdle: closed before the request was sent.
		err.Error() == "http: server closed idle connection":
		return reset
	}
	return otherClasses[now.stage]
}

// timeoutClasses: what it means that time ran out in a stage.
var timeoutClasses = [...]string{
	resolving: dnsFailure, dialling: dialTimeout,
	handshaking: stalledFailure, exchanging: stalledFailure,
}

// otherClasses: what an error without a type of its own means in a stage.
var otherClasses = [...]string{
	resolving: dnsFailure, dialling: refused, handshaking: tlsFailure, exchanging: badHTTP,
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
