package exchange

import (
	"context"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"syscall"
	"testing"
	"time"

	"go.k6.io/k6/v2/lib"
)

func TestFailureClasses(t *testing.T) {
	t.Parallel()
	long := time.Minute // never reached
	short := 100 * time.Millisecond
	for _, test := range []struct {
		name    string
		want    string
		status  int
		timeout time.Duration
		url     func(t *testing.T, vu *testVU) string
		request fields
	}{
		{name: "name does not resolve", want: "dns", timeout: long, url: at("http://name.invalid/")},
		{name: "resolver finds no address", want: "dns", timeout: long,
			url: func(_ *testing.T, vu *testVU) string {
				vu.dialer.Resolver = resolverFunc(func(string) (net.IP, error) { return nil, nil })
				return "http://name.invalid/"
			}},
		{name: "resolver hangs", want: "dns", timeout: short,
			url: func(t *testing.T, vu *testVU) string {
				release := make(chan struct{})
				t.Cleanup(func() { close(release) })
				vu.dialer.Resolver = resolverFunc(func(string) (net.IP, error) { <-release; return nil, nil })
				return "http://name.invalid/"
			}},
		{name: "closed port", want: "refused", timeout: long,
			url: func(t *testing.T, _ *testVU) string {
				listener, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
				if err != nil {
					t.Fatal(err)
				}
				_ = listener.Close()
				return "http://" + listener.Addr().String()
			}},
		{name: "network unreachable", want: "refused", timeout: long, url: dialFails(syscall.ENETUNREACH)},
		{name: "host unreachable", want: "refused", timeout: long, url: dialFails(syscall.EHOSTUNREACH)},
		{name: "blocked by k6's blacklistIPs", want: "refused", timeout: long,
			url: func(t *testing.T, vu *testVU) string {
				_, network, err := net.ParseCIDR("127.0.0.0/8")
				if err != nil {
					t.Fatal(err)
				}
				vu.dialer.Blacklist = []*lib.IPNet{{IPNet: *network}}
				return "http://127.0.0.1:1/"
			}},
		{name: "dial hangs", want: "dial-timeout", timeout: short, url: dialHangs},
		{name: "no more open files", want: "client-limit", timeout: long, url: dialFails(syscall.EMFILE)},
		{name: "no more ports", want: "client-limit", timeout: long, url: dialFails(syscall.EADDRNOTAVAIL)},
		{name: "dial times out by itself", want: "dial-timeout", timeout: long, url: dialFails(syscall.ETIMEDOUT)},
		{name: "unknown authority", want: "tls", timeout: long,
			url: func(t *testing.T, _ *testVU) string {
				server := httptest.NewUnstartedServer(http.NotFoundHandler())
				server.Config.ErrorLog = log.New(io.Discard, "", 0)
				server.StartTLS()
				t.Cleanup(server.Close)
				return server.URL
			}},
		{name: "closed in the handshake", want: "tls", timeout: long, url: raw("https", says(""))},
		{name: "handshake hangs", want: "stalled", timeout: short, url: raw("https", hangs(""))},
		{name: "closed before a reply", want: "reset", timeout: long, url: raw("http", says(""))},
		{name: "closed within the head", want: "reset", timeout: long,
			url: raw("http", says("HTTP/1.1 200 OK\r\nA: b\r\n"))},
		{name: "reset before a reply", want: "reset", timeout: long,
			url: raw("http", func(conn net.Conn) {
				_, _ = conn.Read(make([]byte, 4096))
				_ = conn.(*net.TCPConn).SetLinger(0)
			})},
		{name: "no answer", want: "stalled", timeout: short, url: raw("http", hangs(""))},
		{name: "stops within the body", want: "stalled", status: 200, timeout: short,
			url: raw("http", hangs("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nabc"))},
		{name: "less than Content-Length", want: "short-body", status: 200, timeout: long,
			url: raw("http", says("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nabc"))},
		{name: "no last chunk", want: "short-body", status: 200, timeout: long,
			url: raw("http", says("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n"))},
		{name: "more than bodyBytesMax", want: "long-body", status: 200, timeout: long,
			url:     raw("http", says("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n123456789")),
			request: fields{"bodyBytesMax": 8}},
		{name: "a body where none may be", want: "long-body", status: 200, timeout: long,
			url:     raw("http", says("HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\n1")),
			request: fields{"bodyBytesMax": 0, "want": "none"}},
		{name: "not HTTP", want: "bad-http", timeout: long, url: raw("http", says("SSH-2.0-x\r\n\r\n"))},
		{name: "a TLS alert to a plain client", want: "bad-http", timeout: long,
			url: raw("http", says("\x15\x03\x01\x00\x02\x02\x16"))},
		{name: "plain HTTP to a TLS client", want: "bad-http", timeout: long,
			url: raw("https", says("HTTP/1.1 400 Bad Request\r\n\r\n"))},
		{name: "broken chunk", want: "bad-http", status: 200, timeout: long,
			url: raw("http", says("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\nabc\r\n"))},
		{name: "unusable URL", want: "bad-http", timeout: long, url: at("http://[::1/")},
		{name: "unusable scheme", want: "bad-http", timeout: long, url: at("ftp://127.0.0.1/")},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			vu := newVU(t)
			reply := vu.request(test.url(t, vu), test.request, test.timeout)
			if reply.Failure != test.want || reply.Status != test.status {
				t.Fatalf("failure %q (%s), status %d", reply.Failure, reply.FailureMessage, reply.Status)
			}
			if reply.FailureMessage == "" || reply.Digest != "" {
				t.Errorf("message %q, digest %q", reply.FailureMessage, reply.Digest)
			}
			if test.want == "tls" && reply.RemoteAddress == "" {
				t.Error("the address that was connected to is not told")
			}
			if sample := vu.sample(); !sample.Failed() || sample.Failure != test.want {
				t.Errorf("measured as %+v", sample)
			}
		})
	}
}

