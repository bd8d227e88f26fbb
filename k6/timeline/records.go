package timeline

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"io"
	"time"
)

const (
	recordWord = "pullproof-timeline"
	// recordsBytesMax bounds all records together: a kubelet turns over logs of 10 MiB, and what it
	// has put away `kubectl logs` does not show.
	recordsBytesMax = 8 << 20
	// Lines go out when so many bytes of them wait, or the first of them has waited for so long.
	waitingBytesMax = 256 << 10
	waitingMax      = 10 * time.Second
	// recordGzipMax is what fits, in base64, into the 16 KiB up to which container runtimes keep a line
	// of a log in one piece. Lines of others may come between the pieces of a longer one.
	recordGzipMax = 11 << 10
)

// records is the file "-": a timeline as lines among others on standard output, each
//
//	pullproof-timeline SEQ SHA256 BASE64
//
// where BASE64 is a gzip of whole lines, SHA256 its sum in hex, and SEQ counts from 1: what is lost
// or damaged on the way is noticed.
type records struct {
	out     io.Writer
	now     func() time.Time
	waiting []byte
	since   time.Time
	seq     int
	written int
}

var _ file = &records{}

// Write takes whole lines. After an error nothing is written any more.
func (r *records) Write(lines []byte) (int, error) {
	if len(r.waiting) == 0 {
		r.since = r.now()
	}
	r.waiting = append(r.waiting, lines...)
	if len(r.waiting) < waitingBytesMax && r.now().Sub(r.since) < waitingMax {
		return len(lines), nil
	}
	if err := r.emit(); err != nil {
		return 0, err
	}
	return len(lines), nil
}

// Truncate does nothing: what went out is whole.
func (r *records) Truncate(int64) error { return nil }

// Close writes what still waits.
func (r *records) Close() error { return r.emit() }

func (r *records) emit() error {
	lines := r.waiting
	r.waiting = nil
	if len(lines) == 0 {
		return nil
	}
	return r.emitParts(lines)
}

// emitParts halves lines until each part fits into a record, or is a single line.
func (r *records) emitParts(lines []byte) error {
	packed, err := pack(lines)
	if err != nil {
		return err
	}
	half := bytes.LastIndexByte(lines[:len(lines)/2], '\n') + 1
	if half == 0 {
		half = bytes.IndexByte(lines, '\n') + 1
	}
	if len(packed) <= recordGzipMax || half == len(lines) {
		return r.writeRecord(packed)
	}
	if err := r.emitParts(lines[:half]); err != nil {
		return err
	}
	return r.emitParts(lines[half:])
}

func (r *records) writeRecord(packed []byte) error {
	sum := sha256.Sum256(packed)
	record := fmt.Appendf(nil, "%s %d %s %s\n", recordWord, r.seq+1,
		hex.EncodeToString(sum[:]), base64.StdEncoding.EncodeToString(packed))
	if r.written+len(record) > recordsBytesMax {
		return fmt.Errorf("a log takes %d MiB of it: use a volume for longer runs", recordsBytesMax>>20)
	}
	r.seq++
	r.written += len(record)
	_, err := r.out.Write(record)
	return err
}

func pack(lines []byte) ([]byte, error) {
	var packed bytes.Buffer
	writer, err := gzip.NewWriterLevel(&packed, gzip.BestCompression)
	if err != nil {
		return nil, err
	}
	if _, err := writer.Write(lines); err != nil {
		return nil, err
	}
	if err := writer.Close(); err != nil {
		return nil, err
	}
	return packed.Bytes(), nil
}
