package exchange

import (
	"context"
	"crypto/sha256"
	"crypto/sha512"
	"crypto/tls"
	"encoding/hex"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"golang.org/x/time/rate"
)

func serve(t testing.TB, handler http.HandlerFunc) string {
	t.Helper()
	server := httptest.NewServer(handler)
	t.Cleanup(server.Close)
	return server.URL
}

func TestDigests(t *testing.T) {
	t.Parallel()
	body := strings.Repeat("0123456789", 20_000) // several buffers
	url := serve(t, func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/octet-stream")
		switch r.URL.Path {
		case "/body":
			_, _ = io.WriteString(w, body)
		case "/encoded":
			w.Header().Set("Content-Encoding", "gzip") // a lie: who decodes it fails
			_, _ = io.WriteString(w, body)
		case "/204":
			w.WriteHeader(http.StatusNoContent)
		}
	})
	sum256, sum512 := sha256.Sum256([]byte(body)), sha512.Sum512([]byte(body))
	digest256, digest512 := "sha256:"+hex.EncodeToString(sum256[:]), "sha512:"+hex.EncodeToString(sum512[:])
	empty := sha256.Sum256(nil)
	for _, test := range []struct {
		name, path string
		request    fields
		want       seen
	}{
		{"text", "/body", fields{"want": "text"}, seen{Text: body, Digest: digest256, Bytes: 200_000}},
		{"digest", "/body", fields{"want": "digest"}, seen{Digest: digest256, Bytes: 200_000}},
		{"sha512", "/body", fields{"want": "digest", "algorithm": "sha512"},
			seen{Digest: digest512, Bytes: 200_000}},
		{"none", "/body", fields{"want": "none"}, seen{Bytes: 200_000}},
		{"as many bytes as allowed", "/body", fields{"want": "none", "bodyBytesMax": 200_000},
			seen{Bytes: 200_000}},
		{"taken as it comes", "/encoded", fields{"want": "digest"}, seen{Digest: digest256, Bytes: 200_000}},
		{"HEAD", "/body", fields{"method": "HEAD"}, seen{}},
		{"no content", "/204", nil, seen{}},
		{"empty body", "/empty", nil, seen{Digest: "sha256:" + hex.EncodeToString(empty[:])}},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			got := newVU(t).request(url+test.path, test.request, time.Minute)
			if got.Failure != "" || got.Text != test.want.Text || got.Digest != test.want.Digest ||
				got.Bytes != test.want.Bytes {
				t.Errorf("failure %q, digest %s, %d bytes, text of %d",
					got.FailureMessage, got.Digest, got.Bytes, len(got.Text))
			}
		})
	}
}

func TestRedirectIsNotFollowed(t *testing.T) {
	t.Parallel()
	for _, status := range []int{301, 302, 303, 307, 308} {
		url := serve(t, func(w http.ResponseWriter, r *http.Request) {
			if r.URL.Path != "/from" {
				t.Errorf("followed to %s", r.URL)
			}
			http.Redirect(w, r, "/to?Signature=s", status)
		})
		reply := newVU(t).request(url+"/from", nil, time.Minute)
		if reply.Status != status || !slices.Contains(reply.HeaderLines, [2]string{"Location", "/to?Signature=s"}) {
			t.Errorf("%d: %+v", status, reply)
		}
	}
}

