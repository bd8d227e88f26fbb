package exchange

import (
	"net/http"
	"net/http/httptest"
	"testing"
)

// A client's own patience ends a request whose time limit is longer, and lengthens none.
func TestProgress(t *testing.T) {
	over := make(chan struct{})
	server := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		select {
		case <-r.Context().Done():
		case <-over:
		}
	}))
	t.Cleanup(server.Close)
	t.Cleanup(func() { close(over) })
	for _, test := range []struct{ timeoutMs, progressMs string }{{"60000", "50"}, {"50", "60000"}} {
		got := newVU(t).run(`var out; request({ url: '` + server.URL + `', hop: 'registry', authorization: '', referer: '',
			ask: { method: 'GET', headers: [], want: 'none', phase: 'ping', network: { httpVersion: '1.1', connections: 'kept',
				idlePerHostMax: 2, idleMs: 1000, progressMs: ` + test.progressMs + ` } } },
			` + test.timeoutMs + `, (reply) => { out = reply.failure; })`)
		if got != "stalled" {
			t.Errorf("%+v: got %q", test, got)
		}
	}
}
