package exchange

import (
	"testing"
	"time"
)

func TestPullIsKeptWithItsRequests(t *testing.T) {
	nextGood.Store(0)
	vu := newVU(t)
	address := rawServer(t, says("HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok"))
	url := "http://" + address + "/v2/?secret=never"
	vu.run("var out = ''; beginPull(0)")
	vu.request(url, fields{"phase": "index"}, time.Second)
	vu.request(url, fields{"phase": "layer"}, time.Second)
	vu.run("tellPull(0, 'podman', 'app', '')")
	vu.request(url, fields{"phase": "ping"}, time.Second)
	for range 2 {
		vu.sample()
	}
	pull, ok := (<-vu.samples).(*Pull)
	if !ok || len(pull.Requests) != 2 || pull.Client != "podman" || pull.Failure != "" {
		t.Fatalf("%+v", pull)
	}
	if pull.Requests[0].Phase != "index" || pull.Requests[1].Phase != "layer" {
		t.Errorf("%+v", pull.Requests)
	}
	if pull.Requests[0].Start.Before(pull.Start) || pull.End.Before(pull.Requests[1].End) {
		t.Error("requests lie outside of their pull")
	}
	if len(pull.GetSamples()) != 0 {
		t.Error("k6's own metrics know it")
	}
	vu.sample() // that of the request after it
}

func TestFewPullsAreHandedOn(t *testing.T) {
	nextFailed.Store(0)
	vu := newVU(t)
	vu.run(`var out = ''; for (let i = 0; i < 100; i++) { beginPull(0); tellPull(0, 'c', 'i', 'status'); }
		tellPull(0, 'c', 'i', 'never begun')`)
	if handed := len(vu.samples); handed < 1 || handed > 20 {
		t.Errorf("%d of 100", handed)
	}
}

func TestRecordIsBounded(t *testing.T) {
	var kept record
	for range pullRequestsMax + 5 {
		kept.add(&Sample{})
	}
	if len(kept.requests) != pullRequestsMax || kept.more != 5 {
		t.Errorf("%d and %d", len(kept.requests), kept.more)
	}
}
