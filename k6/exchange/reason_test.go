package exchange

import (
	"bufio"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"io"
	"log"
	"math/big"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"golang.org/x/net/http2"
)

// expect is what a reply must tell of its failure.
type expect struct {
	class, reason string
	// words, or parts of them, that the message must have.
	words []string
}

func (e expect) hold(t *testing.T, reply seen) {
	t.Helper()
	if reply.Failure != e.class || reply.Reason != e.reason {
		t.Errorf("%q %q (%s), status %d", reply.Failure, reply.Reason, reply.FailureMessage, reply.Status)
	}
	for _, words := range e.words {
		if !strings.Contains(reply.FailureMessage, words) {
			t.Errorf("message %q lacks %q", reply.FailureMessage, words)
		}
	}
}

// overHTTP2 are the fields of a request by a client that speaks HTTP/2.
var overHTTP2 = fields{"network": fields{
	"httpVersion": "2", "connections": "kept", "idlePerHostMax": 2, "idleMs": 30000,
}}

// certificate of 127.0.0.1, signed by itself.
func certificate(t *testing.T, change func(*x509.Certificate)) (tls.Certificate, *x509.Certificate) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "test"},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
		IPAddresses: []net.IP{net.ParseIP("127.0.0.1")}, IsCA: true, BasicConstraintsValid: true,
	}
	if change != nil {
		change(template)
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	parsed, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}, parsed
}

// tlsServer serves with TLS as config says, and makes the VU trust it.
func tlsServer(t *testing.T, vu *testVU, config *tls.Config, change func(*x509.Certificate)) string {
	t.Helper()
	pair, parsed := certificate(t, change)
	roots := x509.NewCertPool()
	roots.AddCert(parsed)
	vu.transport.TLSClientConfig = &tls.Config{RootCAs: roots}
	config.Certificates = []tls.Certificate{pair}
	server := httptest.NewUnstartedServer(http.NotFoundHandler())
	server.Config.ErrorLog = log.New(io.Discard, "", 0)
	server.TLS = config
	server.StartTLS()
	t.Cleanup(server.Close)
	return server.URL
}

func TestReasonsOfTLS(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		expect
		config *tls.Config
		change func(*x509.Certificate)
		trust  func(*tls.Config)
	}{
		"unknown CA": {expect: expect{"tls", "unknown-ca", []string{
			"tls: failed to verify certificate: x509: certificate signed by unknown authority",
		}}, trust: func(config *tls.Config) { config.RootCAs = x509.NewCertPool() }},
		"expired": {expect: expect{"tls", "expired", []string{"certificate has expired"}},
			change: func(c *x509.Certificate) { c.NotAfter = time.Now().Add(-time.Minute) }},
		"not yet valid": {expect: expect{"tls", "not-yet-valid", []string{"is not yet valid"}},
			change: func(c *x509.Certificate) { c.NotBefore = time.Now().Add(time.Minute) }},
		"wrong name": {expect: expect{"tls", "wrong-name", nil},
			change: func(c *x509.Certificate) { c.IPAddresses = []net.IP{net.ParseIP("127.0.0.9")} }},
		"client certificate, TLS 1.3": {expect: expect{"tls", "client-certificate", []string{"remote error: tls: "}},
			config: &tls.Config{ClientAuth: tls.RequireAnyClientCert}},
		"client certificate, TLS 1.2": {expect: expect{"tls", "client-certificate", []string{"remote error: tls: "}},
			config: &tls.Config{ClientAuth: tls.RequireAnyClientCert, MaxVersion: tls.VersionTLS12}},
		"old version": {expect: expect{"tls", "protocol", nil},
			config: &tls.Config{MaxVersion: tls.VersionTLS11, MinVersion: tls.VersionTLS10}},
		"no cipher in common": {expect: expect{"tls", "protocol", nil},
			config: &tls.Config{MaxVersion: tls.VersionTLS12,
				CipherSuites: []uint16{tls.TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256}},
			trust: func(config *tls.Config) {
				config.MaxVersion = tls.VersionTLS12
				config.CipherSuites = []uint16{tls.TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384}
			}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			vu := newVU(t)
			config := test.config.Clone()
			if config == nil {
				config = &tls.Config{} // #nosec G402
			}
			at := tlsServer(t, vu, config, test.change)
			if test.trust != nil {
				test.trust(vu.transport.TLSClientConfig)
			}
			test.hold(t, vu.request(at, asClient, time.Minute))
		})
	}
}

