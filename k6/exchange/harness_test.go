package exchange

import (
	"context"
	"encoding/json"
	"net"
	"net/http"
	"testing"
	"time"

	"go.k6.io/k6/v2/js/modulestest"
	"go.k6.io/k6/v2/lib"
	"go.k6.io/k6/v2/lib/netext"
	"go.k6.io/k6/v2/metrics"
)

// seen is HttpReply as a script sees it.
type seen struct {
	Status         int         `json:"status"`
	HeaderLines    [][2]string `json:"headerLines"`
	Text           string      `json:"text"`
	Bytes          int64       `json:"bytes"`
	Digest         string      `json:"digest"`
	Failure        string      `json:"failure"`
	Reason         string      `json:"reason"`
	FailureMessage string      `json:"failureMessage"`
	RemoteAddress  string      `json:"remoteAddress"`
	Timings        struct {
		DNSMs, ConnectMs, TLSMs, TTFBMs, TotalMs float64
	} `json:"timings"`
}

// testVU is one virtual user with k6's own dialer and a transport set up as k6 does it.
type testVU struct {
	t         testing.TB
	runtime   *modulestest.Runtime
	dialer    *netext.Dialer
	transport *http.Transport
	samples   chan metrics.SampleContainer
	state     *lib.State
	registry  *metrics.Registry
}

func newVU(t testing.TB) *testVU {
	t.Helper()
	runtime := modulestest.NewRuntime(t)
	registry := runtime.VU.InitEnvField.Registry
	dialer := netext.NewDialer(net.Dialer{}, resolverFunc(func(host string) (net.IP, error) {
		return nil, &net.DNSError{Err: "no such host", Name: host, IsNotFound: true}
	}))
	transport := &http.Transport{DialContext: dialer.DialContext, DisableCompression: true}
	t.Cleanup(transport.CloseIdleConnections)
	vu := &testVU{
		t: t, runtime: runtime, dialer: dialer, transport: transport, registry: registry,
		samples: make(chan metrics.SampleContainer, 1000),
	}
	vu.state = &lib.State{
		Transport: transport, Dialer: dialer, Samples: vu.samples,
		BuiltinMetrics: runtime.BuiltinMetrics,
		Tags:           lib.NewVUStateTags(registry.RootTagSet().With("scenario", "test")),
	}
	instance := (&rootModule{}).NewModuleInstance(runtime.VU)
	for name, value := range instance.Exports().Named {
		if err := runtime.VU.Runtime().Set(name, value); err != nil {
			t.Fatal(err)
		}
	}
	runtime.MoveToVUContext(vu.state)
	return vu
}

type resolverFunc func(host string) (net.IP, error)

func (f resolverFunc) LookupIP(host string) (net.IP, error) { return f(host) }

// fields of an HttpRequest or of its Ask that differ from a plain GET.
type fields map[string]any

// request performs one request from JavaScript.
func (v *testVU) request(url string, differing fields, timeout time.Duration) seen {
	v.t.Helper()
	ask := fields{
		"method": "GET", "headers": [][2]string{}, "want": "text", "algorithm": "sha256",
		"bodyBytesMax": 1 << 20, "phase": "other", "network": nil,
	}
	request := fields{"url": url, "ask": ask, "hop": "registry", "authorization": "", "referer": ""}
	for name, value := range differing {
		if _, asked := ask[name]; asked {
			ask[name] = value
		} else {
			request[name] = value
		}
	}
	literal, err := json.Marshal(request)
	if err != nil {
		v.t.Fatal(err)
	}
	milliseconds, _ := json.Marshal(float64(timeout) / float64(time.Millisecond))
	var reply seen
	answer := v.run(`var out; request(` + string(literal) + `,` + string(milliseconds) +
		`, (reply) => { out = JSON.stringify(reply); })`)
	if err := json.Unmarshal([]byte(answer), &reply); err != nil {
		v.t.Fatalf("%v in %q", err, answer)
	}
	return reply
}

// run runs code to the end of the event loop and returns its global `out`.
func (v *testVU) run(code string) string {
	v.t.Helper()
	if _, err := v.runtime.RunOnEventLoop(code); err != nil {
		v.t.Fatal(err)
	}
	return v.runtime.VU.Runtime().Get("out").String()
}

// sample is the one measurement that was pushed.
func (v *testVU) sample() *Sample {
	v.t.Helper()
	select {
	case container := <-v.samples:
		return container.(*Sample)
	default:
		v.t.Fatal("nothing was measured")
		return nil
	}
}

// rawServer answers each connection by talk and then closes it.
func rawServer(t testing.TB, talk func(net.Conn)) string {
	t.Helper()
	listener, err := (&net.ListenConfig{}).Listen(context.Background(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = listener.Close() })
	go func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			go func() {
				defer func() { _ = conn.Close() }()
				talk(conn)
			}()
		}
	}()
	return listener.Addr().String()
}

// says reads a request's head and answers with text, as it is.
func says(text string) func(net.Conn) {
	return func(conn net.Conn) {
		_, _ = conn.Read(make([]byte, 4096))
		_, _ = conn.Write([]byte(text))
	}
}
