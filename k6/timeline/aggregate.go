package timeline

import (
	"slices"
	"strings"
	"time"

	"go.k6.io/k6/v2/metrics"

	"github.com/pullproof/xk6-pullproof/exchange"
)

// seriesMax bounds the series of one second: the hosts of redirects are the registry's choice.
const (
	seriesMax = 1000
	otherHost = "(other)"
)

// second is what happened within one second of wall time.
type second struct {
	t       int64
	hops    map[hopKey]*hopSeries
	metrics map[metricKey]*metricSeries
	servers map[serverKey]*serverCounts
	// steps by phase: microseconds of whole steps.
	steps  map[string][]uint32
	limits map[limitKey]*limitCounts
}

type hopKey struct {
	phase, hop, host, cache, failure string
	status                           int
}

// hopSeries holds plain microseconds: far smaller than a histogram, which is made when it is
// written.
type hopSeries struct {
	count, failed, bytes, connections int64
	// total is the time of all of them, dials and failures included.
	total            time.Duration
	durations, ttfbs []uint32
	// Of new connections alone, also those that led to nothing.
	dns, connects, handshakes []uint32
	first, last               time.Time // of starts, of ends
}

type metricKey struct {
	metric                           *metrics.Metric
	class, why                       string
	client, image, scenario          string
	reason, phase, hop, host, status string
}

type metricSeries struct {
	count     int64
	sum, last float64
	values    []uint32 // of a trend, microseconds
}

func (o *timelineOutput) second(at time.Time) *second {
	t := at.Unix()
	now := o.seconds[t]
	if now == nil {
		now = &second{t: t, hops: map[hopKey]*hopSeries{}, metrics: map[metricKey]*metricSeries{},
			servers: map[serverKey]*serverCounts{}, steps: map[string][]uint32{},
			limits: map[limitKey]*limitCounts{}}
		o.seconds[t] = now
	}
	return now
}

// take removes and returns the seconds before `before`, oldest first.
func (o *timelineOutput) take(before int64) []*second {
	o.lock.Lock()
	defer o.lock.Unlock()
	o.waits.forget(time.Now())
	var done []*second
	for t, entry := range o.seconds {
		if t < before {
			done = append(done, entry)
			delete(o.seconds, t)
		}
	}
	slices.SortFunc(done, func(a, b *second) int { return int(a.t - b.t) })
	return done
}

func (o *timelineOutput) add(container metrics.SampleContainer) {
	switch one := container.(type) {
	case *exchange.Sample:
		o.second(one.End).addHop(one)
		o.misses.add(one)
		o.runner.count()
		return
	case *exchange.Unfinished:
		o.pending.add(one)
		return
	case *exchange.Pull:
		o.pulls.add(one)
		return
	}
	for _, sample := range container.GetSamples() {
		if !isWanted(sample.Metric.Name) {
			continue
		}
		o.second(sample.Time).addMetric(sample)
		if sample.Metric.Name == "pull_wait" {
			o.waits.add(sample)
		}
	}
}

func isWanted(metric string) bool {
	switch metric {
	case metrics.VUsName, metrics.IterationsName, metrics.DroppedIterationsName,
		metrics.DataReceivedName, metrics.DataSentName:
		return true
	}
	return strings.HasPrefix(metric, "pull") || strings.HasPrefix(metric, "push")
}

func (s *second) addHop(sample *exchange.Sample) {
	key := hopKey{
		phase: sample.Phase, hop: sample.Hop, host: sample.Host,
		cache: sample.Cache, failure: sample.Failure, status: sample.Status,
	}
	series := s.hops[key]
	if series == nil && len(s.hops) >= seriesMax {
		key.host = otherHost
		series = s.hops[key]
	}
	if series == nil {
		series = &hopSeries{first: sample.Start, last: sample.End}
		s.hops[key] = series
	}
	series.count++
	series.bytes += sample.Bytes
	series.total += sample.End.Sub(sample.Start)
	if sample.Start.Before(series.first) {
		series.first = sample.Start
	}
	if sample.End.After(series.last) {
		series.last = sample.End
	}
	if sample.NewConnection {
		series.connections++
	}
	if sample.Connect > 0 {
		series.addDial(sample)
	}
	if !exchange.IsPush(sample.Phase) { // a push is measured apart from the pulls
		s.addServer(sample)
		s.addStep(sample)
		for _, limit := range sample.Limits {
			s.addLimit(sample, limit)
		}
	}
	if sample.Failed() {
		series.failed++
		return
	}
	series.durations = append(series.durations, microseconds(sample.Duration))
	series.ttfbs = append(series.ttfbs, microseconds(sample.TTFB))
}

// phasesMax bounds them: a script can name any.
const phasesMax = 50

func (s *second) addStep(sample *exchange.Sample) {
	if sample.Step == 0 {
		return
	}
	phase := sample.Phase
	if _, known := s.steps[phase]; !known && len(s.steps) >= phasesMax {
		phase = "other"
	}
	s.steps[phase] = append(s.steps[phase], microseconds(sample.Step))
}

func (h *hopSeries) addDial(sample *exchange.Sample) {
	h.connects = append(h.connects, microseconds(sample.Connect))
	if sample.DNS > 0 {
		h.dns = append(h.dns, microseconds(sample.DNS))
	}
	if sample.TLS > 0 {
		h.handshakes = append(h.handshakes, microseconds(sample.TLS))
	}
}

func (s *second) addMetric(sample metrics.Sample) {
	key := metricKey{metric: sample.Metric}
	if len(s.metrics) < 2*seriesMax { // beyond that, without tags
		key.class, _ = sample.Tags.Get("class")
		key.why, _ = sample.Tags.Get("why")
	}
	if len(s.metrics) < seriesMax { // beyond that, only what nobody outside chooses
		key.client, _ = sample.Tags.Get("client")
		key.image, _ = sample.Tags.Get("image")
		key.scenario, _ = sample.Tags.Get("scenario")
		if key.class != "" {
			key.readPlace(sample.Tags)
		}
	}
	series := s.metrics[key]
	if series == nil {
		series = &metricSeries{}
		s.metrics[key] = series
	}
	series.count++
	series.sum += sample.Value
	series.last = sample.Value
	if sample.Metric.Type == metrics.Trend {
		// Bounded as float, before it becomes a Duration: scripts can pass anything.
		ms := min(max(sample.Value, 0), float64(histogramMax/time.Millisecond))
		series.values = append(series.values, microseconds(time.Duration(ms*float64(time.Millisecond))))
	}
}

// readPlace reads what failures alone are tagged with.
func (k *metricKey) readPlace(tags *metrics.TagSet) {
	k.reason, _ = tags.Get("reason")
	k.phase, _ = tags.Get("phase")
	k.hop, _ = tags.Get("hop")
	k.host, _ = tags.Get("host")
	k.status, _ = tags.Get("status")
}

func microseconds(d time.Duration) uint32 {
	return uint32(min(max(d, time.Microsecond), histogramMax).Microseconds())
}
