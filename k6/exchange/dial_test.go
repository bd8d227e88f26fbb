package exchange

import (
	"context"
	"net"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"go.k6.io/k6/v2/lib"
	"go.k6.io/k6/v2/lib/types"
	"golang.org/x/net/dns/dnsmessage"
)

// zone answers a question: with addresses, or with a code; silent where it says not to answer.
type zone func(name string, kind dnsmessage.Type) (addresses []string, code dnsmessage.RCode, silent bool)

// askingFrom makes the VU's lookups go to a DNS server of our own; it counts what it was asked.
func askingFrom(t *testing.T, vu *testVU, answers zone) (asked *atomic.Int64) {
	t.Helper()
	conn, err := (&net.ListenConfig{}).ListenPacket(t.Context(), "udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	asked = &atomic.Int64{}
	go func() {
		buffer := make([]byte, 1500)
		for {
			n, from, err := conn.ReadFrom(buffer)
			if err != nil {
				return
			}
			asked.Add(1)
			if packed := answerTo(buffer[:n], answers); packed != nil {
				_, _ = conn.WriteTo(packed, from)
			}
		}
	}()
	vu.dialer.Dialer.Resolver = &net.Resolver{
		PreferGo: true,
		Dial: func(ctx context.Context, _, _ string) (net.Conn, error) {
			return (&net.Dialer{}).DialContext(ctx, "udp", conn.LocalAddr().String())
		},
	}
	return asked
}

func answerTo(packed []byte, answers zone) []byte {
	var message dnsmessage.Message
	if message.Unpack(packed) != nil || len(message.Questions) != 1 {
		return nil
	}
	question := message.Questions[0]
	addresses, code, silent := answers(question.Name.String(), question.Type)
	if silent {
		return nil
	}
	reply := dnsmessage.Message{
		Header: dnsmessage.Header{
			ID: message.ID, Response: true, RecursionAvailable: true, RCode: code,
		},
		Questions: message.Questions,
	}
	for _, address := range addresses {
		header := dnsmessage.ResourceHeader{Name: question.Name, Class: question.Class, TTL: 300}
		ip := net.ParseIP(address)
		switch v4 := ip.To4(); {
		case v4 != nil && question.Type == dnsmessage.TypeA:
			reply.Answers = append(reply.Answers,
				dnsmessage.Resource{Header: header, Body: &dnsmessage.AResource{A: [4]byte(v4)}})
		case v4 == nil && question.Type == dnsmessage.TypeAAAA:
			reply.Answers = append(reply.Answers,
				dnsmessage.Resource{Header: header, Body: &dnsmessage.AAAAResource{AAAA: [16]byte(ip)}})
		}
	}
	out, err := reply.Pack()
	if err != nil {
		panic(err)
	}
	return out
}

// addressed has these addresses for every name.
func addressed(addresses ...string) zone {
	return func(string, dnsmessage.Type) ([]string, dnsmessage.RCode, bool) {
		return addresses, dnsmessage.RCodeSuccess, false
	}
}

// listenAt serves at one address alone, and gives the port.
func listenAt(t *testing.T, address string, handler http.HandlerFunc) string {
	t.Helper()
	listener, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", net.JoinHostPort(address, "0"))
	if err != nil {
		t.Skipf("%s is no address here: %v", address, err)
	}
	server := httptest.NewUnstartedServer(handler)
	_ = server.Listener.Close()
	server.Listener = listener
	server.Start()
	t.Cleanup(server.Close)
	_, port, _ := net.SplitHostPort(listener.Addr().String())
	return port
}

func pingable(w http.ResponseWriter, r *http.Request) { _, _ = w.Write([]byte(r.RemoteAddr)) }

// asClient are the fields of a request by a client that dials anew for each.
var asClient = fields{"network": fields{
	"httpVersion": "1.1", "connections": "per-request", "idlePerHostMax": 2, "idleMs": 30000,
}}

func TestEveryAddressIsTried(t *testing.T) {
	t.Parallel()
	for name, addresses := range map[string][]string{
		"two of one family, the first dead": {"127.0.0.3", "127.0.0.2"},
		"the other family dead":             {"::1", "127.0.0.2"},
		"only the last of many":             {"127.0.0.3", "::1", "127.0.0.4", "127.0.0.2"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			vu := newVU(t)
			asked := askingFrom(t, vu, addressed(addresses...))
			port := listenAt(t, "127.0.0.2", pingable)
			for range 3 {
				reply := vu.request("http://registry.example:"+port+"/", asClient, time.Minute)
				if reply.Failure != "" || reply.RemoteAddress != "127.0.0.2:"+port {
					t.Fatalf("%+v", reply)
				}
				if reply.Timings.DNSMs <= 0 || reply.Timings.ConnectMs <= 0 {
					t.Errorf("measured %+v", reply.Timings)
				}
			}
			if asked.Load() < 3 {
				t.Errorf("a new process looks its names up anew: %d questions in 3 dials", asked.Load())
			}
			if vu.dialer.BytesRead == 0 || vu.dialer.BytesWritten == 0 {
				t.Error("k6's counts of bytes stay empty")
			}
		})
	}
}

