// Command go-loop is the yardstick of `npm run bench`: the requests of one containerd pull, in a bare
// loop over net/http, every body hashed. It measures nothing but totals, and it is no load generator:
// what `pullproof load` costs on top of this loop is the price of scripting and metrics.
package main

import (
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"os"
	"runtime"
	"sync"
	"sync/atomic"
	"time"
)

// totals is what is printed: one JSON line.
type totals struct {
	Pulls    int64   `json:"pulls"`
	Requests int64   `json:"requests"`
	Bytes    int64   `json:"bytes"`
	Seconds  float64 `json:"seconds"`
	// Bad counts pulls that failed, FirstProblem says why the first one did.
	Bad          int64  `json:"bad"`
	FirstProblem string `json:"firstProblem,omitempty"`
	Go           string `json:"go"`
}

// counters are shared by all users.
type counters struct {
	pulls, requests, bytes, bad atomic.Int64
	problem                     sync.Once
	firstProblem                string
}

func main() {
	image := image{}
	flag.StringVar(&image.registry, "registry", "", "origin of the registry")
	flag.StringVar(&image.repository, "repository", "", "repository to pull from")
	flag.StringVar(&image.tag, "tag", "", "tag to pull")
	users := flag.Int("users", 20, "users pulling at once")
	seconds := flag.Float64("seconds", 8, "pulls are started for this long; those under way are finished")
	pulls := flag.Int64("pulls", 0, "stop after this many pulls in all, if not 0")
	flag.Parse()
	if err := check(image, *users, *seconds); err != nil {
		fmt.Fprintln(os.Stderr, "error:", err)
		os.Exit(2)
	}
	_ = json.NewEncoder(os.Stdout).Encode(run(image, *users, *seconds, *pulls))
}

func check(image image, users int, seconds float64) error {
	if image.registry == "" || image.repository == "" || image.tag == "" {
		return errors.New("-registry, -repository and -tag are needed")
	}
	if users < 1 || users > 10_000 || !(seconds > 0 && seconds <= 3600) {
		return errors.New("1 to 10000 users, up to 3600 seconds")
	}
	return nil
}

func run(image image, users int, seconds float64, pullsMax int64) totals {
	var count counters
	var started atomic.Int64
	start := time.Now()
	end := start.Add(time.Duration(seconds * float64(time.Second)))
	var group sync.WaitGroup
	for range users {
		group.Go(func() {
			user := newUser(&count)
			for time.Now().Before(end) && (pullsMax == 0 || started.Add(1) <= pullsMax) {
				if err := user.pull(image); err != nil {
					count.bad.Add(1)
					count.problem.Do(func() { count.firstProblem = err.Error() })
				} else {
					count.pulls.Add(1)
				}
			}
		})
	}
	group.Wait()
	return totals{
		Pulls: count.pulls.Load(), Requests: count.requests.Load(), Bytes: count.bytes.Load(),
		Seconds: time.Since(start).Seconds(), Bad: count.bad.Load(), FirstProblem: count.firstProblem,
		Go: runtime.Version(),
	}
}
