package hop

// Reading the JavaScript HttpRequest (src/protocol/talk.ts) into Go. Hot: no reflection.

import (
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"time"

	"github.com/grafana/sobek"
)

const (
	// bodyBytesMaxDefault applies when the request names no limit.
	bodyBytesMaxDefault = 4 << 20
	headerLinesMax      = 256
	timeoutDefault      = 60 * time.Second
)

// request is HttpRequest in Go.
type request struct {
	method, url, body string
	hasBody           bool
	header            http.Header
	// host is the Host line, when the caller gave one; else the URL decides.
	host         string
	keepText     bool
	digest       string // "sha256", "sha512" or "" for none
	bodyBytesMax int64
	phase, hop   string
	timeout      time.Duration
}

func readRequest(value, timeoutMs sobek.Value) (*request, error) {
	object, ok := value.(*sobek.Object)
	if !ok {
		return nil, errors.New("the first argument must be an HttpRequest")
	}
	req := &request{bodyBytesMax: bodyBytesMaxDefault, timeout: timeoutDefault}
	for _, field := range []struct {
		name string
		into *string
	}{
		{"method", &req.method}, {"url", &req.url}, {"phase", &req.phase}, {"hop", &req.hop},
	} {
		text := object.Get(field.name)
		if isNothing(text) {
			return nil, fmt.Errorf("%s is missing", field.name)
		}
		*field.into = text.String()
	}
	if err := req.readWant(object); err != nil {
		return nil, err
	}
	if body := object.Get("body"); !isNothing(body) {
		req.body, req.hasBody = body.String(), true
	}
	if limit := object.Get("bodyBytesMax"); !isNothing(limit) {
		req.bodyBytesMax = max(0, limit.ToInteger())
	}
	if !isNothing(timeoutMs) {
		req.timeout = time.Duration(timeoutMs.ToFloat() * float64(time.Millisecond))
	}
	return req, req.readHeaders(object.Get("headers"))
}

// readWant turns `want` and `algorithm` into what to do with the body.
func (r *request) readWant(object *sobek.Object) error {
	want := object.Get("want")
	if isNothing(want) {
		return errors.New("want is missing")
	}
	switch want.String() {
	case "none":
		return nil
	case "text":
		r.keepText = true
	case "digest":
	default:
		return fmt.Errorf("unknown want %q", want)
	}
	algorithm := object.Get("algorithm")
	if isNothing(algorithm) {
		return errors.New("algorithm is missing")
	}
	r.digest = algorithm.String()
	if _, known := hashers[r.digest]; !known {
		return fmt.Errorf("unknown algorithm %q", r.digest)
	}
	return nil
}

var errHeaderLine = errors.New("a header line must be [name, value]")

func (r *request) readHeaders(value sobek.Value) error {
	// An empty value keeps Go from adding a User-Agent of its own.
	r.header = http.Header{"User-Agent": {""}}
	if isNothing(value) {
		return nil
	}
	lines, ok := value.(*sobek.Object)
	if !ok {
		return errors.New("headers must be an array")
	}
	length := lines.Get("length")
	if isNothing(length) || length.ToInteger() > headerLinesMax {
		return fmt.Errorf("headers must be an array of at most %d lines", headerLinesMax)
	}
	for i := range int(length.ToInteger()) {
		line, ok := lines.Get(strconv.Itoa(i)).(*sobek.Object)
		if !ok {
			return errHeaderLine
		}
		first, second := line.Get("0"), line.Get("1")
		if isNothing(first) || isNothing(second) {
			return errHeaderLine
		}
		name, text := first.String(), second.String()
		switch http.CanonicalHeaderKey(name) {
		case "Host":
			r.host = text
		case "User-Agent":
			r.header.Set(name, text)
		default:
			r.header.Add(name, text)
		}
	}
	return nil
}

func isNothing(value sobek.Value) bool {
	return value == nil || sobek.IsUndefined(value) || sobek.IsNull(value)
}
