package timeline

import (
	"strconv"
	"strings"
	"time"

	"github.com/pullproof/xk6-pullproof/exchange"
)

// limitsMax bounds those of one second: hosts and names are the servers' choice.
const limitsMax = 100

type limitKey struct{ host, hop, header string }

type limitCounts struct {
	count  int64
	last   string
	lastAt time.Time
	least  *float64
}

// limitLine: what the servers of a host said of a limit in second T.
type limitLine struct {
	T      int64  `json:"t"`
	Series string `json:"series"`
	Host   string `json:"host"`
	Hop    string `json:"hop"`
	Header string `json:"header"`
	Count  int64  `json:"count"`
	Last   string `json:"last"`
	// Least is absent where no value began with a number.
	Least *float64 `json:"least,omitempty"`
}

func (s *second) addLimit(sample *exchange.Sample, limit exchange.RateLimit) {
	key := limitKey{host: sample.Host, hop: sample.Hop, header: limit.Name}
	counts := s.limits[key]
	if counts == nil {
		if len(s.limits) >= limitsMax {
			return
		}
		counts = &limitCounts{}
		s.limits[key] = counts
	}
	counts.count++
	if !sample.End.Before(counts.lastAt) {
		counts.last, counts.lastAt = limit.Value, sample.End
	}
	if number, ok := leadingNumber(limit.Value); ok && (counts.least == nil || number < *counts.least) {
		counts.least = &number
	}
}

// leadingNumber of "76;w=21600" is 76. Addresses and dates have none.
func leadingNumber(value string) (float64, bool) {
	end := strings.IndexAny(value, ";, ")
	if end < 0 {
		end = len(value)
	}
	digits := value[:end]
	if strings.Trim(digits, "0123456789.") != "" {
		return 0, false
	}
	number, err := strconv.ParseFloat(digits, 64)
	return number, err == nil
}

func limitLineOf(t int64, key limitKey, counts *limitCounts) limitLine {
	return limitLine{
		T: t, Series: "limit", Host: key.host, Hop: key.hop, Header: key.header,
		Count: counts.count, Last: counts.last, Least: counts.least,
	}
}
