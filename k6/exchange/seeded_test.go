package exchange

import (
	"archive/tar"
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"io"
	"maps"
	"net/http"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"
)

func bytesOf(t *testing.T, part seededPart) []byte {
	t.Helper()
	got, err := io.ReadAll(part.reader(func() {}))
	if err != nil {
		t.Fatal(err)
	}
	return got
}

func wholeOf(t *testing.T, content seeded) []byte {
	t.Helper()
	return bytesOf(t, seededPart{seeded: content, to: content.size})
}

func digestOf(content []byte) string {
	sum := sha256.Sum256(content)
	return "sha256:" + hex.EncodeToString(sum[:])
}

func TestSeededIsATar(t *testing.T) {
	t.Parallel()
	content := seeded{seed: "s", number: 7, size: 100 * tarBlock}
	reader := tar.NewReader(bytes.NewReader(wholeOf(t, content)))
	header, err := reader.Next()
	if err != nil || header.Name != "pullproof/7" || header.Size != 97*tarBlock {
		t.Fatalf("%+v %v", header, err)
	}
	if n, err := io.Copy(io.Discard, reader); n != header.Size || err != nil {
		t.Errorf("%d bytes, %v", n, err)
	}
	if header, err := reader.Next(); err != io.EOF {
		t.Errorf("there is more: %+v %v", header, err)
	}
}

// What a run pushed can be made again by any later version.
func TestSeededStaysTheSame(t *testing.T) {
	t.Parallel()
	const want = "sha256:1ef508772f539bd9d93cbfc0ed5f69db8ca5d131e5e4fe4b7cb0e08555c9b04e"
	if got := digestOf(wholeOf(t, seeded{seed: "1/abc", number: 3, size: 4096})); got != want {
		t.Errorf("the content has changed: %s", got)
	}
}

func TestSeededDiffers(t *testing.T) {
	t.Parallel()
	digests := []string{}
	for _, content := range []seeded{
		{"s", 1, 4096}, {"s", 2, 4096}, {"t", 1, 4096}, {"s", 1, 8192}, {"s1", 1, 4096}, {"s", 11, 4096},
	} {
		digest, err := content.digest(t.Context())
		again, _ := content.digest(t.Context())
		if err != nil || digest != digestOf(wholeOf(t, content)) || again != digest {
			t.Errorf("%+v: %s, then %s, %v", content, digest, again, err)
		}
		if slices.Contains(digests, digest) {
			t.Errorf("%+v is like another", content)
		}
		digests = append(digests, digest)
	}
}

// Every way to cut content gives its own bytes, where the parts of the tar meet too.
func TestSeededParts(t *testing.T) {
	t.Parallel()
	content := seeded{seed: "parts", number: 1, size: 3 * 4096}
	whole := wholeOf(t, content)
	for _, from := range []int64{0, 1, 511, 512, 513, 527, 528, 529, 1000, 4096, content.size - 1025,
		content.size - 1024, content.size - 1} {
		for _, length := range []int64{1, 15, 16, 17, 512, 1024, 5000, content.size} {
			to := min(from+length, content.size)
			got := bytesOf(t, seededPart{seeded: content, from: from, to: to})
			if !bytes.Equal(got, whole[from:to]) {
				t.Errorf("%d..%d differs", from, to)
			}
		}
	}
}

type upload struct {
	method, digest string
	length, bytes  int64
	coding         []string
}

func receiver(t *testing.T, pause func(read int64)) (string, chan upload) {
	t.Helper()
	uploads := make(chan upload, 10)
	url := serve(t, func(w http.ResponseWriter, r *http.Request) {
		hasher := sha256.New()
		var n int64
		for {
			piece, err := io.CopyN(hasher, r.Body, 1<<20)
			n += piece
			if err != nil {
				break
			}
			pause(n)
		}
		uploads <- upload{r.Method, "sha256:" + hex.EncodeToString(hasher.Sum(nil)), r.ContentLength, n,
			r.TransferEncoding}
		w.WriteHeader(http.StatusCreated)
	})
	return url, uploads
}

