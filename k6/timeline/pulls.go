package timeline

import (
	"slices"
	"time"

	"github.com/pullproof/xk6-pullproof/exchange"
)

const (
	// A span is written when it is over: at most one typical, one slow and one failed pull of it. So many spans
	// are as long as each other, those after them twice as long, so that a day leaves some hundred lines.
	spanFirst = 10 * time.Second
	spansEach = 30
	// candidatesMax bounds the pulls that a span holds.
	candidatesMax = 200
	// classesMax bounds the failures that are told apart; their names are the script's.
	classesMax = 50
)

// pulls are the whole pulls of the span that is under way.
type pulls struct {
	good, failed []*exchange.Pull
	begun        time.Time
	spans        int
	// seen says how many of each class of failures were written.
	seen map[string]int
	// goodSeen counts those that succeeded, of which good are a choice spread over the span.
	goodSeen int
}

type chosenPull struct {
	kind string
	pull *exchange.Pull
}

// pullLine is one whole pull. Kind is typical, slow or failed, as it was within its span.
type pullLine struct {
	T          int64         `json:"t"`
	Series     string        `json:"series"`
	Kind       string        `json:"kind"`
	AtMs       int64         `json:"atMs"`
	DurationUs int64         `json:"durationUs"`
	Client     string        `json:"client,omitempty"`
	Image      string        `json:"image,omitempty"`
	Failure    string        `json:"failure,omitempty"`
	Requests   []requestLine `json:"requests"`
	More       int           `json:"more,omitempty"`
}

// requestLine has no URL: its query may be secret. StartUs is from the start of the pull.
type requestLine struct {
	Phase     string `json:"phase"`
	Hop       string `json:"hop"`
	Host      string `json:"host"`
	Status    int    `json:"status"`
	Failure   string `json:"failure,omitempty"`
	Cache     string `json:"cache,omitempty"`
	StartUs   int64  `json:"startUs"`
	DNSUs     int64  `json:"dnsUs,omitempty"`
	ConnectUs int64  `json:"connectUs,omitempty"`
	TLSUs     int64  `json:"tlsUs,omitempty"`
	TTFBUs    int64  `json:"ttfbUs"`
	TotalUs   int64  `json:"totalUs"`
	Bytes     int64  `json:"bytes"`
}

func (p *pulls) add(one *exchange.Pull) {
	if p.begun.IsZero() {
		p.begun = one.End
	}
	if one.Failure != "" {
		if one.Failure != "interrupted" && len(p.failed) < candidatesMax {
			p.failed = append(p.failed, one)
		}
		return
	}
	if p.goodSeen++; len(p.good) >= candidatesMax {
		// Every so many-th in the place of an earlier one keeps them spread over a long span.
		p.good[p.goodSeen%candidatesMax] = one
		return
	}
	p.good = append(p.good, one)
}

// chosen is what there is to write of a span that is over; at the end of the run, of any.
func (p *pulls) chosen(now time.Time, isEnd bool) []chosenPull {
	span := spanFirst << min(p.spans/spansEach, 20)
	if p.begun.IsZero() || !isEnd && now.Sub(p.begun) < span {
		return nil
	}
	var out []chosenPull
	if len(p.good) > 0 {
		slices.SortFunc(p.good, func(a, b *exchange.Pull) int { return int(took(a) - took(b)) })
		last := len(p.good) - 1
		middle, slow := last/2, last*99/100
		if last > 0 && slow == middle {
			slow = last
		}
		out = append(out, chosenPull{"typical", p.good[middle]})
		if slow > middle {
			out = append(out, chosenPull{"slow", p.good[slow]})
		}
	}
	if failed := p.rarest(); failed != nil {
		out = append(out, chosenPull{"failed", failed})
	}
	*p = pulls{spans: p.spans + 1, seen: p.seen}
	return out
}

// rarest is the failed pull whose class was written the fewest times.
func (p *pulls) rarest() *exchange.Pull {
	var found *exchange.Pull
	for _, one := range p.failed {
		if found == nil || p.seen[one.Failure] < p.seen[found.Failure] {
			found = one
		}
	}
	if found == nil {
		return nil
	}
	if p.seen == nil {
		p.seen = map[string]int{}
	}
	if _, known := p.seen[found.Failure]; known || len(p.seen) < classesMax {
		p.seen[found.Failure]++
	}
	return found
}

func took(pull *exchange.Pull) time.Duration { return pull.End.Sub(pull.Start) }

func (e *encoder) pullLines(chosen []chosenPull, t int64) []byte {
	e.buffer.Reset()
	for _, one := range chosen {
		e.line(pullLineOf(one, t))
	}
	return e.buffer.Bytes()
}

func pullLineOf(chosen chosenPull, t int64) pullLine {
	pull := chosen.pull
	requests := slices.Clone(pull.Requests)
	slices.SortStableFunc(requests, func(a, b *exchange.Sample) int { return a.Start.Compare(b.Start) })
	line := pullLine{
		T: t, Series: "pull", Kind: chosen.kind, AtMs: pull.Start.UnixMilli(),
		DurationUs: took(pull).Microseconds(), Client: pull.Client, Image: pull.Image,
		Failure: pull.Failure, More: pull.More, Requests: make([]requestLine, len(requests)),
	}
	for i, one := range requests {
		line.Requests[i] = requestLine{
			Phase: one.Phase, Hop: one.Hop, Host: one.Host, Status: one.Status, Failure: one.Failure,
			Cache: one.Cache, StartUs: max(0, one.Start.Sub(pull.Start).Microseconds()),
			DNSUs: one.DNS.Microseconds(), ConnectUs: one.Connect.Microseconds(),
			TLSUs: one.TLS.Microseconds(), TTFBUs: one.TTFB.Microseconds(),
			TotalUs: one.End.Sub(one.Start).Microseconds(), Bytes: one.Bytes,
		}
	}
	return line
}
