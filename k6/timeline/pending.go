package timeline

import (
	"net/netip"
	"time"

	"go.k6.io/k6/v2/metrics"

	"github.com/pullproof/xk6-pullproof/exchange"
)

const (
	// pullsMax bounds the pulls that are told apart; each of the requests beyond counts as one.
	pullsMax = 100_000
	waitsMax = 100_000
	// pausesMax bounds their kinds: hosts are the servers' choice.
	pausesMax = 200
)

// pending are the requests that were under way when k6 gave up waiting.
type pending struct {
	places map[place]*pendingCounts
	// pulls are told by the request of theirs that was under way for longest.
	pulls map[exchange.Whose]pendingPull
}

type place struct {
	phase, hop, host string
	remote           netip.AddrPort
}

type pendingCounts struct {
	count, pulls, bytes, bytesExpected int64
	total                              time.Duration
	first, last                        time.Time // of starts, of ends
	longest                            *exchange.Unfinished
}

type pendingPull struct {
	at   *pendingCounts
	took time.Duration
}

// pendingLine: all that was under way at one place.
type pendingLine struct {
	T      int64  `json:"t"`
	Series string `json:"series"`
	Phase  string `json:"phase"`
	Hop    string `json:"hop"`
	Host   string `json:"host"`
	Remote string `json:"remote,omitempty"`
	Count  int64  `json:"count"`
	// Pulls, or pushes, that waited for this place for longest.
	Pulls         int64 `json:"pulls"`
	Bytes         int64 `json:"bytes"`
	BytesExpected int64 `json:"bytesExpected,omitempty"`
	TotalUs       int64 `json:"totalUs"`
	// FirstMs, LastMs: when the first of them began, and the last was given up.
	FirstMs int64 `json:"firstMs"`
	LastMs  int64 `json:"lastMs"`
	// Longest is the one that was under way for longest.
	Longest longestRequest `json:"longest"`
}

type longestRequest struct {
	Method        string  `json:"method"`
	URL           string  `json:"url"`
	Bytes         int64   `json:"bytes"`
	BytesExpected int64   `json:"bytesExpected,omitempty"`
	Seconds       float64 `json:"seconds"`
	// Status is 0 where no head had come.
	Status int `json:"status"`
}

func newPending() pending {
	return pending{places: map[place]*pendingCounts{}, pulls: map[exchange.Whose]pendingPull{}}
}

func (p *pending) add(one *exchange.Unfinished) {
	counts := p.at(one)
	took := one.End.Sub(one.Start)
	counts.count++
	counts.bytes += one.Bytes
	counts.bytesExpected += one.BytesExpected
	counts.total += took
	if counts.first.IsZero() || one.Start.Before(counts.first) {
		counts.first = one.Start
	}
	if one.End.After(counts.last) {
		counts.last = one.End
	}
	if counts.longest == nil || took > counts.longest.End.Sub(counts.longest.Start) {
		counts.longest = one
	}
	known, isKnown := p.pulls[one.Whose]
	switch {
	case !isKnown && len(p.pulls) >= pullsMax:
		counts.pulls++
	case !isKnown || took > known.took:
		p.pulls[one.Whose] = pendingPull{counts, took}
	}
}

func (p *pending) at(one *exchange.Unfinished) *pendingCounts {
	key := place{phase: one.Phase, hop: one.Hop, host: one.Host, remote: one.Remote}
	if p.places[key] == nil && len(p.places) >= seriesMax {
		key.host, key.remote = otherHost, netip.AddrPort{}
	}
	if p.places[key] == nil {
		p.places[key] = &pendingCounts{}
	}
	return p.places[key]
}

func (p *pending) lines(t int64) []pendingLine {
	for _, pull := range p.pulls {
		pull.at.pulls++
	}
	lines := make([]pendingLine, 0, len(p.places))
	for key, counts := range p.places {
		longest := counts.longest
		line := pendingLine{
			T: t, Series: "pending", Phase: key.phase, Hop: key.hop, Host: key.host,
			Count: counts.count, Pulls: counts.pulls, Bytes: counts.bytes,
			BytesExpected: counts.bytesExpected, TotalUs: counts.total.Microseconds(),
			FirstMs: counts.first.UnixMilli(), LastMs: counts.last.UnixMilli(),
			Longest: longestRequest{
				Method: longest.Method, URL: longest.URL, Bytes: longest.Bytes,
				BytesExpected: longest.BytesExpected, Status: longest.Status,
				Seconds: longest.End.Sub(longest.Start).Round(time.Millisecond).Seconds(),
			},
		}
		if key.remote.IsValid() {
			line.Remote = key.remote.String()
		}
		lines = append(lines, line)
	}
	return lines
}

// waits are the pauses of clients that are not over: when each ends, by why it is made.
type waits map[pause][]time.Time

// pause is a reason to wait, and what failed before; that is empty for a quota.
type pause struct{ why, class, hop, host string }

// waitingLine: pauses that were under way when the run ended, and how much of them was left.
type waitingLine struct {
	T      int64  `json:"t"`
	Series string `json:"series"`
	Why    string `json:"why"`
	// Class, Hop, Host: of the failure that is waited after.
	Class  string `json:"class,omitempty"`
	Hop    string `json:"hop,omitempty"`
	Host   string `json:"host,omitempty"`
	Count  int64  `json:"count"`
	LeftUs int64  `json:"leftUs"`
	// LastMs is when they were given up.
	LastMs int64 `json:"lastMs"`
}

// add takes the milliseconds of a pause that begins.
func (w waits) add(sample metrics.Sample) {
	var key pause
	key.why, _ = sample.Tags.Get("why")
	key.class, _ = sample.Tags.Get("class")
	key.hop, _ = sample.Tags.Get("hop")
	key.host, _ = sample.Tags.Get("host")
	if _, known := w[key]; !known && len(w) >= pausesMax {
		key.host = otherHost
	}
	ends := w[key]
	if len(ends) >= waitsMax || len(w) >= 2*pausesMax && ends == nil {
		return
	}
	ms := min(max(sample.Value, 0), float64(24*time.Hour/time.Millisecond))
	w[key] = append(ends, sample.Time.Add(time.Duration(ms*float64(time.Millisecond))))
}

// forget drops what is over.
func (w waits) forget(now time.Time) {
	for key, ends := range w {
		left := ends[:0]
		for _, end := range ends {
			if end.After(now) {
				left = append(left, end)
			}
		}
		w[key] = left
	}
}

func (w waits) lines(now time.Time) []waitingLine {
	w.forget(now)
	var lines []waitingLine
	for key, ends := range w {
		line := waitingLine{
			T: now.Unix(), Series: "waiting", Why: key.why, Class: key.class, Hop: key.hop, Host: key.host,
			Count: int64(len(ends)), LastMs: now.UnixMilli(),
		}
		for _, end := range ends {
			line.LeftUs += end.Sub(now).Microseconds()
		}
		if line.Count > 0 {
			lines = append(lines, line)
		}
	}
	return lines
}

// closing are the lines of what is known at the end alone.
func (e *encoder) closing(o *timelineOutput, now time.Time) []byte {
	o.lock.Lock()
	defer o.lock.Unlock()
	e.buffer.Reset()
	for _, line := range o.pending.lines(now.Unix()) {
		e.line(line)
	}
	for _, line := range o.waits.lines(now) {
		e.line(line)
	}
	for _, line := range o.misses.lines(now.Unix()) {
		e.line(line)
	}
	return e.buffer.Bytes()
}
