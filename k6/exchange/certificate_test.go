package exchange

import (
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"strings"
	"testing"
	"time"

	"go.k6.io/k6/v2/lib"
)

// shownTo is a certificate for these hosts as a script gives it, and the DER that a peer sees.
func shownTo(t *testing.T, hosts ...string) (*lib.TLSAuth, string) {
	t.Helper()
	pair, _ := certificate(t, nil)
	key, err := x509.MarshalPKCS8PrivateKey(pair.PrivateKey)
	if err != nil {
		t.Fatal(err)
	}
	text := func(kind string, der []byte) string {
		return string(pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der}))
	}
	der := pair.Certificate[0]
	fields := lib.TLSAuthFields{Cert: text("CERTIFICATE", der), Key: text("PRIVATE KEY", key), Domains: hosts}
	return &lib.TLSAuth{TLSAuthFields: fields}, string(der)
}

func TestCertificatesAreShownToTheirHosts(t *testing.T) {
	t.Parallel()
	vu := newVU(t)
	var seen []string
	config := &tls.Config{ClientAuth: tls.RequestClientCert} // #nosec G402
	config.VerifyConnection = func(state tls.ConnectionState) error {
		one := ""
		if len(state.PeerCertificates) > 0 {
			one = string(state.PeerCertificates[0].Raw)
		}
		seen = append(seen, one)
		return nil
	}
	hosts := make([]string, 3)
	for i := range hosts {
		hosts[i] = strings.TrimPrefix(tlsServer(t, vu, config.Clone(), nil), "https://")
	}
	vu.transport.TLSClientConfig.InsecureSkipVerify = true // #nosec G402 each server has its own CA
	first, firstSeen := shownTo(t, hosts[0])
	second, secondSeen := shownTo(t, hosts[1])
	vu.state.Options.TLSAuth = []*lib.TLSAuth{first, second}
	for _, host := range hosts {
		if reply := vu.request("https://"+host, asClient, time.Minute); reply.Status != 404 {
			t.Fatalf("%s: %+v", host, reply)
		}
	}
	want := []string{firstSeen, secondSeen, ""}
	for i, one := range want {
		if seen[i] != one {
			t.Errorf("host %d saw a certificate of %d bytes, not its own of %d", i, len(seen[i]), len(one))
		}
	}
}
