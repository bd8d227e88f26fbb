package exchange

// What a proxy does on the way. net/http reports its refusal as mere words: the hooks here keep the
// status, and note how far the asking came.

import (
	"context"
	"errors"
	"net"
	"net/http"
	"net/url"
	"strings"
)

// proxyRefusal is a proxy's answer to CONNECT that is not 200. Its words are those of net/http.
type proxyRefusal struct {
	status int
	words  string
}

func (p *proxyRefusal) Error() string { return p.words }

// askProxy is called before CONNECT goes out.
func askProxy(ctx context.Context, _ *url.URL, _ string) (http.Header, error) {
	if watch := traceOf(ctx); watch != nil {
		watch.mark(&watch.proxyAsked)
	}
	return nil, nil
}

// heardProxy is called with the answer to CONNECT.
func heardProxy(ctx context.Context, _ *url.URL, _ *http.Request, response *http.Response) error {
	if response.StatusCode == http.StatusOK {
		if watch := traceOf(ctx); watch != nil {
			watch.mark(&watch.proxyAgreed)
		}
		return nil
	}
	_, words, ok := strings.Cut(response.Status, " ")
	if !ok {
		words = "unknown status code"
	}
	return &proxyRefusal{status: response.StatusCode, words: words}
}

// reasonOfProxy is the finer reason of a failure by a proxy, and whether it is one at all.
func reasonOfProxy(err error, at stage) (reason string, isProxy bool) {
	var refusal *proxyRefusal
	if errors.As(err, &refusal) {
		if refusal.status == http.StatusProxyAuthRequired {
			return "proxy-auth", true
		}
		return "proxy-refused", true
	}
	var operation *net.OpError
	if errors.As(err, &operation) {
		switch operation.Op {
		case "proxyconnect": // the dial of the proxy, or its TLS
			return "proxy-unreachable", true
		case "socks connect":
			return reasonOfSocks(operation.Err), true
		}
	}
	return "proxy-unreachable", at == connectingByProxy // it hung up, is silent, or no proxy
}

// reasonOfSocks goes by the words of net/http's SOCKS client, which has no types.
func reasonOfSocks(err error) string {
	if words := err.Error(); strings.Contains(words, "authentication") {
		return "proxy-auth"
	}
	return "proxy-refused"
}

// isProxied: the request went through a proxy, which then is who answers 407.
func isProxied(by http.RoundTripper, httpRequest *http.Request) bool {
	transport, ok := by.(*http.Transport)
	if !ok || transport.Proxy == nil {
		return false
	}
	proxy, err := transport.Proxy(httpRequest)
	return err == nil && proxy != nil
}