func TestOnlyIPv6(t *testing.T) {
	t.Parallel()
	vu := newVU(t)
	askingFrom(t, vu, addressed("::1"))
	port := listenAt(t, "::1", pingable)
	reply := vu.request("http://registry.example:"+port+"/", asClient, time.Minute)
	if reply.Failure != "" || reply.RemoteAddress != "[::1]:"+port {
		t.Errorf("%+v", reply)
	}
}

func TestNameMovesBetweenPulls(t *testing.T) {
	t.Parallel()
	vu := newVU(t)
	var at atomic.Pointer[[]string]
	at.Store(&[]string{"127.0.0.2"})
	askingFrom(t, vu, func(string, dnsmessage.Type) ([]string, dnsmessage.RCode, bool) {
		return *at.Load(), dnsmessage.RCodeSuccess, false
	})
	port := listenAt(t, "127.0.0.2", pingable)
	url := "http://registry.example:" + port + "/"
	if reply := vu.request(url, asClient, time.Minute); reply.Failure != "" {
		t.Fatalf("%+v", reply)
	}
	at.Store(&[]string{"127.0.0.9"})
	reply := vu.request(url, asClient, time.Minute)
	want := "dial tcp 127.0.0.9:" + port + ": connect: connection refused"
	if reply.Failure != refused || reply.FailureMessage != want {
		t.Errorf("%+v", reply)
	}
}

func TestFailuresOfNames(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name, class, reason, begins, ends string
		timeout                           time.Duration
		zone                              zone
	}{
		{"NXDOMAIN", "dns", "nxdomain", "dial tcp: lookup registry.example on ", ": no such host",
			time.Minute, func(string, dnsmessage.Type) ([]string, dnsmessage.RCode, bool) {
				return nil, dnsmessage.RCodeNameError, false
			}},
		{"no address", "dns", "nxdomain", "dial tcp: lookup registry.example on ", ": no such host",
			time.Minute, addressed()},
		{"SERVFAIL", "dns", "servfail", "dial tcp: lookup registry.example on ", ": server misbehaving",
			time.Minute, func(string, dnsmessage.Type) ([]string, dnsmessage.RCode, bool) {
				return nil, dnsmessage.RCodeServerFailure, false
			}},
		{"silence", "dns", "no-answer", "dial tcp: lookup registry.example", "i/o timeout",
			300 * time.Millisecond, func(string, dnsmessage.Type) ([]string, dnsmessage.RCode, bool) {
				return nil, 0, true
			}},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			vu := newVU(t)
			askingFrom(t, vu, test.zone)
			reply := vu.request("http://registry.example/", asClient, test.timeout)
			if reply.Failure != test.class || reply.Reason != test.reason ||
				!strings.HasPrefix(reply.FailureMessage, test.begins) ||
				!strings.HasSuffix(reply.FailureMessage, test.ends) {
				t.Errorf("%+v", reply)
			}
			if reply.Timings.DNSMs <= 0 {
				t.Errorf("measured %+v", reply.Timings)
			}
		})
	}
}

