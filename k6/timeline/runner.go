package timeline

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"os"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/pullproof/xk6-pullproof/exchange"
)

const (
	// tickEvery is the pace of the clock whose lag is measured.
	tickEvery = 20 * time.Millisecond
	// lineMin is what the system's own counts, in hundredths of a second, can tell something of.
	lineMin = 200 * time.Millisecond
	// hashDigits are as many as those of the machine in the results.
	hashDigits = 12
)

// runnerLine: what the machine gave this k6 in the time until second T, since the line before. What the system
// does not tell is absent.
type runnerLine struct {
	T      int64  `json:"t"`
	Series string `json:"series"`
	// ID is of this process alone: host, process and a random part, since several containers of one host
	// can have the same of both.
	ID string `json:"id"`
	// Machine is the same for all that run on it, in whatever containers.
	Machine string `json:"machine,omitempty"`
	// Requests that ended; without any the load has not begun, pauses, or is over.
	Requests int64 `json:"requests"`
	// CPUs are the cores that k6 may use, quotas considered.
	CPUs   float64 `json:"cpus"`
	WallUs int64   `json:"wallUs"`
	CPUUs  *int64  `json:"cpuUs,omitempty"`
	// MachineBusy is the share of all cores of the machine that was in use, or taken away from it.
	MachineBusy *float64 `json:"machineBusy,omitempty"`
	MachineCPUs int      `json:"machineCpus,omitempty"`
	// Periods of the quota, and those in which it was used up.
	Periods          *int64 `json:"periods,omitempty"`
	ThrottledPeriods *int64 `json:"throttledPeriods,omitempty"`
	ThrottledUs      *int64 `json:"throttledUs,omitempty"`
	// LagUs is by how much a tick was late at most.
	LagUs int64 `json:"lagUs"`
	// SkewMs is by how much the clock is ahead of the registry's, as its replies of the whole run tell.
	SkewMs *int64 `json:"skewMs,omitempty"`
}

// runner watches what the machine gives this process, from its first request on.
type runner struct {
	// root is '/' but for tests.
	root        string
	id, machine string
	cgroups     cgroups
	requests    atomic.Int64
	lag         atomic.Int64 // nanoseconds, of the worst tick since the line before
	begun       sync.Once
	stop        chan struct{}
	// last is set by the first request, and then touched by the flusher alone.
	last atomic.Pointer[reading]
}

// reading is what the system says at one moment; what it does not say is not ok, 0 or nil.
type reading struct {
	at          time.Time
	cpu         time.Duration
	cpuKnown    bool
	busy, all   int64
	machineCPUs int
	throttlings []*throttling
}

func newRunner(root string) *runner {
	return &runner{
		root: root, id: processID(), machine: machineOf(root), cgroups: findCgroups(root),
		stop: make(chan struct{}),
	}
}

// count is told of every request that ended.
func (r *runner) count() {
	r.requests.Add(1)
	r.begun.Do(func() {
		first := r.read()
		r.last.Store(&first)
		go r.tick()
	})
}

func (r *runner) close() { close(r.stop) }

// tick measures how late this process is woken. A late tick puts off those after it, and counts once.
func (r *runner) tick() {
	timer := time.NewTimer(tickEvery)
	defer timer.Stop()
	for due := time.Now().Add(tickEvery); ; due = time.Now().Add(tickEvery) {
		select {
		case <-r.stop:
			return
		case <-timer.C:
		}
		late := int64(time.Since(due))
		for worst := r.lag.Load(); late > worst && !r.lag.CompareAndSwap(worst, late); worst = r.lag.Load() {
		}
		timer.Reset(tickEvery)
	}
}

// line is ok from the first request on, and again when enough time has gone by, or k6 ends.
func (r *runner) line(ends bool) (line runnerLine, ok bool) {
	before := r.last.Load()
	if before == nil || !ends && time.Since(before.at) < lineMin {
		return runnerLine{}, false
	}
	now := r.read()
	r.last.Store(&now)
	line = runnerLine{
		T: now.at.Unix(), Series: "runner", ID: r.id, Machine: r.machine, Requests: r.requests.Swap(0),
		CPUs: r.cpus(), WallUs: now.at.Sub(before.at).Microseconds(), MachineCPUs: now.machineCPUs,
		LagUs: time.Duration(r.lag.Swap(0)).Microseconds(),
	}
	if before.cpuKnown && now.cpuKnown {
		line.CPUUs = pointer((now.cpu - before.cpu).Microseconds())
	}
	if all := now.all - before.all; before.all > 0 && all > 0 {
		line.MachineBusy = pointer(min(max(float64(now.busy-before.busy)/float64(all), 0), 1))
	}
	if most := mostThrottled(before.throttlings, now.throttlings); most != nil {
		line.Periods, line.ThrottledPeriods = &most.periods, &most.throttled
		line.ThrottledUs = pointer(most.time.Microseconds())
	}
	if ms, known := exchange.Skew(); known {
		line.SkewMs = &ms
	}
	return line, true
}

// cpus are fewer than those of the machine by affinity, by GOMAXPROCS, and by quota.
func (r *runner) cpus() float64 {
	cores := float64(min(runtime.NumCPU(), runtime.GOMAXPROCS(0)))
	if quota, limited := r.cgroups.quota(); limited {
		return min(cores, quota)
	}
	return cores
}

func (r *runner) read() reading {
	now := reading{at: time.Now(), throttlings: r.cgroups.throttlings()}
	now.cpu, now.cpuKnown = cpuTime()
	now.readMachine(readProc(r.root, "/proc/stat"))
	return now
}

// readMachine takes /proc/stat. Time that a hypervisor gave to others is no idle time; that of guests is in
// that of users already.
func (now *reading) readMachine(stat string) {
	for line := range strings.SplitSeq(stat, "\n") {
		if !strings.HasPrefix(line, "cpu") {
			break
		}
		fields := strings.Fields(line)
		if fields[0] != "cpu" {
			now.machineCPUs++
			continue
		}
		for i, field := range fields[1:min(len(fields), 1+statFields)] {
			ticks, _ := strconv.ParseInt(field, 10, 64) // 0 for what is none
			now.all += ticks
			if i != statIdle && i != statWaiting {
				now.busy += ticks
			}
		}
	}
}

// Of the fields of /proc/stat (proc(5)): user nice system idle iowait irq softirq steal.
const (
	statFields  = 8
	statIdle    = 3
	statWaiting = 4
)

// processID is not to be guessed by others, and is the same for no two processes.
func processID() string {
	host, err := os.Hostname()
	if err != nil {
		host = "unknown"
	}
	var random [3]byte
	_, _ = rand.Read(random[:]) // it never fails
	return fmt.Sprintf("%s:%d:%s", host, os.Getpid(), hex.EncodeToString(random[:]))
}

// machineOf is a hash of what containers share with all others of their kernel; ” where there is none.
func machineOf(root string) string {
	boot := strings.TrimSpace(readProc(root, "/proc/sys/kernel/random/boot_id"))
	if boot == "" {
		return ""
	}
	hash := sha256.Sum256([]byte("pullproof/runner/1 " + boot))
	return hex.EncodeToString(hash[:])[:hashDigits]
}

func pointer[T any](value T) *T { return &value }
