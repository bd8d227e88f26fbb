package timeline

import (
	"bytes"
	"encoding/json"
	"strconv"
	"time"

	"github.com/HdrHistogram/hdrhistogram-go"
	"go.k6.io/k6/v2/metrics"
)

const (
	schema = "pullproof/timeline/v1"
	// Histograms hold 1 µs to 1 h in µs, to three significant digits.
	histogramMax    = time.Hour
	histogramDigits = 3
)

type firstLine struct {
	Schema    string `json:"schema"`
	StartedAt string `json:"startedAt"`
	Unit      string `json:"unit"`
}

// hopLine: requests of one series that ended in second T. The histograms (base64, HdrHistogram V2,
// compressed) hold those that did not fail.
type hopLine struct {
	T           int64  `json:"t"`
	Series      string `json:"series"`
	Phase       string `json:"phase"`
	Hop         string `json:"hop"`
	Host        string `json:"host,omitempty"`
	Status      string `json:"status"`
	Cache       string `json:"cache,omitempty"`
	Failure     string `json:"failure,omitempty"`
	Count       int64  `json:"count"`
	Failed      int64  `json:"failed,omitempty"`
	Bytes       int64  `json:"bytes,omitempty"`
	Connections int64  `json:"connections,omitempty"`
	// TotalUs is the time that all of them took, dials and failures included.
	TotalUs int64 `json:"totalUs"`
	// FirstMs, LastMs: when the first of these requests began and the last ended, ms since 1970.
	FirstMs int64 `json:"firstMs"`
	LastMs  int64 `json:"lastMs"`
	// Duration is http_req_duration: without DNS, connect and TLS.
	Duration string `json:"duration,omitempty"`
	TTFB     string `json:"ttfb,omitempty"`
	// DNS, Connect, TLS: of the connections that were dialled.
	DNS     string `json:"dns,omitempty"`
	Connect string `json:"connect,omitempty"`
	TLS     string `json:"tls,omitempty"`
}

// metricLine: samples of one of k6's metrics or a script's own (`pull…`, `push…`) in second T.
type metricLine struct {
	T      int64             `json:"t"`
	Series string            `json:"series"`
	Metric string            `json:"metric"`
	Tags   map[string]string `json:"tags,omitempty"`
	Type   string            `json:"type"`
	Count  int64             `json:"count"`
	Sum    float64           `json:"sum"`
	Last   float64           `json:"last"`
	Hdr    string            `json:"hdr,omitempty"`
}

// stepLine: whole steps of a pull that ended in second T, each with its redirects, its dials and the
// parts of a body that was resumed. Those that failed are not in it.
type stepLine struct {
	T        int64  `json:"t"`
	Series   string `json:"series"`
	Phase    string `json:"phase"`
	Duration string `json:"duration"`
}

type lastLine struct {
	End   bool  `json:"end"`
	T     int64 `json:"t"`
	EndMs int64 `json:"endMs"`
}

// encoder makes the lines. Its one histogram and buffer are used again and again.
type encoder struct {
	histogram *hdrhistogram.Histogram
	buffer    bytes.Buffer
	json      *json.Encoder
}

func newEncoder() *encoder {
	e := &encoder{histogram: hdrhistogram.New(1, histogramMax.Microseconds(), histogramDigits)}
	e.json = json.NewEncoder(&e.buffer)
	e.json.SetEscapeHTML(false)
	return e
}

func (e *encoder) first(now time.Time) []byte {
	e.buffer.Reset()
	return e.line(firstLine{schema, now.UTC().Format(time.RFC3339Nano), "us"})
}

func (e *encoder) last(now time.Time) []byte {
	e.buffer.Reset()
	return e.line(lastLine{true, now.Unix(), now.UnixMilli()})
}

func (e *encoder) runnerLine(line runnerLine) []byte {
	e.buffer.Reset()
	return e.line(line)
}

// lines are all lines of a second; valid until the next call.
func (e *encoder) lines(s *second) []byte {
	e.buffer.Reset()
	for key, series := range s.hops {
		e.line(hopLine{
			T: s.t, Series: "hop", Phase: key.phase, Hop: key.hop, Host: key.host,
			Status: strconv.Itoa(key.status), Cache: key.cache, Failure: key.failure,
			Count: series.count, Failed: series.failed, Bytes: series.bytes,
			Connections: series.connections, TotalUs: series.total.Microseconds(),
			FirstMs: series.first.UnixMilli(), LastMs: series.last.UnixMilli(),
			Duration: e.histogramOf(series.durations), TTFB: e.histogramOf(series.ttfbs),
			DNS: e.histogramOf(series.dns), Connect: e.histogramOf(series.connects),
			TLS: e.histogramOf(series.handshakes),
		})
	}
	for key, counts := range s.servers {
		e.line(e.serverLineOf(s.t, key, counts))
	}
	for phase, values := range s.steps {
		e.line(stepLine{T: s.t, Series: "step", Phase: phase, Duration: e.histogramOf(values)})
	}
	for key, counts := range s.limits {
		e.line(limitLineOf(s.t, key, counts))
	}
	for key, series := range s.metrics {
		e.line(metricLine{
			T: s.t, Series: "metric", Metric: key.metric.Name, Tags: key.tags(),
			Type: typeNames[key.metric.Type], Count: series.count, Sum: series.sum, Last: series.last,
			Hdr: e.histogramOf(series.values),
		})
	}
	return e.buffer.Bytes()
}

// line appends one line. JSON cannot fail for these types but by NaN or ∞ in a script's own metric;
// such a line is left out.
func (e *encoder) line(value any) []byte {
	_ = e.json.Encode(value)
	return e.buffer.Bytes()
}

// histogramOf is empty for no values.
func (e *encoder) histogramOf(values []uint32) string {
	if len(values) == 0 {
		return ""
	}
	e.histogram.Reset()
	for _, value := range values {
		_ = e.histogram.RecordValue(int64(value)) // within range by microseconds()
	}
	encoded, err := e.histogram.Encode(hdrhistogram.V2CompressedEncodingCookieBase)
	if err != nil { // only for a version that the library does not know
		panic(err)
	}
	return string(encoded)
}

var typeNames = map[metrics.MetricType]string{
	metrics.Trend: "trend", metrics.Counter: "counter", metrics.Gauge: "gauge", metrics.Rate: "rate",
}

// tags are those that have a value.
func (k *metricKey) tags() map[string]string {
	tags := map[string]string{}
	for _, tag := range [...][2]string{
		{"class", k.class}, {"why", k.why}, {"client", k.client}, {"image", k.image},
		{"scenario", k.scenario}, {"reason", k.reason}, {"phase", k.phase}, {"hop", k.hop},
		{"host", k.host}, {"status", k.status},
	} {
		if tag[1] != "" {
			tags[tag[0]] = tag[1]
		}
	}
	return tags
}
