package timeline

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/netip"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/HdrHistogram/hdrhistogram-go"
	"github.com/sirupsen/logrus"
	logtest "github.com/sirupsen/logrus/hooks/test"
	"go.k6.io/k6/v2/lib/fsext"
	"go.k6.io/k6/v2/metrics"
	"go.k6.io/k6/v2/output"

	"github.com/pullproof/xk6-pullproof/exchange"
)

// line has the fields of all kinds of lines.
type line struct {
	Schema, StartedAt, Unit                            string
	End                                                bool
	T                                                  int64
	Series, Phase, Hop, Host, Status, Cache, Failure   string
	Count, Failed, Bytes, Connections, FirstMs, LastMs int64
	Duration, TTFB, Connect                            string
	Remote, Edge                                       string
	Hits, Misses                                       int64
	Metric, Type, Hdr                                  string
	Tags                                               map[string]string
	Sum                                                float64
	// Last is a number of a metric, a text of a limit.
	Last                          any
	TotalUs, Pulls, BytesExpected int64
	BodyBytes, BodyUs, LeftUs     int64
	Digest, Why, Header, Class    string
	Least                         *float64
	Longest                       longestRequest
	EndMs                         int64
}

func start(t *testing.T, path string) *timelineOutput {
	t.Helper()
	log, _ := logtest.NewNullLogger()
	out, err := newOutput(output.Params{ConfigArgument: path, FS: fsext.NewOsFs(), Logger: log})
	if err != nil {
		t.Fatal(err)
	}
	if err := out.Start(); err != nil {
		t.Fatal(err)
	}
	return out.(*timelineOutput)
}

// record runs containers through an output and reads its file back.
func record(t *testing.T, containers ...metrics.SampleContainer) []line {
	t.Helper()
	path := filepath.Join(t.TempDir(), "timeline.ndjson")
	out := start(t, path)
	out.AddMetricSamples(containers)
	if err := out.Stop(); err != nil {
		t.Fatal(err)
	}
	return read(t, path)
}

func read(t *testing.T, path string) []line {
	t.Helper()
	content, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	text, whole := strings.CutSuffix(string(content), "\n")
	if !whole {
		t.Fatalf("the last line is torn: %q", text)
	}
	var lines []line
	for _, one := range strings.Split(text, "\n") {
		var parsed line
		if err := json.Unmarshal([]byte(one), &parsed); err != nil {
			t.Fatalf("%v in %s", err, one)
		}
		lines = append(lines, parsed)
	}
	return lines
}

func ofSeries(lines []line, series string) []line {
	return slices.DeleteFunc(slices.Clone(lines), func(l line) bool { return l.Series != series })
}

func request(at time.Time, status int, duration time.Duration) *exchange.Sample {
	return &exchange.Sample{
		Phase: "layer", Hop: "edge", Host: "cdn.test", Cache: "hit", Status: status, Bytes: 10,
		NewConnection: true, Start: at.Add(-duration), End: at, Duration: duration, TTFB: duration / 2,
	}
}

var someSecond = time.Unix(1_800_000_000, 0)

func TestFirstAndLastLine(t *testing.T) {
	t.Parallel()
	lines := record(t)
	if len(lines) != 2 || lines[0].Schema != "pullproof/timeline/v1" || lines[0].Unit != "us" || !lines[1].End || lines[1].EndMs == 0 {
		t.Fatalf("%+v", lines)
	}
	if _, err := time.Parse(time.RFC3339, lines[0].StartedAt); err != nil {
		t.Error(err)
	}
}

