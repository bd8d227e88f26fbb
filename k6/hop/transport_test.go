package hop

import (
	"crypto/tls"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"
)

// told is what the server of these tests says: protocol, connection and whether it was asked to close.
type told struct {
	proto, peer string
	closes      bool
}

// protocols serves HTTP/1.1 and, over TLS, HTTP/2; path /401 refuses.
func protocols(t *testing.T, secure bool) string {
	t.Helper()
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/401" {
			w.WriteHeader(http.StatusUnauthorized)
		}
		_, _ = fmt.Fprintf(w, "%s %s %v", r.Proto, r.RemoteAddr, r.Close)
	}))
	if secure {
		server.EnableHTTP2 = true
		server.StartTLS()
	} else {
		server.Start()
	}
	t.Cleanup(server.Close)
	return server.URL
}

func (v *testVU) asks(url string, traits fields) told {
	v.t.Helper()
	reply := v.request(url, fields{"phase": "other", "network": traits}, time.Minute)
	if reply.Failure != "" {
		v.t.Fatal(reply.FailureMessage)
	}
	words := strings.Fields(reply.Text)
	return told{words[0], words[1], words[2] == "true"}
}

func traitsOf(version, connections string, more fields) fields {
	traits := fields{
		"httpVersion": version, "connections": connections, "idlePerHostMax": 2, "idleMs": 90_000,
	}
	for name, value := range more {
		traits[name] = value
	}
	return traits
}

func TestClientsOfAMix(t *testing.T) {
	t.Parallel()
	vu := newVU(t)
	vu.transport.TLSClientConfig = &tls.Config{InsecureSkipVerify: true} //nolint:gosec
	url := protocols(t, true)
	kept, perPull := traitsOf("1.1", "kept", nil), traitsOf("1.1", "per-pull", nil)
	second := traitsOf("2", "per-pull", nil)
	first := vu.asks(url, kept)
	if again := vu.asks(url, kept); again != first || first.proto != "HTTP/1.1" {
		t.Errorf("a client that keeps connections: %v, then %v", first, again)
	}
	pull := vu.asks(url, perPull)
	if again := vu.asks(url, perPull); again != pull || pull.peer == first.peer {
		t.Errorf("within a pull: %v, then %v", pull, again)
	}
	if other := vu.asks(url, second); other.proto != "HTTP/2.0" {
		t.Errorf("a client of HTTP/2: %v", other)
	}
	if apart := vu.asks(url, traitsOf("1.1", "per-pull", fields{"apart": true})); apart.peer == pull.peer {
		t.Errorf("a resolver apart: %v", apart)
	}
	vu.run("endPull()")
	if next := vu.asks(url, perPull); next.peer == pull.peer {
		t.Errorf("after a pull: %v again", next)
	}
	if still := vu.asks(url, kept); still != first {
		t.Errorf("the others' end is not its own: %v, then %v", first, still)
	}
}

func TestConnectionPerRequest(t *testing.T) {
	t.Parallel()
	vu := newVU(t)
	url := protocols(t, false)
	traits := traitsOf("1.1", "per-request", nil)
	first, second := vu.asks(url, traits), vu.asks(url, traits)
	if first.peer == second.peer || !first.closes || !second.closes {
		t.Errorf("%v, then %v", first, second)
	}
}

func TestClosesRefused(t *testing.T) {
	t.Parallel()
	vu := newVU(t)
	url := protocols(t, false)
	traits := traitsOf("1.1", "kept", fields{"closesRefused": true})
	before := vu.asks(url, traits)
	refused := vu.request(url+"/401", fields{"network": traits, "phase": "other"}, time.Minute)
	if refused.Status != http.StatusUnauthorized || refused.Failure != "" || refused.Bytes != 0 {
		t.Errorf("%+v", refused)
	}
	if after := vu.asks(url, traits); after.peer == before.peer {
		t.Errorf("the connection of a challenge is used again: %v", after)
	}
	final := vu.request(url+"/401", fields{
		"network": traits, "phase": "other", "authorization": "Bearer x",
	}, time.Minute)
	if final.Text == "" {
		t.Error("what refuses credentials says why")
	}
}
