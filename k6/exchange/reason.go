package exchange

// The finer reasons of failures: FailureReason of src/protocol/talk.ts.

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"net"
	"reflect"
	"strings"
	"syscall"
	"time"

	"golang.org/x/net/http2"
)

func reasonOfDNS(err *net.DNSError) string {
	switch {
	case err.IsNotFound:
		return "nxdomain"
	case err.IsTimeout || !strings.Contains(err.Err, "server misbehaving"):
		return "no-answer"
	}
	return "servfail"
}

// reasonOfRecord is of what came in the place of a TLS record.
func reasonOfRecord(err error) string {
	var record tls.RecordHeaderError
	if errors.As(err, &record) && string(record.RecordHeader[:]) == "HTTP/" {
		return "http-to-https-client"
	}
	return ""
}

// certificateAsked: see situation.
func reasonOfTLS(err error, certificateAsked bool) string {
	var invalid x509.CertificateInvalidError
	switch {
	case isA[x509.UnknownAuthorityError](err), isA[x509.SystemRootsError](err):
		return "unknown-ca"
	case isA[x509.HostnameError](err):
		return "wrong-name"
	case errors.As(err, &invalid):
		return reasonOfCertificate(invalid)
	case isOneOf(err, io.EOF, io.ErrUnexpectedEOF, syscall.ECONNRESET, syscall.EPIPE):
		return "cut"
	}
	var operation *net.OpError
	if errors.As(err, &operation) && operation.Op == "remote error" {
		return reasonOfAlert(operation.Err, certificateAsked)
	}
	if strings.HasPrefix(err.Error(), "tls: ") {
		return "protocol"
	}
	return ""
}

func reasonOfCertificate(err x509.CertificateInvalidError) string {
	switch {
	case err.Reason != x509.Expired:
		return ""
	case err.Cert != nil && time.Now().Before(err.Cert.NotBefore):
		return "not-yet-valid"
	}
	return "expired"
}

// Alerts of RFC 8446, section 6.
const (
	alertHandshakeFailure     = 40
	alertProtocolVersion      = 70
	alertInsufficientSecurity = 71
	alertInappropriate        = 86 // inappropriate_fallback
	alertUnrecognizedName     = 112
	alertNoApplication        = 120
)

// alertsOfClient are those of a peer that minds the certificate of ours, or that there is none.
var alertsOfClient = map[uint64]bool{42: true, 43: true, 44: true, 45: true, 46: true, 48: true, 116: true}

// reasonOfAlert reads the number of crypto/tls's alert, a type that it hides.
func reasonOfAlert(alert error, certificateAsked bool) string {
	value := reflect.ValueOf(alert)
	if value.Kind() != reflect.Uint8 {
		return ""
	}
	switch number := value.Uint(); {
	case alertsOfClient[number], number == alertHandshakeFailure && certificateAsked: // in TLS 1.2
		return "client-certificate"
	case number == alertUnrecognizedName:
		return "wrong-name"
	case number == alertHandshakeFailure, number == alertProtocolVersion, number == alertInappropriate,
		number == alertInsufficientSecurity, number == alertNoApplication:
		return "protocol"
	}
	return ""
}

// reasonOfHTTP2 tells an HTTP/2 connection or stream that the peer ended. net/http has a copy of
// x/net's package whose types it hides: its stream error can be had as x/net's, the others are known
// by their names.
func reasonOfHTTP2(err error) (reason string, isHTTP2 bool) {
	var stream http2.StreamError
	if errors.As(err, &stream) {
		if stream.Code == http2.ErrCodeRefusedStream {
			return "refused-stream", true
		}
		return "stream", true
	}
	for inner := err; inner != nil; inner = errors.Unwrap(inner) {
		switch name := reflect.TypeOf(inner).Name(); {
		case strings.HasSuffix(name, "GoAwayError"):
			return "goaway", true
		case strings.HasSuffix(name, "http2ConnectionError"), isA[http2.ConnectionError](inner):
			return "", true
		}
	}
	words := err.Error()
	if strings.Contains(words, "GOAWAY") {
		return "goaway", true
	}
	return "", strings.HasPrefix(words, "http2: ")
}