func TestSeededIsSent(t *testing.T) {
	t.Parallel()
	url, uploads := receiver(t, func(int64) {})
	vu := newVU(t)
	const size = 3 << 20
	content := seeded{seed: "sent", number: 2, size: size}
	whole := wholeOf(t, content)
	for _, test := range []struct{ from, to int64 }{{0, size}, {1 << 20, 2 << 20}, {size - 1, size}} {
		got := vu.request(url+"/upload", fields{"method": "PUT", "body": fields{
			"seed": "sent", "number": 2, "size": size, "from": test.from, "to": test.to,
		}}, time.Minute)
		want := upload{http.MethodPut, digestOf(whole[test.from:test.to]), test.to - test.from,
			test.to - test.from, nil}
		if seen := <-uploads; got.Status != http.StatusCreated || seen.digest != want.digest ||
			seen.length != want.length || seen.bytes != want.bytes || seen.coding != nil {
			t.Errorf("%d..%d: %d %s, %+v", test.from, test.to, got.Status, got.FailureMessage, seen)
		}
	}
}

// Not parallel: it watches the whole heap.
func TestSeededIsNeverHeld(t *testing.T) {
	const size = 256 << 20
	var most atomic.Uint64
	url, uploads := receiver(t, func(read int64) {
		if read%(32<<20) == 0 {
			most.Store(max(most.Load(), heapBytes()))
		}
	})
	got := newVU(t).request(url+"/upload", fields{"method": "PUT", "body": fields{
		"seed": "held", "number": 1, "size": size, "from": 0, "to": size,
	}}, time.Minute)
	if seen := <-uploads; got.Status != http.StatusCreated || seen.bytes != size {
		t.Fatalf("%d %s, %d bytes", got.Status, got.FailureMessage, seen.bytes)
	}
	if most.Load() > 64<<20 {
		t.Errorf("%d bytes of heap while %d were sent", most.Load(), size)
	}
}

// The time limit is for a pause, not for the whole upload.
func TestSlowUploadIsNotStalled(t *testing.T) {
	t.Parallel()
	const size = 64 << 20
	const pause, limit = 150 * time.Millisecond, 500 * time.Millisecond
	url, uploads := receiver(t, func(read int64) {
		if read%(12<<20) == 0 {
			time.Sleep(pause)
		}
	})
	got := newVU(t).request(url+"/upload", fields{"method": "PATCH", "body": fields{
		"seed": "slow", "number": 1, "size": size, "from": 0, "to": size,
	}}, limit)
	if seen := <-uploads; got.Failure != "" || seen.bytes != size {
		t.Errorf("%s %s, %d bytes", got.Failure, got.FailureMessage, seen.bytes)
	}
}

func TestSeededDigest(t *testing.T) {
	t.Parallel()
	want := digestOf(wholeOf(t, seeded{seed: "d", number: 9, size: 8192}))
	got := newVU(t).run(`var out; seededDigest({ seed: "d", number: 9, size: 8192 }, (digest) => { out = digest; })`)
	if got != want {
		t.Errorf("%s, want %s", got, want)
	}
}

func TestBadSeeded(t *testing.T) {
	t.Parallel()
	good := map[string]any{"seed": "s", "number": 1, "size": 4096, "from": 0, "to": 4096}
	for name, value := range map[string]any{
		"size": 4097, "number": nil, "from": -1, "to": 5000,
	} {
		body := maps.Clone(good)
		body[name] = value
		literal, _ := json.Marshal(map[string]any{
			"url": "http://127.0.0.1:1/", "hop": "registry", "body": body, "ask": map[string]any{
				"method": "PUT", "headers": []string{}, "want": "none", "phase": "other",
			}})
		_, err := newVU(t).runtime.RunOnEventLoop(`request(` + string(literal) + `, 1000, () => {})`)
		if err == nil || !strings.Contains(err.Error(), "seeded content") {
			t.Errorf("%s %v: %v", name, value, err)
		}
	}
}