func TestHopLines(t *testing.T) {
	t.Parallel()
	failed := request(someSecond, 0, time.Minute)
	failed.Failure, failed.Cache, failed.NewConnection = "stalled", "unknown", false
	lines := ofSeries(record(t,
		request(someSecond.Add(time.Second), 200, 7*time.Millisecond), // another second
		request(someSecond, 200, time.Millisecond),
		request(someSecond.Add(999*time.Millisecond), 200, 3*time.Millisecond),
		request(someSecond, 401, time.Millisecond),
		request(someSecond, 503, time.Minute),
		failed,
	), "hop")
	type row struct {
		t                                 int64
		status, cache, failure            string
		count, failed, bytes, connections int64
		max, ttfbMax                      int64 // µs, within 0.1 %; 0 without histogram
	}
	var got []row
	for _, l := range lines {
		if l.Phase != "layer" || l.Hop != "edge" || l.Host != "cdn.test" {
			t.Errorf("%+v", l)
		}
		got = append(got, row{
			l.T - someSecond.Unix(), l.Status, l.Cache, l.Failure, l.Count, l.Failed, l.Bytes, l.Connections,
			highest(t, l.Duration), highest(t, l.TTFB),
		})
	}
	slices.SortFunc(got, func(a, b row) int { return strings.Compare(fmt.Sprint(a), fmt.Sprint(b)) })
	want := []row{
		{0, "0", "unknown", "stalled", 1, 1, 10, 0, 0, 0},
		{0, "200", "hit", "", 2, 0, 20, 2, 3000, 1500},
		{0, "401", "hit", "", 1, 0, 10, 1, 1000, 500},
		{0, "503", "hit", "", 1, 1, 10, 1, 0, 0},
		{1, "200", "hit", "", 1, 0, 10, 1, 7000, 3500},
	}
	if len(got) != len(want) {
		t.Fatalf("%+v", got)
	}
	for i := range want {
		got[i].max, got[i].ttfbMax = roughly(got[i].max, want[i].max), roughly(got[i].ttfbMax, want[i].ttfbMax)
		if got[i] != want[i] {
			t.Errorf("got  %+v\nwant %+v", got[i], want[i])
		}
	}
}

// roughly is want when got is within the histogram's precision of it.
func roughly(got, want int64) int64 {
	if got >= want && got <= want+want/1000 {
		return want
	}
	return got
}

func highest(t *testing.T, encoded string) int64 {
	t.Helper()
	if encoded == "" {
		return 0
	}
	return decode(t, encoded).Max()
}

func decode(t *testing.T, encoded string) *hdrhistogram.Histogram {
	t.Helper()
	histogram, err := hdrhistogram.Decode([]byte(encoded))
	if err != nil {
		t.Fatal(err)
	}
	return histogram
}

func TestHopLinesTellTheirWindow(t *testing.T) {
	t.Parallel()
	lines := ofSeries(record(t,
		request(someSecond.Add(500*time.Millisecond), 200, 100*time.Millisecond),
		request(someSecond.Add(300*time.Millisecond), 200, 2*time.Second),
		request(someSecond.Add(900*time.Millisecond), 200, time.Millisecond),
	), "hop")
	t0 := someSecond.UnixMilli()
	if len(lines) != 1 || lines[0].FirstMs != t0-1700 || lines[0].LastMs != t0+900 {
		t.Errorf("%+v", lines)
	}
}

func TestHistogramRoundTrip(t *testing.T) {
	t.Parallel()
	var containers []metrics.SampleContainer
	for i := range 10_000 {
		containers = append(containers, request(someSecond, 200, time.Duration(i+1)*100*time.Microsecond))
	}
	// The ends of the range, and what lies beyond.
	for _, d := range []time.Duration{0, -time.Second, time.Nanosecond, time.Hour, 100 * time.Hour} {
		containers = append(containers, request(someSecond, 206, d))
	}
	for _, l := range ofSeries(record(t, containers...), "hop") {
		histogram := decode(t, l.Duration)
		if l.Status == "206" {
			if histogram.Min() != 1 || histogram.TotalCount() != 5 ||
				roughly(histogram.Max(), 3_600_000_000) != 3_600_000_000 {
				t.Errorf("min %d, max %d of %d", histogram.Min(), histogram.Max(), histogram.TotalCount())
			}
			continue
		}
		for _, quantile := range []float64{10, 50, 90, 99, 100} {
			want := int64(quantile * 10_000)
			if got := histogram.ValueAtQuantile(quantile); roughly(got, want) != want {
				t.Errorf("p%v is %d, want %d", quantile, got, want)
			}
		}
	}
}