func TestInterrupted(t *testing.T) {
	t.Parallel()
	for name, text := range map[string]string{
		"before the head": "", "within the body": "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nabc",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			vu := newVU(t)
			vu.runtime.VU.CtxField, vu.runtime.CancelContext = context.WithCancel(t.Context())
			url := raw("http", func(conn net.Conn) {
				says(text)(conn)
				vu.runtime.CancelContext()
				_, _ = conn.Read(make([]byte, 1))
			})(t, vu)
			reply := vu.request(url+"blob?Signature=secret", nil, time.Minute)
			if reply.Failure != "interrupted" {
				t.Errorf("%+v", reply)
			}
			container := <-vu.samples
			one, ok := container.(*Unfinished)
			if !ok || len(container.GetSamples()) != 0 {
				t.Fatalf("what k6 interrupts must not be among its metrics: %+v", container)
			}
			if one.Host == "" || one.URL != "http://"+one.Host+"/blob" || !one.Remote.IsValid() ||
				one.Bytes != reply.Bytes || one.End.Before(one.Start) {
				t.Errorf("%+v", one)
			}
			if expected := int64(9 * (reply.Status / 200)); one.BytesExpected != expected {
				t.Errorf("%d bytes are expected, want %d", one.BytesExpected, expected)
			}
		})
	}
}

func TestSlowIsNotStalled(t *testing.T) {
	t.Parallel()
	vu := newVU(t)
	url := raw("http", func(conn net.Conn) {
		says("HTTP/1.1 200 OK\r\nContent-Length: 8\r\n\r\n")(conn)
		for range 8 { // together far beyond the time limit
			time.Sleep(100 * time.Millisecond)
			_, _ = conn.Write([]byte("x"))
		}
	})(t, vu)
	if reply := vu.request(url, nil, 500*time.Millisecond); reply.Failure != "" || reply.Bytes != 8 {
		t.Errorf("%+v", reply)
	}
}

func TestFailureMessageIsBounded(t *testing.T) {
	t.Parallel()
	vu := newVU(t)
	url := raw("http", says(strings.Repeat("é", 3000)+"\r\n\r\n"))(t, vu)
	if reply := vu.request(url, nil, time.Minute); len(reply.FailureMessage) > failureMessageBytesMax+3 {
		t.Errorf("%d bytes", len(reply.FailureMessage))
	}
}

func at(url string) func(*testing.T, *testVU) string {
	return func(*testing.T, *testVU) string { return url }
}

func raw(scheme string, talk func(net.Conn)) func(*testing.T, *testVU) string {
	return func(t *testing.T, _ *testVU) string { return scheme + "://" + rawServer(t, talk) + "/" }
}

// hangs says text and then waits for the client to go away.
func hangs(text string) func(net.Conn) {
	return func(conn net.Conn) {
		says(text)(conn)
		_, _ = conn.Read(make([]byte, 1))
	}
}

// dialFails makes the socket call fail, as the kernel does.
func dialFails(errno syscall.Errno) func(*testing.T, *testVU) string {
	return func(_ *testing.T, vu *testVU) string {
		vu.dialer.ControlContext = func(context.Context, string, string, syscall.RawConn) error { return errno }
		return "http://127.0.0.1:1/"
	}
}

func dialHangs(t *testing.T, vu *testVU) string {
	release := make(chan struct{})
	t.Cleanup(func() { close(release) })
	vu.dialer.ControlContext = func(context.Context, string, string, syscall.RawConn) error {
		<-release
		return syscall.ECONNREFUSED
	}
	return "http://127.0.0.1:1/"
}
