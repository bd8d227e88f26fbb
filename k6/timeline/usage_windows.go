package timeline

import (
	"syscall"
	"time"
)

// cpuTime is what this process has taken of the processors.
func cpuTime() (taken time.Duration, ok bool) {
	process, err := syscall.GetCurrentProcess()
	if err != nil {
		return 0, false
	}
	var created, ended, kernel, user syscall.Filetime
	if syscall.GetProcessTimes(process, &created, &ended, &kernel, &user) != nil {
		return 0, false
	}
	return ticks(kernel) + ticks(user), true
}

// ticks of 100 ns are what Windows counts processor time in.
func ticks(time100ns syscall.Filetime) time.Duration {
	return time.Duration(int64(time100ns.HighDateTime)<<32|int64(time100ns.LowDateTime)) * 100
}
