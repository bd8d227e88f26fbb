package timeline

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"io"
	"math/rand/v2"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/sirupsen/logrus"
	logtest "github.com/sirupsen/logrus/hooks/test"
	"go.k6.io/k6/v2/output"
)

// unpacked reads records back, held to their form, sequence and sums.
func unpacked(t *testing.T, out string) string {
	t.Helper()
	text, whole := strings.CutSuffix(out, "\n")
	if !whole && out != "" {
		t.Fatal("the last record is torn")
	}
	var lines strings.Builder
	for i, record := range strings.Split(text, "\n") {
		words := strings.Split(record, " ")
		if len(words) != 4 || words[0] != "pullproof-timeline" || words[1] != strconv.Itoa(i+1) {
			t.Fatalf("record %d is %.80s", i+1, record)
		}
		packed, err := base64.StdEncoding.DecodeString(words[3])
		if err != nil {
			t.Fatal(err)
		}
		if sum := sha256.Sum256(packed); hex.EncodeToString(sum[:]) != words[2] {
			t.Fatalf("record %d has another sum", i+1)
		}
		reader, err := gzip.NewReader(bytes.NewReader(packed))
		if err != nil {
			t.Fatal(err)
		}
		content, err := io.ReadAll(reader)
		if err != nil || !bytes.HasSuffix(content, []byte("\n")) {
			t.Fatalf("record %d: %v, %.80q", i+1, err, content)
		}
		lines.Write(content)
	}
	return lines.String()
}

// noise is a line that no compression makes shorter than three quarters of it.
func noise(random *rand.Rand, length int) string {
	raw := make([]byte, length*3/4)
	for i := range raw {
		raw[i] = byte(random.IntN(256))
	}
	return base64.StdEncoding.EncodeToString(raw) + "\n"
}

func TestRecordsHoldWhatWasWritten(t *testing.T) {
	t.Parallel()
	random := rand.New(rand.NewPCG(1, 2))
	var out bytes.Buffer
	sink := &records{out: &out, now: time.Now}
	var all strings.Builder
	for range 400 {
		lines := noise(random, random.IntN(4000))
		if random.IntN(50) == 0 {
			lines += noise(random, 60_000) // longer than a record should be
		}
		all.WriteString(lines)
		if _, err := io.WriteString(sink, lines); err != nil {
			t.Fatal(err)
		}
	}
	if err := sink.Close(); err != nil {
		t.Fatal(err)
	}
	if unpacked(t, out.String()) != all.String() {
		t.Error("what is read is not what was written")
	}
	long := 0
	for record := range strings.SplitSeq(out.String(), "\n") {
		if len(record) > 16<<10 {
			long++
		}
	}
	if long > 20 { // those with a line that is longer itself
		t.Errorf("%d records would be cut by a container runtime", long)
	}
}

func TestRecordsGoOutInTime(t *testing.T) {
	t.Parallel()
	now := someSecond
	var out bytes.Buffer
	sink := &records{out: &out, now: func() time.Time { return now }}
	write := func(text string) {
		t.Helper()
		if _, err := io.WriteString(sink, text); err != nil {
			t.Fatal(err)
		}
	}
	write("one\n")
	now = now.Add(waitingMax - time.Second)
	write("two\n")
	if out.Len() > 0 {
		t.Fatal("written too early")
	}
	now = now.Add(time.Second)
	write("")
	if unpacked(t, out.String()) != "one\ntwo\n" {
		t.Fatal("not written in time")
	}
	out.Reset()
	sink.seq = 0
	write(strings.Repeat("a line\n", waitingBytesMax/7+1))
	if out.Len() == 0 {
		t.Error("much is kept waiting")
	}
	out.Reset()
	if err := sink.Close(); err != nil || out.Len() > 0 {
		t.Errorf("at the end: %v, %q", err, out.String())
	}
}

func TestRecordsEnd(t *testing.T) {
	t.Parallel()
	random := rand.New(rand.NewPCG(3, 4))
	var out bytes.Buffer
	log, hook := logtest.NewNullLogger()
	o, err := newOutput(output.Params{ConfigArgument: "-", StdOut: &out, Logger: log})
	if err != nil {
		t.Fatal(err)
	}
	timeline := o.(*timelineOutput)
	if err := timeline.Start(); err != nil {
		t.Fatal(err)
	}
	timeline.flusher.Stop() // what follows is ours alone to write
	for range 100 {
		timeline.write([]byte(noise(random, 200_000)))
	}
	stopped := timeline.Stop()
	if stopped != nil {
		t.Error(stopped)
	}
	if out.Len() > recordsBytesMax {
		t.Errorf("%d bytes of records", out.Len())
	}
	if out.Len() < recordsBytesMax*9/10 {
		t.Errorf("only %d bytes of records", out.Len())
	}
	if strings.Contains(unpacked(t, out.String()), `"end":true`) {
		t.Error("it says that it is whole")
	}
	entries := hook.AllEntries()
	if len(entries) != 1 || entries[0].Level != logrus.ErrorLevel {
		t.Errorf("told: %v", entries)
	}
}

func TestRecordsOfARun(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	log, _ := logtest.NewNullLogger()
	o, err := newOutput(output.Params{ConfigArgument: "-", StdOut: &out, Logger: log})
	if err != nil {
		t.Fatal(err)
	}
	if err := o.Start(); err != nil {
		t.Fatal(err)
	}
	o.AddMetricSamples(nil)
	if err := o.Stop(); err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(unpacked(t, out.String()), "\n")
	if !strings.Contains(lines[0], `"schema"`) || !strings.Contains(lines[len(lines)-2], `"end":true`) {
		t.Error(fmt.Sprint(lines))
	}
}