func TestReasonsOfConnections(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		expect
		url     func(*testing.T, *testVU) string
		timeout time.Duration
	}{
		"cut in the handshake": {expect{"tls", "cut", []string{"EOF"}}, raw("https", says("")), time.Minute},
		"torn in the handshake": {expect{"tls", "cut", []string{"connection reset by peer"}},
			raw("https", tears), time.Minute},
		"plain HTTP to a TLS client": {expect{"bad-http", "http-to-https-client",
			[]string{"http: server gave HTTP response to HTTPS client"}},
			raw("https", says("HTTP/1.1 400 Bad Request\r\n\r\n")), time.Minute},
		"another protocol to a TLS client": {expect{"bad-http", "", nil},
			raw("https", says("220 mail.example ESMTP\r\n")), time.Minute},
		"a TLS alert to a plain client": {expect{"bad-http", "https-to-http-client", nil},
			raw("http", says("\x15\x03\x01\x00\x02\x02\x16")), time.Minute},
		"closed before a reply": {expect{"reset", "eof", []string{"EOF"}}, raw("http", says("")), time.Minute},
		"reset before a reply": {expect{"reset", "rst", []string{"connection reset by peer"}},
			raw("http", tears), time.Minute},
		"no answer": {expect{"stalled", "no-head", nil}, raw("http", hangs("")), 100 * time.Millisecond},
		"stops within the body": {expect{"stalled", "no-progress", nil},
			raw("http", hangs("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nabc")), 100 * time.Millisecond},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			vu := newVU(t)
			test.hold(t, vu.request(test.url(t, vu), asClient, test.timeout))
		})
	}
}

// tears reads something and resets the connection.
func tears(conn net.Conn) {
	_, _ = conn.Read(make([]byte, 4096))
	_ = conn.(*net.TCPConn).SetLinger(0)
}

// framed serves HTTP/2 by frames: talk is called with each request's stream; its panic ends the connection.
func framed(t *testing.T, vu *testVU, talk func(framer *http2.Framer, stream uint32)) string {
	t.Helper()
	pair, _ := certificate(t, nil)
	vu.transport.TLSClientConfig = &tls.Config{InsecureSkipVerify: true} // #nosec G402
	return "https://" + rawServer(t, func(plain net.Conn) {
		defer func() {
			_ = recover()
			_ = plain.(*net.TCPConn).CloseWrite() // a close would be a reset, which overtakes what was said
			_, _ = io.Copy(io.Discard, plain)
		}()
		conn := tls.Server(plain, &tls.Config{
			Certificates: []tls.Certificate{pair}, NextProtos: []string{"h2"},
		})
		if conn.HandshakeContext(t.Context()) != nil {
			return
		}
		if _, err := io.ReadFull(conn, make([]byte, len(http2.ClientPreface))); err != nil {
			return
		}
		framer := http2.NewFramer(conn, conn)
		_ = framer.WriteSettings()
		for {
			frame, err := framer.ReadFrame()
			if err != nil {
				return
			}
			if settings, ok := frame.(*http2.SettingsFrame); ok && !settings.IsAck() {
				_ = framer.WriteSettingsAck()
			}
			if _, ok := frame.(*http2.HeadersFrame); ok {
				talk(framer, frame.Header().StreamID)
			}
		}
	}) + "/"
}

func TestReasonsOfHTTP2(t *testing.T) {
	t.Parallel()
	// :status 200 by its index in HPACK's static table.
	head := func(framer *http2.Framer, stream uint32) {
		_ = framer.WriteHeaders(http2.HeadersFrameParam{
			StreamID: stream, BlockFragment: []byte{0x88}, EndHeaders: true,
		})
	}
	for name, test := range map[string]struct {
		expect
		status  int
		timeout time.Duration
		talk    func(framer *http2.Framer, stream uint32)
	}{
		"GOAWAY with a code": {expect{"http2", "goaway", []string{"ENHANCE_YOUR_CALM", "too many"}}, 0, time.Minute,
			func(framer *http2.Framer, stream uint32) {
				_ = framer.WriteGoAway(stream, http2.ErrCodeEnhanceYourCalm, []byte("too many"))
				panic(http.ErrAbortHandler)
			}},
		"GOAWAY to each request": {expect{"http2", "goaway", []string{"GOAWAY"}}, 0, time.Second,
			func(framer *http2.Framer, _ uint32) { _ = framer.WriteGoAway(0, http2.ErrCodeNo, nil) }},
		"GOAWAY in the body": {expect{"http2", "goaway", []string{"INTERNAL_ERROR"}}, 200, time.Minute,
			func(framer *http2.Framer, stream uint32) {
				head(framer, stream)
				_ = framer.WriteData(stream, false, []byte("abc"))
				_ = framer.WriteGoAway(stream, http2.ErrCodeInternal, nil)
				panic(http.ErrAbortHandler)
			}},
		"RST_STREAM": {expect{"http2", "stream", []string{"stream error: ", "INTERNAL_ERROR"}}, 0, time.Minute,
			func(framer *http2.Framer, stream uint32) { _ = framer.WriteRSTStream(stream, http2.ErrCodeInternal) }},
		"RST_STREAM in the body": {expect{"http2", "stream", []string{"stream error: "}}, 200, time.Minute,
			func(framer *http2.Framer, stream uint32) {
				head(framer, stream)
				_ = framer.WriteRSTStream(stream, http2.ErrCodeCancel)
			}},
		"refused until the time limit": {expect{"http2", "refused-stream", []string{"REFUSED_STREAM"}}, 0,
			500 * time.Millisecond, func(framer *http2.Framer, stream uint32) {
				_ = framer.WriteRSTStream(stream, http2.ErrCodeRefusedStream)
			}},
		"silence": {expect{"stalled", "no-head", nil}, 0, 200 * time.Millisecond,
			func(*http2.Framer, uint32) {}},
		"a broken frame": {expect{"http2", "", nil}, 0, time.Minute,
			func(framer *http2.Framer, stream uint32) {
				_ = framer.WriteRawFrame(http2.FrameWindowUpdate, 0, 0, []byte{0, 0, 0})
			}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			vu := newVU(t)
			reply := vu.request(framed(t, vu, test.talk), overHTTP2, test.timeout)
			test.hold(t, reply)
			if reply.Status != test.status {
				t.Errorf("status %d", reply.Status)
			}
		})
	}
}

