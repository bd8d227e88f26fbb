package exchange

// Reading the JavaScript HttpRequest (src/protocol/talk.ts) into Go. Hot: no reflection.

import (
	"errors"
	"fmt"
	"maps"
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

// ask is Ask in Go: what is asked on every hop. Never changed once read.
type ask struct {
	method string
	header http.Header
	// host is the Host line, when the caller gave one; else the URL decides.
	host         string
	keepText     bool
	digest       string // "sha256", "sha512" or "" for none
	bodyBytesMax int64
	// partBytesMax: of a part no more is read than that; 0 for all of it.
	partBytesMax int64
	phase        string
	// unpacks: a packed body is unpacked before it is counted and hashed.
	unpacks bool
	// network is nil for k6's own connections. lastTransport is that of the last request, by lastUser.
	network       *network
	lastTransport http.RoundTripper
	lastUser      int64
}

// request is HttpRequest in Go.
type request struct {
	*ask
	url, hop, body string
	hasBody        bool
	transport      http.RoundTripper
	// seeded is the body when it is made while it is sent; nil otherwise.
	seeded                 *seededPart
	authorization, referer string
	timeout                time.Duration
	// resumes is the reply whose body a 206 goes on with, follows the redirect that led here; nil for none.
	resumes, follows *reply
	whose            Whose
	// record is that of the pull it belongs to; nil where none is kept.
	record *record
	// joins is nil for what is no part of a body whose parts come side by side.
	joins *joins
}

// asksMax bounds what a VU remembers; past it, it starts anew.
const asksMax = 256

// asks remembers what was read from an Ask: by contract the object never changes.
type asks map[*sobek.Object]*ask

func (a asks) read(value sobek.Value) (*ask, error) {
	object, ok := value.(*sobek.Object)
	if !ok {
		return nil, errors.New("ask is missing")
	}
	if known := a[object]; known != nil {
		return known, nil
	}
	read, err := readAsk(object)
	if err != nil {
		return nil, err
	}
	if len(a) >= asksMax {
		clear(a)
	}
	a[object] = read
	return read, nil
}

func readAsk(object *sobek.Object) (*ask, error) {
	out := &ask{bodyBytesMax: bodyBytesMaxDefault}
	for _, field := range []struct {
		name string
		into *string
	}{
		{"method", &out.method}, {"phase", &out.phase},
	} {
		text := object.Get(field.name)
		if isNothing(text) {
			return nil, fmt.Errorf("ask.%s is missing", field.name)
		}
		*field.into = text.String()
	}
	if err := out.readWant(object); err != nil {
		return nil, err
	}
	out.unpacks = truthOf(object, "unpacks")
	if limit := object.Get("bodyBytesMax"); !isNothing(limit) {
		out.bodyBytesMax = max(0, limit.ToInteger())
	}
	out.partBytesMax = max(0, numberOf(object, "partBytesMax"))
	if err := out.readNetwork(object.Get("network")); err != nil {
		return nil, err
	}
	// An empty value keeps Go from adding a User-Agent of its own.
	out.header = http.Header{"User-Agent": {""}}
	if err := out.readHeaders(object.Get("headers")); err != nil {
		return nil, err
	}
	return out, out.readHeaders(object.Get("headersLast"))
}

func (a asks) readRequest(value, timeoutMs sobek.Value) (*request, error) {
	object, ok := value.(*sobek.Object)
	if !ok {
		return nil, errors.New("the first argument must be an HttpRequest")
	}
	asked, err := a.read(object.Get("ask"))
	if err != nil {
		return nil, err
	}
	req := &request{
		ask: asked, url: textOf(object, "url"), hop: textOf(object, "hop"),
		authorization: textOf(object, "authorization"), referer: textOf(object, "referer"),
		timeout: timeoutDefault,
	}
	if req.url == "" || req.hop == "" {
		return nil, errors.New("url or hop is missing")
	}
	if err := req.readBody(object.Get("body")); err != nil {
		return nil, err
	}
	if req.resumes, err = replyOf(object, "resumes"); err != nil {
		return nil, err
	}
	if req.follows, err = replyOf(object, "follows"); err != nil {
		return nil, err
	}
	if err := req.readJoins(object.Get("joins")); err != nil {
		return nil, err
	}
	if !isNothing(timeoutMs) {
		req.timeout = time.Duration(timeoutMs.ToFloat() * float64(time.Millisecond))
	}
	if asked.network != nil && asked.network.progress > 0 {
		req.timeout = min(req.timeout, asked.network.progress)
	}
	return req, nil
}

// replyOf is nil for what is absent.
func replyOf(object *sobek.Object, name string) (*reply, error) {
	value, ok := object.Get(name).(*sobek.Object)
	if !ok {
		return nil, nil
	}
	known, ok := value.Export().(*replyObject)
	if !ok {
		return nil, errors.New(name + " must be a reply")
	}
	return known.reply, nil
}

// readBody takes text, or what names a part of seeded content.
func (r *request) readBody(body sobek.Value) (err error) {
	if isNothing(body) {
		return nil
	}
	r.hasBody = true
	if object, ok := body.(*sobek.Object); ok {
		r.seeded, err = readSeededPart(object)
	} else {
		r.body = body.String()
	}
	return err
}

// textOf is "" for what is absent.
func textOf(object *sobek.Object, name string) string {
	if value := object.Get(name); !isNothing(value) {
		return value.String()
	}
	return ""
}

// allHeaders are the lines of the ask, with those that only this request has.
func (r *request) allHeaders() http.Header {
	if r.authorization == "" && r.referer == "" {
		return r.header
	}
	header := maps.Clone(r.header)
	if r.authorization != "" {
		header["Authorization"] = []string{r.authorization}
	}
	if r.referer != "" {
		header["Referer"] = []string{r.referer}
	}
	return header
}

// readWant turns `want` and `algorithm` into what to do with the body.
func (a *ask) readWant(object *sobek.Object) error {
	want := object.Get("want")
	if isNothing(want) {
		return errors.New("want is missing")
	}
	switch want.String() {
	case "none":
		return nil
	case "text":
		a.keepText = true
	case "digest":
	default:
		return fmt.Errorf("unknown want %q", want)
	}
	algorithm := object.Get("algorithm")
	if isNothing(algorithm) {
		return errors.New("algorithm is missing")
	}
	a.digest = algorithm.String()
	if _, known := hashers[a.digest]; !known {
		return fmt.Errorf("unknown algorithm %q", a.digest)
	}
	return nil
}

var errHeaderLine = errors.New("a header line must be [name, value]")

func (a *ask) readHeaders(value sobek.Value) error {
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
			a.host = text
		case "Connection":
			// Go's transport writes it, last of all, where network says per-request.
		case "User-Agent":
			a.header.Set(name, text)
		default:
			a.header.Add(name, text)
		}
	}
	return nil
}

func isNothing(value sobek.Value) bool {
	return value == nil || sobek.IsUndefined(value) || sobek.IsNull(value)
}
