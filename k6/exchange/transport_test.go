package exchange

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

const keptNetwork = `{httpVersion: '1.1', connections: 'kept', idlePerHostMax: 2, idleMs: 30000}`

func TestSeatsShareNoConnections(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = w.Write([]byte(r.RemoteAddr))
	}))
	t.Cleanup(server.Close)
	out := newVU(t).run(`var out = '';
		const ask = {method: 'GET', headers: [], want: 'text', algorithm: 'sha256', bodyBytesMax: 100,
			phase: 'other', network: ` + keptNetwork + `};
		const users = [0, 1, 0, 1, undefined];
		const next = (reply) => {
			if (reply !== undefined) out += reply.text + ' ';
			if (users.length > 0) request({url: '` + server.URL + `', hop: 'registry', authorization: '',
				referer: '', ask}, 1000, next, users.shift());
		};
		next();`)
	peers := strings.Fields(out)
	if len(peers) != 5 {
		t.Fatalf("replies: %q", out)
	}
	if peers[0] != peers[2] || peers[1] != peers[3] || peers[0] != peers[4] || peers[0] == peers[1] {
		t.Errorf("connections of the users 0, 1, 0, 1, none: %v", peers)
	}
}
