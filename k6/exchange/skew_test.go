package exchange

import (
	"net/http"
	"sync"
	"testing"
	"time"
)

func headOf(date time.Time, more ...string) http.Header {
	header := http.Header{"Date": {date.UTC().Format(http.TimeFormat)}}
	for i := 0; i+1 < len(more); i += 2 {
		header.Set(more[i], more[i+1])
	}
	return header
}

func TestSkewIsTheLeastOfAllReplies(t *testing.T) {
	t.Parallel()
	date := time.Unix(1_800_000_000, 0)
	at := func(ms int) time.Time { return date.Add(time.Duration(ms) * time.Millisecond) }
	s := newClockSkew()
	if _, known := s.told(); known {
		t.Fatal("known before a reply")
	}
	s.note(http.Header{}, at(-9000))
	s.note(http.Header{"Date": {"yesterday"}}, at(-9000))
	s.note(http.Header{"Date": {"a", "b"}}, at(-9000))
	s.note(headOf(date, "Age", "7"), at(-9000))
	if _, known := s.told(); known {
		t.Fatal("known by replies that do not tell")
	}
	s.note(headOf(date), at(900))
	s.note(headOf(date, "Age", "0"), at(300))
	s.note(headOf(date.Add(time.Second)), at(1400))
	s.note(headOf(date), at(700))
	if ms, known := s.told(); !known || ms != 300 {
		t.Errorf("skew %d %v", ms, known)
	}
}

func TestSkewOfManyAtOnce(t *testing.T) {
	t.Parallel()
	s := newClockSkew()
	date := time.Unix(1_800_000_000, 0)
	var all sync.WaitGroup
	for user := range 8 {
		all.Go(func() {
			for i := range 500 {
				second := date.Add(time.Duration(i%3) * time.Second)
				s.note(headOf(second), second.Add(time.Duration(user*500+500-i)*time.Millisecond))
			}
		})
	}
	all.Wait()
	if ms, _ := s.told(); ms != 1 {
		t.Errorf("skew %d", ms)
	}
}

func BenchmarkSkew(b *testing.B) {
	s := newClockSkew()
	header := headOf(time.Unix(1_800_000_000, 0), "Content-Type", "text/plain")
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			s.note(header, time.Now())
		}
	})
}
