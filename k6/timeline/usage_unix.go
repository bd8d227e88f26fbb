//go:build unix

package timeline

import (
	"syscall"
	"time"
)

// cpuTime is what this process has taken of the processors.
func cpuTime() (taken time.Duration, ok bool) {
	var usage syscall.Rusage
	if syscall.Getrusage(syscall.RUSAGE_SELF, &usage) != nil {
		return 0, false
	}
	return time.Duration(usage.Utime.Nano() + usage.Stime.Nano()), true
}
