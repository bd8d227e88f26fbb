package exchange

import (
	"testing"
	"time"
)

func TestSteps(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name string
		// Marks in ns, in the order of the fields of trace; 0 did not happen.
		connectStart, connectDone, tlsStart, tlsDone, gotConn, wrote, firstByte int64
		reused, literalHost                                                     bool
		want                                                                    steps
	}{
		{name: "new TLS connection", connectStart: 10, connectDone: 30, tlsStart: 31, tlsDone: 61,
			gotConn: 62, wrote: 70, firstByte: 90, want: steps{dns: 10, connect: 20, tls: 30,
				blocked: 62, sending: 8, waiting: 20, receiving: 10, total: 100}},
		{name: "an IP address needs no DNS", connectStart: 10, connectDone: 30, gotConn: 31, wrote: 40,
			firstByte: 90, literalHost: true, want: steps{connect: 20,
				blocked: 31, sending: 9, waiting: 50, receiving: 10, total: 100}},
		{name: "reused, with a dial begun meanwhile", connectStart: 5, gotConn: 8, wrote: 10,
			firstByte: 90, reused: true, want: steps{
				blocked: 8, sending: 2, waiting: 80, receiving: 10, total: 100}},
		{name: "answered before the end of writing", gotConn: 10, wrote: 80, firstByte: 50, reused: true,
			want: steps{blocked: 10, sending: 40, receiving: 50, total: 100}},
		{name: "answered, the end of writing not told", gotConn: 10, firstByte: 50, reused: true,
			want: steps{blocked: 10, sending: 40, receiving: 50, total: 100}},
		{name: "never answered", gotConn: 10, wrote: 20, reused: true,
			want: steps{blocked: 10, sending: 10, waiting: 80, total: 100}},
		{name: "dial failed", connectStart: 10, want: steps{dns: 10, connect: 90, blocked: 100, total: 100}},
		{name: "name not found", want: steps{dns: 100, blocked: 100, total: 100}},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			watch := newTrace(time.Second)
			watch.reused, watch.literalHost = test.reused, test.literalHost
			watch.connectStart.Store(test.connectStart)
			watch.connectDone.Store(test.connectDone)
			watch.tlsStart.Store(test.tlsStart)
			watch.tlsDone.Store(test.tlsDone)
			watch.gotConn.Store(test.gotConn)
			watch.wroteRequest.Store(test.wrote)
			watch.firstByte.Store(test.firstByte)
			if got := watch.steps(watch.start.Add(100 * time.Nanosecond)); got != test.want {
				t.Errorf("got  %+v\nwant %+v", got, test.want)
			}
		})
	}
}