// proxied makes the VU go through this proxy, to whatever address.
func proxied(t *testing.T, vu *testVU, proxy string) {
	t.Helper()
	parsed, err := url.Parse(proxy)
	if err != nil {
		t.Fatal(err)
	}
	vu.transport.Proxy = http.ProxyURL(parsed)
}

func TestReasonsOfProxies(t *testing.T) {
	t.Parallel()
	answers := func(status string) func(*testing.T, *testVU) string {
		return raw("http", says("HTTP/1.1 "+status+"\r\nContent-Length: 0\r\n\r\n"))
	}
	for name, test := range map[string]struct {
		expect
		proxy   func(*testing.T, *testVU) string
		target  string
		timeout time.Duration
	}{
		"407": {expect{"proxy", "proxy-auth", []string{"Proxy Authentication Required"}},
			answers("407 Proxy Authentication Required"), "https://registry.example/", time.Minute},
		"407, plain HTTP": {expect{"proxy", "proxy-auth", []string{"Proxy Authentication Required"}},
			answers("407 Proxy Authentication Required"), "http://registry.example/", time.Minute},
		"403": {expect{"proxy", "proxy-refused", []string{"Forbidden"}},
			answers("403 Forbidden"), "https://registry.example/", time.Minute},
		"502": {expect{"proxy", "proxy-refused", []string{"Bad Gateway"}},
			answers("502 Bad Gateway"), "https://registry.example/", time.Minute},
		"hangs up": {expect{"proxy", "proxy-unreachable", []string{"EOF"}},
			raw("http", says("")), "https://registry.example/", time.Minute},
		"silence": {expect{"proxy", "proxy-unreachable", nil},
			raw("http", hangs("")), "https://registry.example/", 200 * time.Millisecond},
		"no proxy at all": {expect{"proxy", "proxy-unreachable", nil},
			raw("http", says("SSH-2.0-x\r\n")), "https://registry.example/", time.Minute},
		"closed port": {expect{"proxy", "proxy-unreachable", []string{"proxyconnect tcp: dial tcp 127.0.0.1:1: "}},
			at("http://127.0.0.1:1"), "https://registry.example/", time.Minute},
		"closed port, plain HTTP": {expect{"proxy", "proxy-unreachable", []string{"connection refused"}},
			at("http://127.0.0.1:1"), "http://registry.example/", time.Minute},
		"agrees, then cuts": {expect{"tls", "cut", nil},
			raw("http", says("HTTP/1.1 200 OK\r\n\r\n")), "https://registry.example/", time.Minute},
		"SOCKS that refuses": {expect{"proxy", "proxy-refused", nil},
			raw("socks5", func(conn net.Conn) {
				reader := bufio.NewReader(conn)
				_, _ = reader.Discard(3)
				_, _ = conn.Write([]byte{5, 0})
				_, _ = reader.Peek(1)
				_, _ = reader.Discard(reader.Buffered())
				_, _ = conn.Write([]byte{5, 2, 0, 1, 0, 0, 0, 0, 0, 0})
			}), "https://registry.example/", time.Minute},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			vu := newVU(t)
			proxied(t, vu, test.proxy(t, vu))
			test.hold(t, vu.request(test.target, asClient, test.timeout))
		})
	}
}
