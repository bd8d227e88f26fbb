package timeline

import (
	"encoding/json"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/pullproof/xk6-pullproof/exchange"
)

func pullOf(start time.Time, took time.Duration, failure string) *exchange.Pull {
	return &exchange.Pull{
		Client: "podman", Image: "app", Failure: failure, Start: start, End: start.Add(took),
		Requests: []*exchange.Sample{
			{Phase: "layer", Hop: "edge", Host: "cdn:1", Status: 200, Start: start.Add(2 * time.Millisecond), End: start.Add(took)},
			{Phase: "index", Hop: "registry", Host: "r:1", Status: 200, Start: start, End: start.Add(time.Millisecond), TLS: time.Microsecond},
		},
	}
}

func TestChosenPulls(t *testing.T) {
	start := time.Unix(1_800_000_000, 0)
	var p pulls
	for i := range 100 {
		p.add(pullOf(start, time.Duration(i+1)*time.Millisecond, ""))
	}
	p.add(pullOf(start, time.Second, "status"))
	p.add(pullOf(start, time.Second, "tls"))
	p.add(pullOf(start, time.Second, "interrupted"))
	if early := p.chosen(start.Add(5*time.Second), false); early != nil {
		t.Fatalf("a span that is not over was written: %v", early)
	}
	got := map[string]*exchange.Pull{}
	for _, one := range p.chosen(start.Add(20*time.Second), false) {
		got[one.kind] = one.pull
	}
	if took(got["typical"]) != 50*time.Millisecond || took(got["slow"]) != 99*time.Millisecond {
		t.Errorf("typical %v, slow %v", took(got["typical"]), took(got["slow"]))
	}
	if got["failed"].Failure != "status" {
		t.Errorf("failed %v", got["failed"].Failure)
	}
	// The class that was shown before comes after the one that was not.
	p.add(pullOf(start, time.Second, "status"))
	p.add(pullOf(start, time.Second, "tls"))
	next := p.chosen(start.Add(time.Minute), false)
	if len(next) != 1 || next[0].pull.Failure != "tls" {
		t.Errorf("then %v", next)
	}
}

func TestPullsOfADayAreFew(t *testing.T) {
	start := time.Unix(1_800_000_000, 0)
	var p pulls
	lines := 0
	for second := range 24 * 3600 {
		now := start.Add(time.Duration(second) * time.Second)
		for i := range 3 {
			p.add(pullOf(now, time.Duration(i+1)*time.Millisecond, ""))
			p.add(pullOf(now, time.Millisecond, "class-"+strconv.Itoa(second*3+i)))
		}
		lines += len(p.chosen(now, false))
		if len(p.good) > candidatesMax || len(p.failed) > candidatesMax || len(p.seen) > classesMax {
			t.Fatal("unbounded")
		}
	}
	if lines < 100 || lines > 900 {
		t.Errorf("%d lines", lines)
	}
}

func TestPullLine(t *testing.T) {
	start := time.Unix(1_800_000_000, 0)
	pull := pullOf(start, 7*time.Millisecond, "")
	text := newEncoder().pullLines([]chosenPull{{"typical", pull}}, 1_800_000_009)
	var line struct {
		Series   string
		AtMs     int64
		Requests []struct {
			Phase            string
			StartUs, TotalUs int64
		}
	}
	if err := json.Unmarshal(text, &line); err != nil {
		t.Fatal(err)
	}
	if line.Series != "pull" || line.AtMs != start.UnixMilli() || len(line.Requests) != 2 {
		t.Errorf("%s", text)
	}
	// In the order in which they began.
	if line.Requests[0].Phase != "index" || line.Requests[1].StartUs != 2000 || line.Requests[1].TotalUs != 5000 {
		t.Errorf("%s", text)
	}
	if strings.Contains(string(text), "http") {
		t.Errorf("a URL: %s", text)
	}
}

func TestNothingPulled(t *testing.T) {
	var p pulls
	if got := p.chosen(time.Now(), true); got != nil {
		t.Errorf("%v", got)
	}
}
