package exchange

import (
	"math"
	"net/http"
	"sync/atomic"
	"time"
)

// dateBytesMax is more than any form of a Date takes.
const dateBytesMax = 40

// clockSkew is by how much the clock here is ahead of the registry's, as replies tell: the least of them, since
// each is late by its way, and by the part of a second that a Date leaves out.
type clockSkew struct {
	// least in milliseconds; math.MaxInt64 before a reply told.
	least atomic.Int64
	// last is what was parsed last: the replies of a second share one Date.
	last atomic.Pointer[parsedDate]
}

type parsedDate struct {
	text string
	ms   int64
}

var skew = newClockSkew()

func newClockSkew() *clockSkew {
	s := &clockSkew{}
	s.least.Store(math.MaxInt64)
	return s
}

// Skew in milliseconds; not known before a reply had a Date.
func Skew() (ms int64, known bool) { return skew.told() }

func (s *clockSkew) told() (ms int64, known bool) {
	ms = s.least.Load()
	return ms, ms != math.MaxInt64
}

// note takes the head of a reply. What comes out of a cache has the Date of another time (RFC 9111, section 5.1).
func (s *clockSkew) note(header http.Header, at time.Time) {
	dates := header["Date"]
	if len(dates) != 1 || len(dates[0]) > dateBytesMax {
		return
	}
	for _, value := range header["Age"] {
		if age(value) == "hit" {
			return
		}
	}
	date := s.last.Load()
	if date == nil || date.text != dates[0] {
		parsed, err := http.ParseTime(dates[0])
		if err != nil {
			return
		}
		date = &parsedDate{dates[0], parsed.UnixMilli()}
		s.last.Store(date)
	}
	ms := at.UnixMilli() - date.ms
	for known := s.least.Load(); ms < known; known = s.least.Load() {
		if s.least.CompareAndSwap(known, ms) {
			return
		}
	}
}