func TestMetricLines(t *testing.T) {
	t.Parallel()
	registry := metrics.NewRegistry()
	tags := registry.RootTagSet().With("class", "ok").With("url", "https://secret").With("scenario", "default")
	sample := func(name string, kind metrics.MetricType, values ...float64) metrics.Samples {
		metric := registry.MustNewMetric(name, kind)
		var samples metrics.Samples
		for _, value := range values {
			samples = append(samples, metrics.Sample{
				TimeSeries: metrics.TimeSeries{Metric: metric, Tags: tags}, Time: someSecond, Value: value,
			})
		}
		return samples
	}
	lines := ofSeries(record(t,
		sample("pull_ms", metrics.Trend, 1.5, 2.5),
		sample("pulls", metrics.Counter, 1, 1, 1),
		sample("pull_ok", metrics.Rate, 1, 0),
		sample("vus", metrics.Gauge, 3, 5),
		sample("data_sent", metrics.Counter, 100),
		sample("http_reqs", metrics.Counter, 1),
		sample("my_own", metrics.Counter, 1),
		sample("push_ok", metrics.Counter, 1, 1),
	), "metric")
	type row struct {
		kind      string
		count     int64
		sum, last float64
		max       int64
	}
	want := map[string]row{
		"pull_ms": {"trend", 2, 4, 2.5, 2500}, "pulls": {"counter", 3, 3, 1, 0}, "pull_ok": {"rate", 2, 1, 0, 0},
		"vus": {"gauge", 2, 8, 5, 0}, "data_sent": {"counter", 1, 100, 100, 0},
		"push_ok": {"counter", 2, 2, 1, 0},
	}
	got := map[string]row{}
	for _, l := range lines {
		if l.T != someSecond.Unix() || !maps.Equal(l.Tags, map[string]string{"class": "ok", "scenario": "default"}) {
			t.Errorf("%+v", l)
		}
		got[l.Metric] = row{l.Type, l.Count, l.Sum, l.Last.(float64), roughly(highest(t, l.Hdr), want[l.Metric].max)}
	}
	if !maps.Equal(got, want) {
		t.Errorf("got  %+v\nwant %+v", got, want)
	}
}

func TestSeriesAreBounded(t *testing.T) {
	t.Parallel()
	var containers []metrics.SampleContainer
	for i := range 3 * seriesMax {
		sample := request(someSecond, 200, time.Millisecond)
		sample.Host = fmt.Sprintf("host%d.test", i)
		containers = append(containers, sample)
	}
	lines, total := ofSeries(record(t, containers...), "hop"), int64(0)
	for _, l := range lines {
		total += l.Count
	}
	if len(lines) != seriesMax+1 || total != 3*seriesMax {
		t.Errorf("%d lines of %d requests", len(lines), total)
	}
}

func TestSecondsAreWrittenWhileTheRunGoesOn(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "timeline.ndjson")
	out := start(t, path)
	out.AddMetricSamples([]metrics.SampleContainer{
		request(someSecond.Add(time.Second), 200, 1), request(someSecond, 200, 1),
	})
	out.flusher.Stop() // flush by hand from here on
	out.flush(someSecond.Unix() + 1)
	if lines := ofSeries(read(t, path), "hop"); len(lines) != 1 || lines[0].T != someSecond.Unix() {
		t.Errorf("%+v", lines)
	}
	if err := out.Stop(); err != nil {
		t.Fatal(err)
	}
	if lines := ofSeries(read(t, path), "hop"); len(lines) != 2 {
		t.Errorf("%+v", lines)
	}
}

// fullDisk takes a number of bytes and then fails in the middle of a write, as a disk does.
type fullDisk struct {
	content []byte
	room    int
}