func TestRequestOnTheWire(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name    string
		path    string
		request fields
		want    []string // lines, sorted, after the request line
		first   string
	}{
		{
			name: "repeated lines stay apart, no User-Agent of our own", path: "/v2/a%2Fb/?x=%7e|y&Z=1",
			request: fields{"headers": [][2]string{{"Accept", "b"}, {"Accept", "a"}, {"X-Y", "1"}}},
			first:   "GET /v2/a%2Fb/?x=%7e|y&Z=1 HTTP/1.1", want: []string{"Accept: a", "Accept: b", "X-Y: 1"},
		},
		{
			name: "User-Agent and Host as given", path: "/",
			request: fields{"headers": [][2]string{{"user-agent", "podman/5"}, {"Host", "example.org"}}},
			first:   "GET / HTTP/1.1", want: []string{"Host: example.org", "User-Agent: podman/5"},
		},
		{
			name: "body", path: "/token",
			request: fields{"method": "POST", "body": "a=é", "headers": [][2]string{}},
			first:   "POST /token HTTP/1.1", want: []string{"Content-Length: 4"},
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			heads := make(chan string, 1)
			address := rawServer(t, func(conn net.Conn) {
				buffer := make([]byte, 4096)
				n, _ := conn.Read(buffer)
				heads <- string(buffer[:n])
				_, _ = io.WriteString(conn, "HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n")
			})
			if reply := newVU(t).request("http://"+address+test.path, test.request, time.Minute); reply.Status != 204 {
				t.Fatalf("%+v", reply)
			}
			head, _, _ := strings.Cut(<-heads, "\r\n\r\n")
			lines := strings.Split(head, "\r\n")
			own := slices.DeleteFunc(lines[1:], func(line string) bool { return line == "Host: "+address })
			slices.Sort(own)
			if lines[0] != test.first || !slices.Equal(own, test.want) {
				t.Errorf("sent %q %q", lines[0], own)
			}
		})
	}
}

func TestReplyHeaders(t *testing.T) {
	t.Parallel()
	address := rawServer(t, says("HTTP/1.1 200 OK\r\nWWW-Authenticate: B\r\nLink: 1\r\n"+
		"www-authenticate: A\r\nContent-Length: 2\r\n\r\n\xffx"))
	vu := newVU(t)
	out := vu.run(`var out; request({url: "http://` + address + `/", hop: "registry", ask: {method: "GET",
		headers: [], want: "text", algorithm: "sha256", bodyBytesMax: 9, phase: "ping"}}, 1000, (reply) => {
		let refused = '';
		try { (function () { 'use strict'; reply.status = 1; })(); } catch (e) { refused = e.name; }
		out = [refused, reply.header('WWW-authenticate'), reply.header('none'), reply.text, 'digest' in reply,
			reply.status, reply.text === reply.text, reply.unknown, JSON.stringify(reply.headerLines)].join('|') });`)
	want := `TypeError|B, A||` + "\uFFFDx" + `|true|200|true||` +
		`[["Content-Length","2"],["Link","1"],["Www-Authenticate","B"],["Www-Authenticate","A"]]`
	if out != want {
		t.Errorf("got  %s\nwant %s", out, want)
	}
}

func TestTimingsAndConnections(t *testing.T) {
	t.Parallel()
	server := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		_, _ = io.WriteString(w, "x")
	}))
	t.Cleanup(server.Close)
	vu := newVU(t)
	vu.transport.TLSClientConfig = &tls.Config{InsecureSkipVerify: true}
	vu.dialer.Resolver = resolverFunc(func(string) (net.IP, error) { return net.IPv4(127, 0, 0, 1), nil })
	_, port, _ := net.SplitHostPort(server.Listener.Addr().String())
	url := "https://registry.test:" + port + "/"

	first := vu.request(url, nil, time.Minute)
	got := first.Timings
	if got.DNSMs <= 0 || got.ConnectMs <= 0 || got.TLSMs <= 0 || got.TTFBMs <= 0 ||
		got.TotalMs < got.DNSMs+got.ConnectMs+got.TLSMs+got.TTFBMs {
		t.Errorf("first request: %+v %s", got, first.FailureMessage)
	}
	if first.RemoteAddress != "127.0.0.1:"+port || !vu.sample().NewConnection {
		t.Errorf("first request: %+v", first)
	}
	second := vu.request(url, nil, time.Minute)
	got = second.Timings
	if got.DNSMs != 0 || got.ConnectMs != 0 || got.TLSMs != 0 || got.TTFBMs <= 0 || got.TotalMs < got.TTFBMs {
		t.Errorf("second request: %+v", got)
	}
	if second.RemoteAddress != first.RemoteAddress || vu.sample().NewConnection {
		t.Errorf("second request: %+v", second)
	}
}

