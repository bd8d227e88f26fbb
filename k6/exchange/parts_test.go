package exchange

import (
	"crypto/sha256"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

const partsScript = `var out;
	const ask = (headers, partBytesMax) => ({ method: 'GET', headers, want: 'digest', algorithm: 'sha256',
		bodyBytesMax: 1e6, phase: 'layer', partBytesMax });
	const get = (range, more, done) => request({ url: URL, hop: 'edge', authorization: '', referer: '',
		ask: ask([['Range', 'bytes=' + range]], 4), ...more }, 5000, done);`

// ranged serves ranges; it answers a range that is in order only when what comes before has been released.
func ranged(body string, order map[string]chan struct{}) *httptest.Server {
	return httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if wait := order[r.Header.Get("Range")]; wait != nil {
			<-wait
		}
		http.ServeContent(w, r, "", processStart, strings.NewReader(body))
	}))
}

// TestParts takes four bytes of each open range, the last first: one reply has the digest of all.
func TestParts(t *testing.T) {
	body := "abcdefghijklmn"
	held := map[string]chan struct{}{"bytes=4-": make(chan struct{}), "bytes=8-": make(chan struct{})}
	server := ranged(body, held)
	t.Cleanup(server.Close)
	vu := newVU(t)
	_ = vu.runtime.VU.Runtime().Set("release", func(name string) { close(held[name]) })
	got := vu.run(`const URL = '` + server.URL + `';` + partsScript + `
		let digests = [], bytes = 0, left = 3;
		get('0-', {}, (first) => {
			const part = (at, next) => get(at + '-', { joins: { to: first, offset: at - 4, size: 10 } }, (reply) => {
				bytes += reply.bytes;
				digests.push(reply.digest + reply.failure);
				if (next) release(next);
				if (--left === 0) out = first.bytes + ' ' + bytes + ' ' + digests.join(',');
			});
			part(4); part(8, 'bytes=4-'); part(12, 'bytes=8-');
		});`)
	want := fmt.Sprintf("4 10 ,,sha256:%x", sha256.Sum256([]byte(body)))
	if got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

// TestPartsGoOn resumes behind parts that came, after one that did not.
func TestPartsGoOn(t *testing.T) {
	body := "abcdefghijklmn"
	server := ranged(body, nil)
	t.Cleanup(server.Close)
	got := newVU(t).run(`const URL = '` + server.URL + `';` + partsScript + `
		get('0-', {}, (first) => {
			const join = (at, done) => get(at + '-', { joins: { to: first, offset: at - 4, size: 10 } }, done);
			join(4, () => join(12, () => get('8-', { resumes: first }, (again) => {
				get('12-', { joins: { to: again, offset: 0, size: 2 } }, (last) => { out = last.digest; });
			})));
		});`)
	if want := fmt.Sprintf("sha256:%x", sha256.Sum256([]byte(body))); got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

// TestPartDropsTheRest: what is not taken is not read, and nothing is amiss.
func TestPartDropsTheRest(t *testing.T) {
	server := ranged(strings.Repeat("x", 4<<20), nil)
	t.Cleanup(server.Close)
	got := newVU(t).run(`const URL = '` + server.URL + `';` + partsScript + `
		get('0-', {}, (reply) => { out = reply.status + ' ' + reply.bytes + reply.failure; });`)
	if got != "206 4" {
		t.Errorf("got %q", got)
	}
}

func TestJoinsMustName(t *testing.T) {
	for _, joins := range []string{"{}", "{ to: {}, offset: 0, size: 1 }"} {
		_, err := newVU(t).runtime.RunOnEventLoop(`request({ url: 'http://127.0.0.1:1', hop: 'edge', joins: ` + joins + `,
			ask: { method: 'GET', headers: [], want: 'none', phase: 'layer' } }, 10, () => undefined)`)
		if err == nil {
			t.Errorf("joins %s was taken", joins)
		}
	}
}
