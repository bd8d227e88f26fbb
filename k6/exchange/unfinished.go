package exchange

import (
	"net/netip"
	"strconv"
	"strings"
	"time"

	"go.k6.io/k6/v2/lib"
	"go.k6.io/k6/v2/metrics"
)

// Whose is one pull or push: iterations of a VU, each of several users perhaps.
type Whose struct {
	VU              uint64
	Iteration, User int64
}

// Unfinished is a request that was under way when k6 gave up waiting. It is in none of k6's metrics.
type Unfinished struct {
	Phase, Hop, Host, Method string
	// URL is without userinfo and query, and bounded.
	URL    string
	Remote netip.AddrPort
	// Status is 0 where no head had come.
	Status int
	// Bytes of the body that had come, of BytesExpected; that is 0 where nothing was announced.
	Bytes, BytesExpected int64
	Start, End           time.Time
	Whose                Whose
}

// GetSamples has none: no output of k6's counts what did not end.
func (*Unfinished) GetSamples() []metrics.Sample { return nil }

const urlBytesMax = 300

// pushUnfinished does not ask whether k6 is done, as metrics.PushIfNotDone would: that is when these are
// made. k6 waits for the callback that comes after it, and reads samples for as long.
func pushUnfinished(state *lib.State, req *request, r *reply) {
	if r.host == "" { // it had not begun
		return
	}
	expected, _ := strconv.ParseInt(r.header.Get("Content-Length"), 10, 64) // 0 for none
	state.Samples <- &Unfinished{
		Phase: req.phase, Hop: req.hop, Host: r.host, Method: req.method, URL: plainURL(req.url, r.host),
		Remote: r.peer(), Status: r.status, Bytes: r.bytes, BytesExpected: max(0, expected),
		Start: r.end.Add(-r.steps.total), End: r.end, Whose: req.whose,
	}
}

// plainURL leaves out what may be secret.
func plainURL(url, host string) string {
	scheme, rest, _ := strings.Cut(url, "://")
	path := ""
	if at := strings.IndexAny(rest, "/?#"); at >= 0 {
		path = rest[at:]
	}
	if at := strings.IndexAny(path, "?#"); at >= 0 {
		path = path[:at]
	}
	plain := scheme + "://" + host + path
	if len(plain) > urlBytesMax {
		plain = strings.ToValidUTF8(plain[:urlBytesMax], "") + "…"
	}
	return plain
}