func (f *fullDisk) Write(p []byte) (int, error) {
	n := min(len(p), f.room-len(f.content))
	f.content = append(f.content, p[:n]...)
	if n < len(p) {
		return n, errors.New("no space left on device")
	}
	return n, nil
}
func (f *fullDisk) Truncate(size int64) error { f.content = f.content[:size]; return nil }
func (f *fullDisk) Close() error              { return nil }

func TestFullDisk(t *testing.T) {
	t.Parallel()
	log, hook := logtest.NewNullLogger()
	disk := &fullDisk{room: 100}
	out := &timelineOutput{path: "x", log: log, file: disk, seconds: map[int64]*second{}, encoder: newEncoder(),
		runner: newRunner(t.TempDir())}
	out.write([]byte("{}\n"))
	for i := range 5 {
		out.AddMetricSamples([]metrics.SampleContainer{request(someSecond.Add(time.Duration(i)*time.Second), 200, 1)})
		out.flush(someSecond.Unix() + 100)
	}
	if string(disk.content) != "{}\n" || len(out.seconds) != 0 {
		t.Errorf("%q is left of the file, %d seconds of memory", disk.content, len(out.seconds))
	}
	if entries := hook.AllEntries(); len(entries) != 1 || entries[0].Level != logrus.ErrorLevel {
		t.Errorf("%d log entries", len(entries))
	}
}

func TestUnusableFile(t *testing.T) {
	t.Parallel()
	log := logrus.New()
	log.SetOutput(io.Discard)
	if _, err := newOutput(output.Params{FS: fsext.NewOsFs(), Logger: log}); err == nil {
		t.Error("a missing file name must be refused")
	}
	out, err := newOutput(output.Params{
		ConfigArgument: filepath.Join(t.TempDir(), "none", "t.ndjson"), FS: fsext.NewOsFs(), Logger: log,
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := out.Start(); err == nil {
		t.Error("a folder that is not there must stop the run")
	}
}

func TestServerLines(t *testing.T) {
	t.Parallel()
	at := time.Unix(1_800_000_000, 0)
	peer := netip.MustParseAddrPort("192.0.2.1:443")
	sample := func(edge, cache string, status int) *exchange.Sample {
		return &exchange.Sample{
			Phase: "layer", Hop: "edge", Host: "cdn", Edge: edge, Cache: cache, Status: status,
			Remote: peer, Bytes: 10, NewConnection: true, Connect: time.Millisecond,
			Start: at, End: at, Duration: time.Millisecond, TTFB: time.Millisecond,
		}
	}
	many := make([]metrics.SampleContainer, 0, serversMax+13)
	many = append(many, sample("FRA", "hit", 200), sample("FRA", "miss", 503), &exchange.Sample{
		Phase: "layer", Hop: "edge", Host: "nowhere", Failure: "refused", Start: at, End: at,
	})
	for _, phase := range []string{"push-token", "upload-chunk", "manifest-put"} { // no business of pulls
		pushed := sample("FRA", "", 201)
		pushed.Phase = phase
		many = append(many, pushed)
	}
	for i := range serversMax + 10 {
		many = append(many, sample(fmt.Sprint("edge", i), "hit", 200))
	}
	servers, requests := 0, int64(0)
	for _, one := range record(t, many...) {
		switch {
		case one.Series == "hop" && one.Connections > 0 && one.Connect == "":
			t.Errorf("dials are not told: %+v", one)
		case one.Series != "server":
			continue
		}
		servers++
		requests += one.Count
		if one.Edge == "FRA" && (highest(t, one.Duration) != 1000 || one.BodyBytes != 0) {
			t.Errorf("%+v", one)
		}
		if one.Edge == "FRA" && (one.Count != 2 || one.Failed != 1 || one.Hits != 1 || one.Misses != 1 ||
			one.Connections != 2 || one.Bytes != 20 || one.Remote != peer.String()) {
			t.Errorf("%+v", one)
		}
	}
	if requests != int64(len(many)-1-3) || servers > serversMax+1 {
		t.Errorf("%d servers, %d requests", servers, requests)
	}
}
