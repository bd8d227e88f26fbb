package exchange

import (
	"crypto/sha256"
	"fmt"
	"net/http"
	"net/http/httptest"
	"testing"
)

// whole is what the server below has; it breaks off after half of it unless a range is asked for.
const whole = "one body in two parts"

func halves(honoursRange bool) http.HandlerFunc {
	half := len(whole) / 2
	return func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Range") == "" {
			w.Header().Set("Content-Length", fmt.Sprint(len(whole)))
			_, _ = w.Write([]byte(whole[:half]))
			w.(http.Flusher).Flush()
			panic(http.ErrAbortHandler)
		}
		if !honoursRange {
			_, _ = w.Write([]byte(whole))
			return
		}
		w.WriteHeader(http.StatusPartialContent)
		_, _ = w.Write([]byte(whole[half:]))
	}
}

func TestResume(t *testing.T) {
	for _, honoursRange := range []bool{true, false} {
		server := httptest.NewServer(halves(honoursRange))
		t.Cleanup(server.Close)
		vu := newVU(t)
		digest := vu.run(`var out;
			const ask = (headers) => ({
				method: 'GET', headers, want: 'digest', algorithm: 'sha256', bodyBytesMax: 1000, phase: 'layer',
			});
			const get = (resumes, headers, done) => request(
				{ url: '` + server.URL + `', ask: ask(headers), hop: 'edge', authorization: '', referer: '', resumes },
				5000, done);
			get(undefined, [], (cut) => get(cut, [['Range', 'bytes=10-']], (rest) => {
				out = cut.failure + ' ' + cut.digest + ' ' + rest.digest;
			}));`)
		want := fmt.Sprintf("short-body  sha256:%x", sha256.Sum256([]byte(whole)))
		if digest != want {
			t.Errorf("honours Range: %v: got %q, want %q", honoursRange, digest, want)
		}
	}
}

func TestResumesMustBeAReply(t *testing.T) {
	_, err := newVU(t).runtime.RunOnEventLoop(`request({ url: 'http://127.0.0.1:1', hop: 'edge', resumes: {},
		ask: { method: 'GET', headers: [], want: 'none', phase: 'layer' } }, 10, () => undefined)`)
	if err == nil {
		t.Error("an object that is no reply was taken")
	}
}

// Connection is left to Go's transport, which writes it last.
func TestHeadersLast(t *testing.T) {
	var got http.Header
	server := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { got = r.Header }))
	t.Cleanup(server.Close)
	newVU(t).run(`var out; request({ url: '` + server.URL + `', hop: 'registry', ask: { method: 'GET', headers: [],
		headersLast: [['Accept-Encoding', 'gzip'], ['Connection', 'close']],
		want: 'none', phase: 'ping' } }, 5000, () => { out = 'done'; })`)
	if got.Get("Accept-Encoding") != "gzip" || got.Get("Connection") != "" {
		t.Errorf("the server saw %v", got)
	}
}