func TestRPSLimitIsObeyed(t *testing.T) {
	t.Parallel()
	vu := newVU(t)
	vu.state.RPSLimit = rate.NewLimiter(rate.Every(time.Hour), 1)
	url := serve(t, func(http.ResponseWriter, *http.Request) {})
	if reply := vu.request(url, nil, time.Minute); reply.Status != 200 {
		t.Fatalf("%+v", reply)
	}
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	vu.runtime.VU.CtxField = ctx // the limiter sees that an hour does not fit
	reply := vu.request(url, nil, time.Minute)
	if reply.Failure != "interrupted" || len(vu.samples) != 1 {
		t.Errorf("%+v, %d requests measured", reply, len(vu.samples))
	}
}

func TestWrongArgumentsThrow(t *testing.T) {
	t.Parallel()
	vu := newVU(t)
	where := `url: "http://127.0.0.1:1/", hop: "registry"`
	asks := func(differing string) string {
		return `{` + where + `, ask: {method: "GET", headers: [], want: "none", algorithm: "sha256",
			phase: "ping", ` + differing + `}}, 1, () => {}`
	}
	for name, arguments := range map[string]string{
		"no function":       `{` + where + `, ask: {method: "GET", want: "none", phase: "ping"}}, 1`,
		"no request":        `undefined, 1, () => {}`,
		"no ask":            `{` + where + `}, 1, () => {}`,
		"no URL":            `{hop: "edge", ask: {method: "GET", want: "none", phase: "x"}}, 1, () => {}`,
		"no method":         asks(`method: undefined`),
		"unknown want":      asks(`want: "all"`),
		"unknown algorithm": asks(`want: "digest", algorithm: "md5"`),
		"headers no array":  asks(`headers: 5`),
		"header no pair":    asks(`headers: ["Accept"]`),
		"too many headers":  asks(`headers: new Array(1000)`),
	} {
		out := vu.run(`var out = ''; try { request(` + arguments + `) } catch (e) { out = e.name }`)
		if out != "TypeError" {
			t.Errorf("%s: %q", name, out)
		}
	}
}

// Many users of one ask: what one request adds to its header is not seen by the others.
func TestAsksAreShared(t *testing.T) {
	t.Parallel()
	url := serve(t, func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.WriteString(w, r.Header.Get("Accept")+" "+r.Header.Get("Authorization")+" "+r.Referer())
	})
	out := newVU(t).run(`var out; const said = [];
		const ask = {method: "GET", headers: [["Accept", "a"]], want: "text", algorithm: "sha256", phase: "x"};
		const send = (words) => request({url: "` + url + `", hop: "edge", ask, ...words}, 1000, (reply) => {
			said.push(reply.text); out = said.sort().join('|'); });
		send({authorization: "Bearer t", referer: ""});
		send({authorization: "", referer: "http://r/"});
		send({authorization: "", referer: ""});`)
	if want := "a  |a  http://r/|a Bearer t "; out != want {
		t.Errorf("got  %q\nwant %q", out, want)
	}
}

func TestNowIsMonotonic(t *testing.T) {
	t.Parallel()
	out := newVU(t).run(`var out = 0, last = now();
		for (let i = 0; i < 1000; i++) { const t = now(); if (!(t >= last)) out++; last = t; }`)
	if out != "0" {
		t.Errorf("went back %s times", out)
	}
}

func TestInitContextThrows(t *testing.T) {
	t.Parallel()
	vu := newVU(t)
	vu.runtime.VU.StateField = nil
	out := vu.run(`var out = ''; try { request() } catch (e) { out = String(e) }`)
	if !strings.Contains(out, "init context") {
		t.Error(out)
	}
}

