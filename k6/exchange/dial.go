package exchange

// Dialling as Go's own clients do: every address of a name, both families side by side, a lookup for
// each dial. k6's dialer takes one address of a name and remembers it for minutes, which hides what
// clients do about a dead address, and how slow their resolver is.

import (
	"context"
	"net"
	"syscall"
	"time"

	"go.k6.io/k6/v2/lib"
	"go.k6.io/k6/v2/lib/netext"
)

// The limits that Go's clients set for a dial, lookup included, and for a TLS handshake. The time limit
// of the request holds besides.
const (
	clientDialMax      = 30 * time.Second
	clientHandshakeMax = 10 * time.Second
)

// clientDialer dials in the place of k6's dialer, whose `hosts`, `blockHostnames`, `blacklistIPs`,
// `localIPs` and counts of bytes hold nevertheless.
type clientDialer struct{ k6 *netext.Dialer }

// dialerOf is the function to dial with. Who gives options for DNS (K6_DNS) wants k6's own resolver.
func dialerOf(state *lib.State) func(ctx context.Context, network, addr string) (net.Conn, error) {
	own, ok := state.Dialer.(*netext.Dialer)
	if !ok {
		return state.Dialer.DialContext
	}
	if dns := state.Options.DNS; dns.TTL.Valid || dns.Select.Valid || dns.Policy.Valid {
		return own.DialContext
	}
	return clientDialer{own}.dial
}

func (d clientDialer) dial(ctx context.Context, network, addr string) (net.Conn, error) {
	host, _, err := net.SplitHostPort(addr)
	if err != nil {
		return nil, err
	}
	dialer := d.k6.Dialer
	dialer.Timeout = clientDialMax
	if watch := traceOf(ctx); watch != nil {
		dialer.Timeout = min(clientDialMax, watch.timeout)
	}
	dialContext := dialer.DialContext
	if d.isForK6(addr, host) {
		// Apart from d.k6 because of the time limit.
		limited := netext.Dialer{
			Dialer: dialer, Resolver: d.k6.Resolver, Blacklist: d.k6.Blacklist,
			BlockedHostnames: d.k6.BlockedHostnames, Hosts: d.k6.Hosts,
		}
		dialContext = limited.DialContext
	} else if len(d.k6.Blacklist) > 0 {
		dialer.ControlContext = d.control(dialer.ControlContext)
		dialContext = dialer.DialContext
	}
	conn, err := dialContext(ctx, network, addr)
	if err != nil {
		return nil, err
	}
	if counted, ok := conn.(*netext.Conn); ok {
		conn = counted.Conn
	}
	return &netext.Conn{
		Conn: conn, BytesRead: &d.k6.BytesRead, BytesWritten: &d.k6.BytesWritten,
	}, nil
}

// isForK6: its options say where this goes, or there is nothing to look up.
func (d clientDialer) isForK6(addr, host string) bool {
	if net.ParseIP(host) != nil {
		return true
	}
	if d.k6.BlockedHostnames != nil {
		if _, blocked := d.k6.BlockedHostnames.Contains(host); blocked {
			return true
		}
	}
	return d.k6.Hosts != nil && (d.k6.Hosts.Match(addr) != nil || d.k6.Hosts.Match(host) != nil)
}

type controlContext = func(ctx context.Context, network, addr string, conn syscall.RawConn) error

// control refuses the addresses of a name that k6's options forbid, before they are dialled.
func (d clientDialer) control(next controlContext) controlContext {
	return func(ctx context.Context, network, addr string, conn syscall.RawConn) error {
		if _, _, err := d.k6.ResolveAddr(addr); err != nil {
			return err
		}
		if next != nil {
			return next(ctx, network, addr, conn)
		}
		return nil
	}
}
