package exchange

import (
	"bytes"
	"compress/flate"
	"compress/gzip"
	"crypto/sha256"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/klauspost/compress/zstd"
)

func packedBy(t *testing.T, content string, packer func(io.Writer) io.WriteCloser) []byte {
	t.Helper()
	var out bytes.Buffer
	writer := packer(&out)
	if _, err := io.WriteString(writer, content); err != nil {
		t.Fatal(err)
	}
	if err := writer.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func TestUnpacks(t *testing.T) {
	content := strings.Repeat("layers of ", 50_000)
	zipped := packedBy(t, content, func(w io.Writer) io.WriteCloser { return gzip.NewWriter(w) })
	deflated := packedBy(t, content, func(w io.Writer) io.WriteCloser {
		out, _ := flate.NewWriter(w, flate.BestSpeed)
		return out
	})
	framed := packedBy(t, content, func(w io.Writer) io.WriteCloser {
		out, _ := zstd.NewWriter(w)
		return out
	})
	got := func(bytes int, content string) string {
		return fmt.Sprintf(" %d sha256:%x", bytes, sha256.Sum256([]byte(content)))
	}
	for _, one := range []struct {
		name, coding  string
		body          []byte
		status, limit int
		unpacks       bool
		want          string
	}{
		{"gzip", "gzip", zipped, 200, 1e6, true, got(len(content), content)},
		{"deflate", "deflate", deflated, 200, 1e6, true, got(len(content), content)},
		{"zstd", "ZSTD", framed, 200, 1e6, true, got(len(content), content)},
		{"not asked to", "gzip", zipped, 200, 1e6, false, got(len(zipped), string(zipped))},
		{"a part", "gzip", zipped, 206, 1e6, true, got(len(zipped), string(zipped))},
		{"an unknown coding", "br", zipped, 200, 1e6, true, got(len(zipped), string(zipped))},
		{"nothing", "gzip", nil, 200, 1e6, true, got(0, "")},
		{"a bomb", "gzip", zipped, 200, 1000, true, "long-body 1000 "},
		{"cut", "gzip", zipped[:300], 200, 1e6, true, "short-body"},
		{"not packed at all", "gzip", []byte(content), 200, 1e6, true, "bad-http 0 "},
		{"not packed at all, zstd", "zstd", []byte(content), 200, 1e6, true, "bad-http 0 "},
	} {
		t.Run(one.name, func(t *testing.T) {
			server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
				w.Header().Set("Content-Encoding", one.coding)
				w.WriteHeader(one.status)
				_, _ = w.Write(one.body)
			}))
			t.Cleanup(server.Close)
			out := newVU(t).run(fmt.Sprintf(`var out; request({ url: '%s', hop: 'edge', ask: {
				method: 'GET', headers: [], want: 'digest', algorithm: 'sha256', bodyBytesMax: %d, unpacks: %t,
				phase: 'layer' } }, 5000, (reply) => {
					out = reply.failure + ' ' + reply.bytes + ' ' + reply.digest;
				})`, server.URL, one.limit, one.unpacks))
			if !strings.HasPrefix(out, one.want) {
				t.Errorf("got %q, want %q", out, one.want)
			}
		})
	}
}
