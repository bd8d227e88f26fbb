package exchange

import (
	"crypto/tls"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/grafana/sobek"
	"go.k6.io/k6/v2/lib"
)

// network is NetworkTraits (src/protocol/talk.ts) in Go: how a client makes and keeps connections.
type network struct {
	http2 bool
	// perRequest: no connection is used twice. perPull: none outlives a pull.
	perRequest, perPull bool
	// closesRefused: a 401 without credentials is left unread. apart: shares nothing with the same
	// client's other requests.
	closesRefused, apart bool
	// pings: it asks for /v2/ first.
	pings          bool
	idlePerHostMax int
	idleTimeout    time.Duration
	// progress is the longest wait for a byte; 0 leaves that to whoever runs us.
	progress time.Duration
}

// userTraits is a kind of client of one user: a VU may play several, who share no connections.
type userTraits struct {
	network
	user int64
}

// transports of one VU, one for each kind of client and user.
type transports map[userTraits]*http.Transport

// userOf is 0 for whoever names none.
func userOf(value sobek.Value) int64 {
	if isNothing(value) {
		return 0
	}
	return value.ToInteger()
}

// forRequest is the transport for what this user asks, found once for all in a row.
func (t transports) forRequest(a *ask, user int64, state *lib.State) http.RoundTripper {
	if a.lastTransport == nil || a.lastUser != user {
		a.lastTransport, a.lastUser = t.of(a.network, user, state), user
	}
	return a.lastTransport
}

// of is the transport for these traits; without any, and under a transport that is not k6's, it is
// k6's own. k6's options for proxy, certificates and noConnectionReuse hold for all, and those for
// addresses as dial.go says.
func (t transports) of(traits *network, user int64, state *lib.State) http.RoundTripper {
	model, ok := state.Transport.(*http.Transport)
	if traits == nil || !ok {
		return state.Transport
	}
	key := userTraits{*traits, user}
	if known := t[key]; known != nil {
		return known
	}
	made := &http.Transport{
		Proxy: model.Proxy, DialContext: dialerOf(state), DisableCompression: true,
		GetProxyConnectHeader: askProxy, OnProxyConnectResponse: heardProxy,
		TLSHandshakeTimeout: clientHandshakeMax,
		DisableKeepAlives:   model.DisableKeepAlives || traits.perRequest,
		MaxIdleConnsPerHost: traits.idlePerHostMax,
		IdleConnTimeout:     traits.idleTimeout,
		ForceAttemptHTTP2:   traits.http2,
	}
	if model.TLSClientConfig != nil {
		config := model.TLSClientConfig.Clone()
		config.NextProtos = nil // Go offers what it can speak
		if config.GetClientCertificate == nil {
			config.GetClientCertificate = certificateFor(state.Options.TLSAuth)
		}
		made.TLSClientConfig = config
	}
	if !traits.http2 {
		made.TLSNextProto = map[string]func(string, *tls.Conn) http.RoundTripper{}
	}
	t[key] = made
	return made
}

// certificateFor sends a host of `domains`, with its port, the certificate that is for it, and one
// without domains to all; else none, as Go does by itself, and notes that one was asked for. k6 alone
// shows the first that fits to whoever asks, whatever its domains.
func certificateFor(shown []*lib.TLSAuth) func(*tls.CertificateRequestInfo) (*tls.Certificate, error) {
	everywhere, byHost := []*tls.Certificate{}, map[string]*tls.Certificate{}
	for _, one := range shown {
		certificate, err := one.Certificate()
		if err != nil {
			continue // k6 has refused it
		}
		for _, host := range one.Domains {
			byHost[withoutPortOfTLS(host)] = certificate
		}
		if len(one.Domains) == 0 {
			everywhere = append(everywhere, certificate)
		}
	}
	return func(info *tls.CertificateRequestInfo) (*tls.Certificate, error) {
		watch := traceOf(info.Context())
		if watch != nil && byHost[watch.host] != nil {
			return byHost[watch.host], nil
		}
		for _, certificate := range everywhere {
			if info.SupportsCertificate(certificate) == nil {
				return certificate, nil
			}
		}
		if watch != nil {
			watch.certificateAsked.Store(true)
		}
		return &tls.Certificate{}, nil
	}
}

// withoutPortOfTLS is the host as URLs name it.
func withoutPortOfTLS(host string) string { return strings.TrimSuffix(strings.ToLower(host), ":443") }

// endPull closes what a client that is a new process for each pull would leave behind.
func (t transports) endPull(user int64) {
	for key, transport := range t {
		if key.perPull && key.user == user {
			transport.CloseIdleConnections()
		}
	}
}

func (a *ask) readNetwork(value sobek.Value) error {
	if isNothing(value) {
		return nil
	}
	object, ok := value.(*sobek.Object)
	if !ok {
		return errors.New("ask.network must be an object")
	}
	traits := &network{
		http2:          textOf(object, "httpVersion") == "2",
		closesRefused:  truthOf(object, "closesRefused"),
		apart:          truthOf(object, "apart"),
		pings:          truthOf(object, "ping"),
		idlePerHostMax: int(numberOf(object, "idlePerHostMax")),
		idleTimeout:    time.Duration(numberOf(object, "idleMs")) * time.Millisecond,
		progress:       time.Duration(numberOf(object, "progressMs")) * time.Millisecond,
	}
	switch kind := textOf(object, "connections"); kind {
	case "kept":
	case "per-pull":
		traits.perPull = true
	case "per-request":
		traits.perRequest = true
	default:
		return fmt.Errorf("unknown connections %q", kind)
	}
	a.network = traits
	return nil
}

// numberOf is 0 for what is absent.
func numberOf(object *sobek.Object, name string) int64 {
	if value := object.Get(name); !isNothing(value) {
		return value.ToInteger()
	}
	return 0
}

// truthOf is false for what is absent.
func truthOf(object *sobek.Object, name string) bool {
	value := object.Get(name)
	return !isNothing(value) && value.ToBoolean()
}

// leavesUnread: the client closes this challenge, and with it the connection, without reading its body. Who
// pings has his challenge from there: what is refused later is an error, which is read.
func (r *request) leavesUnread(status int) bool {
	return status == http.StatusUnauthorized && r.authorization == "" && r.hop == "registry" &&
		r.network != nil && r.network.closesRefused && (r.phase == "ping" || !r.network.pings)
}
