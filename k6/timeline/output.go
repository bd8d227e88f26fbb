// Package timeline is the k6 output "pullproof" (--out pullproof=FILE, or - for records on standard
// output): one NDJSON line per second and series, with mergeable histograms. It measures nothing itself; the fields are described in
// line.go.
package timeline

import (
	"errors"
	"fmt"
	"io"
	"math"
	"sync"
	"time"

	"github.com/sirupsen/logrus"
	"go.k6.io/k6/v2/lib/fsext"
	"go.k6.io/k6/v2/metrics"
	"go.k6.io/k6/v2/output"
)

func init() { output.RegisterExtension("pullproof", newOutput) }

const (
	flushEvery = time.Second
	// A second is written once it has been over for this long; k6 hands samples on every 50 ms. What
	// comes later still gets a line of its own: lines of one second and series add up.
	grace = 250 * time.Millisecond
)

type timelineOutput struct {
	path    string
	fs      fsext.Fs
	stdout  io.Writer
	log     logrus.FieldLogger
	file    file
	flusher *output.PeriodicFlusher

	lock    sync.Mutex
	seconds map[int64]*second
	// Of the whole run, written at its end.
	pending pending
	waits   waits
	misses  misses
	pulls   pulls
	runner  *runner

	// Only the flusher touches these.
	written int64
	broken  bool
	encoder *encoder
}

// file is what the timeline needs of one.
type file interface {
	io.WriteCloser
	Truncate(size int64) error
}

var _ output.Output = &timelineOutput{}

func newOutput(params output.Params) (output.Output, error) {
	if params.ConfigArgument == "" {
		return nil, errors.New("the pullproof output needs a file: --out pullproof=FILE")
	}
	return &timelineOutput{
		path: params.ConfigArgument, fs: params.FS, stdout: params.StdOut, log: params.Logger,
		seconds: map[int64]*second{}, encoder: newEncoder(), pending: newPending(),
		waits: waits{}, misses: misses{}, runner: newRunner("/"),
	}, nil
}

func (o *timelineOutput) Description() string { return "pullproof timeline (" + o.path + ")" }

// Start creates the file and writes the first line; a file that cannot be written ends the run
// here.
func (o *timelineOutput) Start() error {
	file, err := o.open()
	if err != nil {
		return fmt.Errorf("cannot write the timeline: %w", err)
	}
	o.file = file
	o.write(o.encoder.first(time.Now()))
	if o.broken {
		return errors.New("cannot write the timeline " + o.path)
	}
	o.flusher, err = output.NewPeriodicFlusher(flushEvery, func() {
		o.flush(time.Now().Add(-grace).Unix())
	})
	return err
}

func (o *timelineOutput) open() (file, error) {
	if o.path == "-" {
		return &records{out: o.stdout, now: time.Now}, nil
	}
	return o.fs.Create(o.path)
}

// AddMetricSamples adds up at once, so that no sample is kept.
func (o *timelineOutput) AddMetricSamples(containers []metrics.SampleContainer) {
	o.lock.Lock()
	defer o.lock.Unlock()
	for _, container := range containers {
		o.add(container)
	}
}

// Stop writes what is left and the line that says that the file is whole.
func (o *timelineOutput) Stop() error {
	o.flusher.Stop()
	defer o.runner.close()
	o.flush(math.MaxInt64) // whatever a jumping clock calls the future too
	now := time.Now()
	o.write(o.encoder.closing(o, now))
	o.write(o.encoder.last(now))
	return o.file.Close()
}

// flush writes the seconds before `before`, oldest first.
func (o *timelineOutput) flush(before int64) {
	for _, done := range o.take(before) {
		o.write(o.encoder.lines(done))
	}
	ends := before == math.MaxInt64
	o.lock.Lock()
	chosen := o.pulls.chosen(time.Now(), ends)
	o.lock.Unlock()
	if len(chosen) > 0 {
		o.write(o.encoder.pullLines(chosen, time.Now().Unix()))
	}
	if line, ok := o.runner.line(ends); ok {
		o.write(o.encoder.runnerLine(line))
	}
	o.write(nil) // records look at their clock
}

// write appends whole lines. After the first error the file is cut back to its last whole line and
// left alone, without the closing line: a reader sees that it is not complete, and the run goes on.
func (o *timelineOutput) write(lines []byte) {
	if o.broken {
		return
	}
	n, err := o.file.Write(lines)
	if err == nil {
		o.written += int64(n)
		return
	}
	o.broken = true
	o.log.WithError(err).Errorf("the timeline %s stops here, the run goes on", o.path)
	_ = o.file.Truncate(o.written) // best effort: a torn last line is told by the missing end line
}