// A body of 256 MiB must pass through in constant memory. Not parallel: it watches the whole heap.
func TestLargeBodyInConstantMemory(t *testing.T) {
	const bodyBytes, heapGrowthMax = 256 << 20, 24 << 20
	piece := []byte(strings.Repeat("pullproof-layer!", 4096))
	url := serve(t, func(w http.ResponseWriter, _ *http.Request) {
		for range bodyBytes / len(piece) {
			if _, err := w.Write(piece); err != nil {
				return
			}
		}
	})
	want := sha256.New()
	for range bodyBytes / len(piece) {
		want.Write(piece)
	}
	vu := newVU(t)
	before := heapBytes()
	stop, peaks := make(chan struct{}), make(chan uint64)
	go func() {
		peak := uint64(0)
		for {
			select {
			case <-stop:
				peaks <- peak
				return
			case <-time.After(5 * time.Millisecond):
				peak = max(peak, heapBytes())
			}
		}
	}()
	reply := vu.request(url, fields{"want": "digest", "bodyBytesMax": 1 << 30}, time.Minute)
	close(stop)
	peak := <-peaks
	if reply.Bytes != bodyBytes || reply.Digest != fmt.Sprintf("sha256:%x", want.Sum(nil)) {
		t.Fatalf("%+v", reply)
	}
	if peak == 0 || peak > before+heapGrowthMax {
		t.Errorf("heap grew from %d to %d bytes", before, peak)
	}
}

func heapBytes() uint64 {
	var stats runtime.MemStats
	runtime.ReadMemStats(&stats)
	return stats.HeapAlloc
}

// BenchmarkRequest measures one request and its callback, JavaScript included.
func BenchmarkRequest(b *testing.B) {
	url := serve(b, func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "x") })
	vu := newVU(b)
	go func() {
		for range vu.samples {
		}
	}()
	b.ReportAllocs()
	vu.run(fmt.Sprintf(`var out, left = %d;
		const ask = {method: "GET", headers: [["Accept", "a"], ["Accept", "b"], ["User-Agent", "c"]],
			want: "digest", algorithm: "sha256", bodyBytesMax: 9, phase: "layer"};
		const req = {url: %q, ask, hop: "edge", authorization: "Bearer t", referer: "http://r/"};
		const next = (reply) => { if (reply.status !== 200) throw reply.failure;
			if (left-- > 0) request(req, 1000, next); };
		request(req, 1000, next);`, b.N, url))
}

func TestExcerptsOfWhatIsNoBlob(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("é", 2000)
	for name, test := range map[string]struct {
		status      int
		kind, want  string
		text        string
		textBytes   int
		contentSent string
	}{
		"an error":            {403, "application/octet-stream", "digest", "AccessDenied", 12, "AccessDenied"},
		"a long error":        {500, "", "none", "é", 1024, long},
		"a page":              {200, "text/html; charset=utf-8", "digest", "<html>", 6, "<html>"},
		"XML":                 {200, "application/xml", "digest", "<a/>", 4, "<a/>"},
		"JSON of some kind":   {200, "application/problem+json", "none", "{}", 2, "{}"},
		"a blob":              {200, "application/octet-stream", "digest", "", 0, "blob"},
		"a layer":             {200, "application/vnd.oci.image.layer.v1.tar+gzip", "digest", "", 0, "blob"},
		"of no type":          {200, "", "digest", "", 0, "blob"},
		"as text, to its end": {200, "text/plain", "text", "é", 4000, long},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
				w.Header()["Content-Type"] = nil
				if test.kind != "" {
					w.Header().Set("Content-Type", test.kind)
				}
				w.WriteHeader(test.status)
				_, _ = w.Write([]byte(test.contentSent))
			}))
			t.Cleanup(server.Close)
			reply := newVU(t).request(server.URL, fields{"want": test.want}, time.Minute)
			if !strings.HasPrefix(reply.Text, test.text) || len(reply.Text) != test.textBytes {
				t.Errorf("%d bytes of text, %q", len(reply.Text), reply.Text[:min(len(reply.Text), 40)])
			}
			if reply.Bytes != int64(len(test.contentSent)) {
				t.Errorf("%d bytes", reply.Bytes)
			}
		})
	}
}
