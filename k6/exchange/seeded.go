package exchange

// Content made up while it is sent: a tar of one file whose bytes follow from a seed and a number, so
// that any part of it can be made at any time, in constant memory, and no two registries compress it.

import (
	"archive/tar"
	"bytes"
	"context"
	"crypto/aes"
	"crypto/cipher"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"strconv"
	"sync"
	"time"

	"github.com/grafana/sobek"
)

const (
	// tarBlock is the unit of a tar: its header, and what everything in it is padded to.
	tarBlock = 512
	// tarEndBytes: two empty blocks end a tar.
	tarEndBytes    = 2 * tarBlock
	seededBytesMin = tarBlock + tarBlock + tarEndBytes
	// seededBytesMax keeps the file within what a plain header can say (8 GiB).
	seededBytesMax = 8 << 30
	// seededDigestsMax bounds what the process remembers; past it, it starts anew.
	seededDigestsMax = 100_000
)

// seeded is SeededContent in Go: what names one content for all time.
type seeded struct {
	seed         string
	number, size int64
}

// seededPart is SeededBytes in Go: bytes from..to of it, to excluded.
type seededPart struct {
	seeded
	from, to int64
}

func readSeeded(object *sobek.Object) (seeded, error) {
	content := seeded{seed: textOf(object, "seed")}
	for _, field := range []struct {
		name string
		into *int64
	}{{"number", &content.number}, {"size", &content.size}} {
		value := object.Get(field.name)
		if isNothing(value) {
			return content, fmt.Errorf("seeded content without %s", field.name)
		}
		*field.into = value.ToInteger()
	}
	size := content.size
	if size < seededBytesMin || size > seededBytesMax || size%tarBlock != 0 {
		return content, fmt.Errorf("seeded content must have %d to %d bytes, a multiple of %d",
			seededBytesMin, int64(seededBytesMax), tarBlock)
	}
	return content, nil
}

var errSeededPart = errors.New("the part of seeded content must lie within it")

func readSeededPart(object *sobek.Object) (*seededPart, error) {
	content, err := readSeeded(object)
	if err != nil {
		return nil, err
	}
	from, to := object.Get("from"), object.Get("to")
	if isNothing(from) || isNothing(to) {
		return nil, errSeededPart
	}
	part := &seededPart{seeded: content, from: from.ToInteger(), to: to.ToInteger()}
	if part.from < 0 || part.to <= part.from || part.to > part.size {
		return nil, errSeededPart
	}
	return part, nil
}

// seededReader makes the bytes of a part. progress is called for every piece.
type seededReader struct {
	content  seeded
	at, to   int64
	stream   cipher.Stream
	progress func()
}

func (p *seededPart) reader(progress func()) io.Reader {
	return &seededReader{content: p.seeded, at: p.from, to: p.to, progress: progress}
}

func (r *seededReader) Read(p []byte) (int, error) {
	if r.at >= r.to {
		return 0, io.EOF
	}
	if len(p) == 0 {
		return 0, nil
	}
	fileEnd := r.content.size - tarEndBytes
	p = p[:min(int64(len(p)), r.to-r.at)]
	switch {
	case r.at < tarBlock:
		p = p[:copy(p, r.content.header()[r.at:])]
	case r.at < fileEnd:
		p = p[:min(int64(len(p)), fileEnd-r.at)]
		if r.stream == nil {
			r.stream = r.content.stream(r.at - tarBlock)
		}
		clear(p)
		r.stream.XORKeyStream(p, p)
	default:
		clear(p)
	}
	r.at += int64(len(p))
	r.progress()
	return len(p), nil
}

// header is that of the tar's one file.
func (c seeded) header() []byte {
	var out bytes.Buffer
	// Cannot fail: name, size and time fit a plain header, and a buffer takes everything.
	_ = tar.NewWriter(&out).WriteHeader(&tar.Header{
		Name: "pullproof/" + strconv.FormatInt(c.number, 10), Mode: 0o644, Format: tar.FormatUSTAR,
		Size: c.size - tarBlock - tarEndBytes, ModTime: time.Unix(0, 0),
	})
	return out.Bytes()
}

// stream gives the file's bytes from offset on: AES in counter mode, which can begin anywhere.
func (c seeded) stream(offset int64) cipher.Stream {
	key := sha256.Sum256([]byte(c.seed + "\x00" + strconv.FormatInt(c.number, 10)))
	block, err := aes.NewCipher(key[:aes.BlockSize])
	if err != nil { // only for a key of another length
		panic(err)
	}
	var counter [aes.BlockSize]byte
	binary.BigEndian.PutUint64(counter[8:], uint64(offset/aes.BlockSize))
	stream := cipher.NewCTR(block, counter[:])
	var skipped [aes.BlockSize]byte
	skip := skipped[:offset%aes.BlockSize]
	stream.XORKeyStream(skip, skip)
	return stream
}

// seededDigests of all VUs: a pool of blobs is hashed once in a run.
var seededDigests = struct {
	lock  sync.Mutex
	known map[seeded]string
}{known: map[seeded]string{}}

// digest is computed at most once as long as it is remembered. It ends early with ctx.
func (c seeded) digest(ctx context.Context) (string, error) {
	seededDigests.lock.Lock()
	digest, known := seededDigests.known[c]
	seededDigests.lock.Unlock()
	if known {
		return digest, nil
	}
	hasher := sha256.New()
	buffer := buffers.Get().(*[bufferBytes]byte)
	defer buffers.Put(buffer)
	part := seededPart{seeded: c, to: c.size}
	reader := part.reader(func() {})
	for {
		n, err := reader.Read(buffer[:])
		if err == io.EOF {
			break
		}
		hasher.Write(buffer[:n])
		if ctx.Err() != nil {
			return "", ctx.Err()
		}
	}
	digest = "sha256:" + hex.EncodeToString(hasher.Sum(nil))
	seededDigests.lock.Lock()
	defer seededDigests.lock.Unlock()
	if len(seededDigests.known) >= seededDigestsMax {
		clear(seededDigests.known)
	}
	seededDigests.known[c] = digest
	return digest, nil
}

// seededDigest(content, done) hashes content beside the event loop; done(digest) is called later,
// exactly once. It throws only for wrong arguments.
func (m *vuModule) seededDigest(call sobek.FunctionCall) sobek.Value {
	vm := m.vu.Runtime()
	if m.vu.State() == nil {
		panic(vm.NewGoError(errInitContext))
	}
	object, isObject := call.Argument(0).(*sobek.Object)
	done, isFunction := sobek.AssertFunction(call.Argument(1))
	if !isObject || !isFunction {
		panic(vm.NewTypeError("k6/x/pullproof: seededDigest takes seeded content and a function"))
	}
	content, err := readSeeded(object)
	if err != nil {
		panic(vm.NewTypeError("k6/x/pullproof: " + err.Error()))
	}
	ctx := m.vu.Context()
	enqueue := m.vu.RegisterCallback()
	go func() {
		digest, err := content.digest(ctx)
		enqueue(func() error {
			if err != nil { // k6 ended the iteration
				return nil
			}
			_, err := done(sobek.Undefined(), vm.ToValue(digest))
			return err
		})
	}()
	return sobek.Undefined()
}
