package exchange

import (
	"crypto/sha256"
	"crypto/sha512"
	"encoding/hex"
	"errors"
	"hash"
	"io"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
)

var errLongBody = errors.New("more bytes came than the descriptor announces")

// hashers are the digest algorithms of the specs, pooled: a load run hashes without end.
var hashers = map[string]*sync.Pool{
	"sha256": {New: func() any { return sha256.New() }},
	"sha512": {New: func() any { return sha512.New() }},
}

// bufferBytes is a compromise: 64 KiB takes 4 % less processor time for each byte than 32 KiB, 128 KiB
// no less than that. Where many bodies come at once, memory counts for more: smallBytes then.
const (
	bufferBytes = 64 << 10
	smallBytes  = 16 << 10
	// largeMax are buffers of bufferBytes in use at once.
	largeMax = 256
)

var (
	buffers      = sync.Pool{New: func() any { return new([bufferBytes]byte) }}
	smallBuffers = sync.Pool{New: func() any { return new([smallBytes]byte) }}
	// bodiesInUse counts all of them.
	bodiesInUse atomic.Int64
)

// textGrowBytesMax bounds what is allocated on the mere word of a Content-Length.
const textGrowBytesMax = 64 << 10

// readBody streams the body into out: counted, hashed and kept as req wants it. progress is called
// for every piece that arrives. The digest is left empty unless the whole body was read. A 206 goes on
// with the digest of the reply that req resumes; of a body that may go on itself, the hash is kept.
func readBody(response *http.Response, req *request, out *reply, progress func()) (err error) {
	if !hasBody(response) {
		return nil
	}
	body, closeBody, err := unpacked(response, req)
	if err != nil {
		return err
	}
	defer closeBody()
	_, isPacked := body.(packed)
	body = takenOf(body, response, req)
	joined := partOf(req)
	isPart := response.StatusCode == http.StatusPartialContent
	var hasher hash.Hash
	if pool := hashers[req.digest]; pool != nil && joined == nil {
		if isPart && req.resumes != nil {
			hasher = req.resumes.takeHash()
		} else {
			hasher = pool.Get().(hash.Hash)
			hasher.Reset()
		}
		defer func() {
			switch {
			case hasher == nil:
			case isPart || err != nil && !isPacked: // an offset into packed bytes says nothing
				out.hash = hasher
			default:
				pool.Put(hasher)
			}
		}()
	}
	var text strings.Builder
	textMax := textBytesMax(response, req)
	text.Grow(int(min(max(response.ContentLength, 0), textMax, textGrowBytesMax)))
	err = copyBody(body, req.bodyBytesMax, func(piece []byte) {
		progress()
		out.bytes += int64(len(piece))
		if hasher != nil {
			hasher.Write(piece)
		}
		if joined != nil {
			joined.write(piece)
		}
		if left := textMax - int64(text.Len()); left > 0 {
			text.Write(piece[:min(int64(len(piece)), left)])
		}
	})
	out.text = text.String()
	if !req.keepText {
		out.text = strings.ToValidUTF8(out.text, "\ufffd")
	}
	if err == nil && joined != nil {
		out.digest = joined.end(req.digest)
	}
	if err == nil && hasher != nil {
		var sum [sha512.Size]byte
		out.digest = req.digest + ":" + hex.EncodeToString(hasher.Sum(sum[:0]))
	}
	return err
}

// excerptBytesMax is kept of a body that nobody asked for as text, for messages.
const excerptBytesMax = 1 << 10

// textBytesMax is how much of the body is kept as text: all that may come where that is wanted, else
// the beginning of what is no blob, an error's body or a page.
func textBytesMax(response *http.Response, req *request) int64 {
	switch {
	case req.keepText:
		return req.bodyBytesMax
	case response.StatusCode >= http.StatusBadRequest, isTextual(response.Header.Get("Content-Type")):
		return excerptBytesMax
	}
	return 0
}

// isTextual: text, XML or JSON of any kind.
func isTextual(contentType string) bool {
	if contentType == "" || contentType == "application/octet-stream" {
		return false
	}
	kind, _, _ := strings.Cut(contentType, ";")
	kind = strings.ToLower(strings.TrimSpace(kind))
	return strings.HasPrefix(kind, "text/") ||
		strings.HasSuffix(kind, "xml") || strings.HasSuffix(kind, "json")
}

// hasBody: by RFC 9110, section 6.4.1. An empty body is a body, with the digest of nothing.
func hasBody(response *http.Response) bool {
	return response.Request.Method != http.MethodHead &&
		response.StatusCode != http.StatusNoContent && response.StatusCode != http.StatusNotModified
}

// copyBody hands over body in pieces, at most limit bytes of it. A body that goes on is
// errLongBody.
func copyBody(body io.Reader, limit int64, take func([]byte)) error {
	defer bodiesInUse.Add(-1)
	if bodiesInUse.Add(1) <= largeMax {
		buffer := buffers.Get().(*[bufferBytes]byte)
		defer buffers.Put(buffer)
		return copyBy(buffer[:], body, limit, take)
	}
	buffer := smallBuffers.Get().(*[smallBytes]byte)
	defer smallBuffers.Put(buffer)
	return copyBy(buffer[:], body, limit, take)
}

func copyBy(buffer []byte, body io.Reader, limit int64, take func([]byte)) error {
	for left := limit; ; {
		n, err := body.Read(buffer)
		if n > 0 {
			take(buffer[:min(int64(n), left)])
		}
		left -= int64(n)
		switch {
		case left < 0:
			return errLongBody
		case err == io.EOF:
			return nil
		case err != nil:
			return err
		}
	}
}
