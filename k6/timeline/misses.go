package timeline

import (
	"cmp"
	"slices"

	"github.com/pullproof/xk6-pullproof/exchange"
)

const (
	// missesMax bounds the blobs that are kept, missesToldMax those that are told of.
	missesMax     = 2000
	missesToldMax = 200
)

// misses counts by digest how often an edge did not have a blob.
type misses map[string]int64

type missLine struct {
	T      int64  `json:"t"`
	Series string `json:"series"`
	Digest string `json:"digest"`
	Count  int64  `json:"count"`
}

func (m misses) add(sample *exchange.Sample) {
	if sample.Digest == "" || sample.Failed() {
		return
	}
	if _, known := m[sample.Digest]; known || len(m) < missesMax {
		m[sample.Digest]++
	}
}

// lines are those of the blobs that were missed most.
func (m misses) lines(t int64) []missLine {
	lines := make([]missLine, 0, len(m))
	for digest, count := range m {
		lines = append(lines, missLine{T: t, Series: "miss", Digest: digest, Count: count})
	}
	slices.SortFunc(lines, func(a, b missLine) int {
		return cmp.Or(cmp.Compare(b.Count, a.Count), cmp.Compare(a.Digest, b.Digest))
	})
	return lines[:min(len(lines), missesToldMax)]
}
