package exchange

import (
	"sync"
	"sync/atomic"
	"time"

	"github.com/grafana/sobek"
	"go.k6.io/k6/v2/metrics"
)

const (
	// pullRequestsMax bounds the requests that are kept of one pull.
	pullRequestsMax = 200
	// candidateEvery: of those that succeed, and of those that fail, one in this time at most is handed to
	// the output, which keeps few of them. All others cost no more than a look at the clock.
	candidateEvery = 50 * time.Millisecond
)

// Pull is one whole pull with its requests, for a report to show. It is in none of k6's metrics.
type Pull struct {
	Client, Image string
	// Failure is the class of what ended it, empty for a pull that succeeded.
	Failure    string
	Start, End time.Time
	// Requests in the order in which they ended; More are those beyond.
	Requests []*Sample
	More     int
}

// GetSamples has none.
func (*Pull) GetSamples() []metrics.Sample { return nil }

// record is what is kept of a pull under way. Its requests end beside each other.
type record struct {
	start    time.Time
	lock     sync.Mutex
	requests []*Sample
	more     int
}

// add does nothing on nil: requests of a push, or of a script that tells of no pulls.
func (r *record) add(sample *Sample) {
	if r == nil {
		return
	}
	r.lock.Lock()
	defer r.lock.Unlock()
	if len(r.requests) >= pullRequestsMax {
		r.more++
		return
	}
	r.requests = append(r.requests, sample)
}

// When the next candidate may come, nanoseconds of time.Now().
var nextGood, nextFailed atomic.Int64

// isDue lets one of all VUs through.
func isDue(next *atomic.Int64, now time.Time) bool {
	due := next.Load()
	return now.UnixNano() >= due && next.CompareAndSwap(due, now.Add(candidateEvery).UnixNano())
}

// beginPull(user) keeps the requests of that user from now on, as those of one pull.
func (m *vuModule) beginPull(call sobek.FunctionCall) sobek.Value {
	m.records[userOf(call.Argument(0))] = &record{start: time.Now()}
	return sobek.Undefined()
}

// tellPull(user, client, image, failure) ends the pull of the user; failure is empty where it succeeded.
func (m *vuModule) tellPull(call sobek.FunctionCall) sobek.Value {
	user := userOf(call.Argument(0))
	known := m.records[user]
	delete(m.records, user)
	state := m.vu.State()
	if known == nil || state == nil {
		return sobek.Undefined()
	}
	now, failure := time.Now(), call.Argument(3).String()
	next := &nextGood
	if failure != "" {
		next = &nextFailed
	}
	if !isDue(next, now) {
		return sobek.Undefined()
	}
	known.lock.Lock()
	pull := &Pull{
		Client: call.Argument(1).String(), Image: call.Argument(2).String(), Failure: failure,
		// What ends later is of a pull that is over: it is not added to what is handed on.
		Start: known.start, End: now, Requests: known.requests[:len(known.requests):len(known.requests)],
		More: known.more,
	}
	known.lock.Unlock()
	metrics.PushIfNotDone(m.vu.Context(), state.Samples, pull)
	return sobek.Undefined()
}
