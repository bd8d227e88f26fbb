package timeline

import (
	"net/netip"
	"time"

	"github.com/pullproof/xk6-pullproof/exchange"
)

// serversMax bounds the servers of one second: their names are the CDN's choice.
const serversMax = 200

// serverKey is who answered: a peer, and the edge that it says it is.
type serverKey struct {
	host, edge string
	remote     netip.AddrPort
}

type serverCounts struct {
	count, failed, hits, misses, bytes, connections int64
	// Of edges, over what did not fail.
	durations, ttfbs []uint32
	// Bodies that are long enough to tell a speed by, and how long they came.
	bodyBytes int64
	bodyTime  time.Duration
}

// speedBytesMin: less comes in one go, whatever the way.
const speedBytesMin = 64 << 10

// serverLine: requests that one server answered in second T. The histograms are those of edges.
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
	Duration    string `json:"duration,omitempty"`
	TTFB        string `json:"ttfb,omitempty"`
	// BodyBytes came in BodyUs, over single connections.
	BodyBytes int64 `json:"bodyBytes,omitempty"`
	BodyUs    int64 `json:"bodyUs,omitempty"`
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
	if sample.NewConnection {
		counts.connections++
	}
	if sample.Failed() {
		counts.failed++
		return
	}
	if sample.Hop != "edge" && sample.Edge == "" {
		return
	}
	counts.durations = append(counts.durations, microseconds(sample.Duration))
	counts.ttfbs = append(counts.ttfbs, microseconds(sample.TTFB))
	if sample.Bytes >= speedBytesMin && sample.Receiving > 0 {
		counts.bodyBytes += sample.Bytes
		counts.bodyTime += sample.Receiving
	}
}

func (e *encoder) serverLineOf(t int64, key serverKey, counts *serverCounts) serverLine {
	line := serverLine{
		T: t, Series: "server", Host: key.host, Edge: key.edge, Count: counts.count, Failed: counts.failed,
		Hits: counts.hits, Misses: counts.misses, Bytes: counts.bytes, Connections: counts.connections,
		Duration: e.histogramOf(counts.durations), TTFB: e.histogramOf(counts.ttfbs),
		BodyBytes: counts.bodyBytes, BodyUs: counts.bodyTime.Microseconds(),
	}
	if key.remote.IsValid() {
		line.Remote = key.remote.String()
	}
	return line
}
