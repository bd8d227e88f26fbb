package exchange

import (
	"encoding/hex"
	"errors"
	"hash"
	"io"
	"net/http"
	"sync"

	"github.com/grafana/sobek"
)

// heldBytesMax bounds what the parts of one body hold that came before their turn; past it, there is no
// digest of that body.
const heldBytesMax = 256 << 20

// joins says which part of a body a request is for: offset bytes behind where the reply to ended, of size
// bytes that come there in parts.
type joins struct {
	to           *reply
	offset, size int64
}

var errJoins = errors.New("joins must name a reply, and where in the body behind it the part lies")

func (r *request) readJoins(value sobek.Value) error {
	object, ok := value.(*sobek.Object)
	if !ok {
		return nil
	}
	to, ok := object.Get("to").(*sobek.Object)
	if !ok {
		return errJoins
	}
	before, ok := to.Export().(*replyObject)
	if !ok {
		return errJoins
	}
	r.joins = &joins{to: before.reply, offset: numberOf(object, "offset"), size: numberOf(object, "size")}
	if r.joins.offset < 0 || r.joins.offset >= r.joins.size {
		return errJoins
	}
	return nil
}

// takenOf is as much of the body as is wanted: of a part, the first partBytesMax bytes.
func takenOf(body io.Reader, response *http.Response, req *request) io.Reader {
	isPart := response.StatusCode == http.StatusPartialContent || req.joins != nil
	if req.partBytesMax == 0 || !isPart {
		return body
	}
	return io.LimitReader(body, req.partBytesMax)
}

// assembly hashes the parts of one body, which come side by side and in any order. What comes before its
// turn is held; what is next goes straight into the hash.
type assembly struct {
	lock sync.Mutex
	hash hash.Hash
	// next is the first byte that was not hashed yet.
	next, size int64
	held       int64
	waiting    map[int64]*part
	isLost     bool
	isTold     bool
}

// part of an assembly: from at on it has not been hashed.
type part struct {
	of   *assembly
	at   int64
	held []byte
}

// assemblies guards the field of that name in replies, which several requests may join at once.
var assemblies sync.Mutex

// partOf opens the part that req is for; nil where no digest is wanted.
func partOf(req *request) *part {
	pool := hashers[req.digest]
	if req.joins == nil || pool == nil {
		return nil
	}
	to := req.joins.to
	assemblies.Lock()
	a := to.assembly
	if a == nil {
		a = &assembly{size: req.joins.size, waiting: map[int64]*part{}, hash: to.takeHash()}
		if a.hash == nil {
			a.hash = pool.Get().(hash.Hash)
			a.hash.Reset()
		}
		to.assembly = a
	}
	assemblies.Unlock()
	p := &part{of: a, at: req.joins.offset}
	a.lock.Lock()
	defer a.lock.Unlock()
	if p.at != a.next {
		a.waiting[p.at] = p
	}
	return p
}

func (p *part) write(piece []byte) {
	a := p.of
	a.lock.Lock()
	defer a.lock.Unlock()
	switch {
	case a.isLost:
	case p.at == a.next:
		a.hash.Write(piece)
		a.next += int64(len(piece))
		p.at = a.next
		a.drain()
	case a.held+int64(len(piece)) > heldBytesMax:
		a.isLost, a.waiting = true, nil
	default:
		p.held = append(p.held, piece...)
		a.held += int64(len(piece))
	}
}

// drain hashes what is held of the parts whose turn it is now.
func (a *assembly) drain() {
	for p := a.waiting[a.next]; p != nil; p = a.waiting[a.next] {
		delete(a.waiting, a.next)
		a.hash.Write(p.held)
		a.held -= int64(len(p.held))
		a.next += int64(len(p.held))
		p.at, p.held = a.next, nil
	}
}

// end gives the digest of the whole body to the part that completes it, and "" to all others.
func (p *part) end(algorithm string) string {
	a := p.of
	a.lock.Lock()
	defer a.lock.Unlock()
	if a.isLost || a.isTold || a.next != a.size {
		return ""
	}
	a.isTold = true
	return algorithm + ":" + hex.EncodeToString(a.hash.Sum(nil))
}

// takeHash gives the hash up to where the parts have come without a gap; nothing more is added to it here.
func (a *assembly) takeHash() hash.Hash {
	a.lock.Lock()
	defer a.lock.Unlock()
	if a.isLost {
		return nil
	}
	a.isLost = true
	return a.hash
}
