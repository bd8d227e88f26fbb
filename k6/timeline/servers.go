package timeline

import (
	"net/netip"

	"pullproof/k6/exchange"
)

// serversMax bounds the servers of one second: their names are the CDN's choice.
const serversMax = 200

// serverKey is who answered: a peer, and the edge that it says it is.
type serverKey struct {
	host, edge string
	remote     netip.AddrPort
}

type serverCounts struct{ count, failed, hits, misses, bytes, connections int64 }

// serverLine: requests that one server answered in second T; counts only.
type serverLine struct {
	T           int64  `json:"t"`
	Series      string `json:"series"`
	Host        string `json:"host"`
	Remote      string `json:"remote,omitempty"`
	Edge        string `json:"edge,omitempty"`
	Count       int64  `json:"count"`
	Failed      int64  `json:"failed,omitempty"`
	Hits        int64  `json:"hits,omitempty"`
	Misses      int64  `json:"misses,omitempty"`
	Bytes       int64  `json:"bytes,omitempty"`
	Connections int64  `json:"connections,omitempty"`
}

// addServer leaves out what reached nobody.
func (s *second) addServer(sample *exchange.Sample) {
	if !sample.Remote.IsValid() {
		return
	}
	key := serverKey{host: sample.Host, edge: sample.Edge, remote: sample.Remote}
	counts := s.servers[key]
	if counts == nil && len(s.servers) >= serversMax {
		key = serverKey{host: otherHost}
		counts = s.servers[key]
	}
	if counts == nil {
		counts = &serverCounts{}
		s.servers[key] = counts
	}
	counts.count++
	counts.bytes += sample.Bytes
	switch sample.Cache {
	case "hit":
		counts.hits++
	case "miss":
		counts.misses++
	}
	if sample.Failed() {
		counts.failed++
	}
	if sample.NewConnection {
		counts.connections++
	}
}

func serverLineOf(t int64, key serverKey, counts *serverCounts) serverLine {
	line := serverLine{
		T: t, Series: "server", Host: key.host, Edge: key.edge, Count: counts.count, Failed: counts.failed,
		Hits: counts.hits, Misses: counts.misses, Bytes: counts.bytes, Connections: counts.connections,
	}
	if key.remote.IsValid() {
		line.Remote = key.remote.String()
	}
	return line
}