func TestDialTimesOut(t *testing.T) {
	t.Parallel()
	vu := newVU(t)
	askingFrom(t, vu, addressed("127.0.0.2"))
	address := fullQueue(t)
	_, port, _ := net.SplitHostPort(address)
	reply := vu.request("http://registry.example:"+port+"/", asClient, 300*time.Millisecond)
	if reply.Failure != dialTimeout || reply.FailureMessage != "dial tcp "+address+": i/o timeout" {
		t.Errorf("%+v", reply)
	}
}

// fullQueue is an address whose owner takes no connections: the kernel drops who knocks.
func fullQueue(t *testing.T) string {
	t.Helper()
	fd, err := syscall.Socket(syscall.AF_INET, syscall.SOCK_STREAM, 0)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = syscall.Close(fd) })
	if err := syscall.Bind(fd, &syscall.SockaddrInet4{Addr: [4]byte{127, 0, 0, 2}}); err != nil {
		t.Skipf("127.0.0.2 is no address here: %v", err)
	}
	if err := syscall.Listen(fd, 0); err != nil {
		t.Fatal(err)
	}
	name, err := syscall.Getsockname(fd)
	if err != nil {
		t.Fatal(err)
	}
	address := net.JoinHostPort("127.0.0.2", strconv.Itoa(name.(*syscall.SockaddrInet4).Port))
	for range 8 {
		conn, err := (&net.Dialer{Timeout: 200 * time.Millisecond}).DialContext(t.Context(), "tcp", address)
		if err != nil {
			return address
		}
		t.Cleanup(func() { _ = conn.Close() })
	}
	t.Skip("the queue of this kernel does not fill")
	return ""
}

func TestOptionsOfK6HoldForNames(t *testing.T) {
	t.Parallel()
	port := listenAt(t, "127.0.0.2", pingable)
	url := "http://registry.example:" + port + "/"
	for _, test := range []struct {
		name, failure, words, peer string
		set                        func(t *testing.T, vu *testVU)
	}{
		{"hosts", "", "", "127.0.0.2:" + port, func(t *testing.T, vu *testVU) {
			hosts, err := types.NewHosts(map[string]types.Host{
				"registry.example": {IP: net.ParseIP("127.0.0.2")},
			})
			if err != nil {
				t.Fatal(err)
			}
			vu.dialer.Hosts = hosts
		}},
		{"blockHostnames", refused, "blocked pattern", "", func(t *testing.T, vu *testVU) {
			blocked, err := types.NewHostnameTrie([]string{"*.example"})
			if err != nil {
				t.Fatal(err)
			}
			vu.dialer.BlockedHostnames = blocked
		}},
		{"blacklistIPs", refused, "blacklisted range", "", func(t *testing.T, vu *testVU) {
			_, network, err := net.ParseCIDR("127.0.0.2/32")
			if err != nil {
				t.Fatal(err)
			}
			vu.dialer.Blacklist = []*lib.IPNet{{IPNet: *network}}
			askingFrom(t, vu, addressed("127.0.0.2"))
		}},
		{"K6_DNS", "", "", "127.0.0.2:" + port, func(_ *testing.T, vu *testVU) {
			vu.state.Options.DNS.TTL.Valid = true
			vu.dialer.Resolver = resolverFunc(func(string) (net.IP, error) {
				return net.ParseIP("127.0.0.2"), nil
			})
		}},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			vu := newVU(t)
			test.set(t, vu)
			reply := vu.request(url, asClient, time.Minute)
			if reply.Failure != test.failure || !strings.Contains(reply.FailureMessage, test.words) ||
				test.peer != "" && reply.RemoteAddress != test.peer {
				t.Errorf("%+v", reply)
			}
		})
	}
}
