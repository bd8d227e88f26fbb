package exchange

import (
	"compress/flate"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"

	"github.com/klauspost/compress/zstd"
)

// zstdWindowBytesMax bounds what a frame may have a decoder hold: that of RFC 8878, section 3.1.1.1.2.
const zstdWindowBytesMax = 8 << 20

// errPacked is a body that is not what its Content-Encoding says.
var errPacked = errors.New("the body cannot be unpacked")

// unpacked is the body as the client that asked for it packed has it: what Go's transport does with
// gzip, and containerd with deflate and zstd besides. Not of a part: it need not begin where packing began.
// The function ends the unpacking; it leaves the body of the response open.
func unpacked(response *http.Response, req *request) (io.Reader, func(), error) {
	body := response.Body
	if !req.unpacks || !hasBody(response) || response.StatusCode == http.StatusPartialContent {
		return body, func() {}, nil
	}
	var reader io.ReadCloser
	var err error
	switch strings.ToLower(strings.TrimSpace(response.Header.Get("Content-Encoding"))) {
	case "gzip", "x-gzip":
		reader, err = gzip.NewReader(body)
	case "deflate": // without the zlib frame, as containerd reads it
		reader = flate.NewReader(body)
	case "zstd":
		var decoder *zstd.Decoder
		options := []zstd.DOption{
			zstd.WithDecoderConcurrency(1), zstd.WithDecoderMaxWindow(zstdWindowBytesMax),
		}
		if decoder, err = zstd.NewReader(body, options...); err == nil {
			reader = decoder.IOReadCloser()
		}
	default:
		return body, func() {}, nil
	}
	switch {
	case err == io.EOF: // nothing, packed or not
		return body, func() {}, nil
	case err != nil:
		return nil, func() {}, packedError(err)
	}
	return packed{reader}, func() { _ = reader.Close() }, nil
}

// packed tells a defect of the packing from one of the connection.
type packed struct{ io.Reader }

func (p packed) Read(into []byte) (int, error) {
	n, err := p.Reader.Read(into)
	return n, packedError(err)
}

func packedError(err error) error {
	var corrupt flate.CorruptInputError
	switch {
	case err == nil || err == io.EOF:
		return err
	case errors.Is(err, gzip.ErrHeader), errors.Is(err, gzip.ErrChecksum), errors.As(err, &corrupt),
		errors.Is(err, zstd.ErrMagicMismatch), errors.Is(err, zstd.ErrCRCMismatch),
		errors.Is(err, zstd.ErrWindowSizeExceeded):
		return fmt.Errorf("%w: %w", errPacked, err)
	}
	return err
}
