package exchange

import (
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"
)

const stepPause = 20 * time.Millisecond

// TestWholeSteps: a redirect and what it leads to are one step, and so are a body that was cut and its rest.
func TestWholeSteps(t *testing.T) {
	t.Parallel()
	url := serve(t, func(w http.ResponseWriter, r *http.Request) {
		time.Sleep(stepPause)
		switch r.URL.Path {
		case "/redirect":
			http.Redirect(w, r, "/blob", http.StatusFound)
		case "/refused":
			w.WriteHeader(http.StatusUnauthorized)
		case "/blob":
			if r.Header.Get("Range") == "" {
				w.Header().Set("Content-Length", "9")
				_, _ = w.Write([]byte("abc"))
				w.(http.Flusher).Flush()
				panic(http.ErrAbortHandler)
			}
			w.WriteHeader(http.StatusPartialContent)
			_, _ = w.Write([]byte("defghi"))
		}
	})
	vu := newVU(t)
	vu.run(`var out = 'none';
		const ask = (phase, headers) => ({
			method: 'GET', headers, want: 'digest', algorithm: 'sha256', bodyBytesMax: 1000, phase,
		});
		const get = (phase, path, more, headers, done) => request({ url: '` + url + `' + path,
			ask: ask(phase, headers), hop: 'edge', authorization: '', referer: '', ...more }, 5000, done);
		get('layer', '/redirect', {}, [], (redirect) =>
			get('layer', '/blob', { follows: redirect }, [], (cut) =>
				get('layer', '/blob', { resumes: cut }, [['Range', 'bytes=3-']], () =>
					get('layer', '/refused', {}, [], () =>
						get('ping', '/refused', {}, [], () => { out = 'done'; })))));`)
	for i, want := range []time.Duration{0, 0, 3 * stepPause, 0, stepPause} {
		sample := vu.sample()
		if want == 0 && sample.Step != 0 || sample.Step < want {
			t.Errorf("request %d: the step took %v, want %v at least", i, sample.Step, want)
		}
	}
}

func TestFollowsMustBeAReply(t *testing.T) {
	t.Parallel()
	_, err := newVU(t).runtime.RunOnEventLoop(`request({ url: 'http://127.0.0.1:1', hop: 'edge', follows: {},
		ask: { method: 'GET', headers: [], want: 'none', phase: 'layer' } }, 10, () => undefined)`)
	if err == nil {
		t.Error("an object that is no reply was taken")
	}
}

func TestRateLimits(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("x", 500)
	url := serve(t, func(w http.ResponseWriter, r *http.Request) {
		for name, value := range map[string]string{
			"RateLimit-Limit": "100;w=21600", "ratelimit-remaining": "76;w=21600", "RateLimit": `"d";r=5`,
			"Docker-RateLimit-Source": "192.0.2.1", "X-RateLimit-Reset": long, "X-Rate-Limit": "1",
			"Retry-After": "3", "Date": "now", "X-Request-Id": "7",
		} {
			w.Header().Set(name, value)
		}
		if r.URL.Path == "/429" {
			w.WriteHeader(http.StatusTooManyRequests)
		}
	})
	all := []string{"docker-ratelimit-source", "ratelimit", "ratelimit-limit", "ratelimit-remaining", "retry-after",
		"x-rate-limit", "x-ratelimit-reset"}
	for _, test := range []struct {
		path, phase string
		want        []string
	}{{"/", "manifest", all}, {"/429", "layer", all}, {"/", "layer", nil}} {
		vu := newVU(t)
		vu.request(url+test.path, fields{"phase": test.phase}, time.Minute)
		var names []string
		for _, limit := range vu.sample().Limits {
			names = append(names, limit.Name)
			if len(limit.Value) > limitValueBytesMax {
				t.Errorf("%s has %d bytes", limit.Name, len(limit.Value))
			}
		}
		slices.Sort(names)
		if !slices.Equal(names, test.want) {
			t.Errorf("%s of %s: %v", test.phase, test.path, names)
		}
	}
}

func TestPlainURL(t *testing.T) {
	t.Parallel()
	for url, want := range map[string]string{
		"http://user:secret@cdn:1/a/b?sig=x#y":     "http://cdn:1/a/b",
		"http://cdn:1?sig=x":                       "http://cdn:1",
		"http://cdn:1/" + strings.Repeat("é", 300): "",
	} {
		got := plainURL(url, "cdn:1")
		if len(got) > urlBytesMax+3 || want != "" && got != want {
			t.Errorf("%s became %s", url, got)
		}
	}
}
