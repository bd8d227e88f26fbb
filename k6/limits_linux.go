package pullproof

import "syscall"

// openFilesWanted is Linux's usual upper bound (fs.nr_open).
const openFilesWanted = 1 << 20

// Thousands of users hold several connections each. Go itself goes up to the hard limit; who may raise
// that one gets more, for others nothing changes.
func init() {
	var limit syscall.Rlimit
	if syscall.Getrlimit(syscall.RLIMIT_NOFILE, &limit) == nil && limit.Max < openFilesWanted {
		more := syscall.Rlimit{Cur: openFilesWanted, Max: openFilesWanted}
		_ = syscall.Setrlimit(syscall.RLIMIT_NOFILE, &more) // best effort
	}
}
