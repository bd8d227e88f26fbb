package timeline

import (
	"os"
	"path"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

const (
	// levelsMax bounds the cgroups between a process and the root.
	levelsMax = 32
	// procBytesMax bounds what is read of files in /proc and of cgroups.
	procBytesMax = 1 << 20
)

// cgroups are those of this process in which its processor time may be limited, its own first, then its
// parents as far as they can be seen here.
type cgroups struct {
	levels []string
	v1     bool
}

// throttling counts since a cgroup was made.
type throttling struct {
	periods, throttled int64
	time               time.Duration
}

// findCgroups looks below root, '/' but for tests; none is found where the system has none.
func findCgroups(root string) cgroups {
	own, v1 := ownCgroup(root)
	if own == "" {
		return cgroups{}
	}
	mount, ok := cgroupMount(root, own, v1)
	if !ok {
		return cgroups{}
	}
	found := cgroups{v1: v1}
	for at := mount.dirOf(own); len(found.levels) < levelsMax; at = path.Dir(at) {
		found.levels = append(found.levels, filepath.Join(root, at))
		if at == mount.point || at == "/" {
			break
		}
	}
	return found
}

// ownCgroup is where this process is, as /proc/self/cgroup says: of the cpu controller of version 1, where
// that is in use, else of version 2. ” where neither is.
func ownCgroup(root string) (own string, v1 bool) {
	for line := range strings.SplitSeq(readProc(root, "/proc/self/cgroup"), "\n") {
		fields := strings.SplitN(line, ":", 3)
		if len(fields) != 3 {
			continue
		}
		if fields[0] == "0" && fields[1] == "" && own == "" {
			own = fields[2]
		}
		if hasWord(fields[1], "cpu") {
			return fields[2], true
		}
	}
	return own, false
}

// cgroupMountPoint: the cgroup `root` is to be seen at `point`.
type cgroupMountPoint struct{ root, point string }

// dirOf is where a cgroup is to be seen; outside of what is mounted, where the mount begins: a container
// is mostly shown its own cgroup as the root, under whatever name the host has for it.
func (m cgroupMountPoint) dirOf(own string) string {
	if m.holds(own) {
		return path.Join(m.point, strings.TrimPrefix(own, strings.TrimSuffix(m.root, "/")))
	}
	return m.point
}

func (m cgroupMountPoint) holds(own string) bool {
	return m.root == "/" || own == m.root || strings.HasPrefix(own, m.root+"/")
}

// cgroupMount prefers a mount that shows the cgroup: there can be several of them, of other parts of the tree.
func cgroupMount(root, own string, v1 bool) (found cgroupMountPoint, ok bool) {
	for line := range strings.SplitSeq(readProc(root, "/proc/self/mountinfo"), "\n") {
		before, after, _ := strings.Cut(line, " - ")
		where, what := strings.Fields(before), strings.Fields(after)
		if len(where) < 5 || len(what) < 3 {
			continue
		}
		if v1 && (what[0] != "cgroup" || !hasWord(what[2], "cpu")) || !v1 && what[0] != "cgroup2" {
			continue
		}
		mount := cgroupMountPoint{unescaped(where[3]), path.Clean(unescaped(where[4]))}
		if !ok || mount.holds(own) && !found.holds(own) {
			found, ok = mount, true
		}
	}
	return found, ok
}

// quota is how many cores they leave to this process; not limited: ok is false.
func (c cgroups) quota() (cores float64, ok bool) {
	for _, dir := range c.levels {
		if one, limited := c.quotaOf(dir); limited && (!ok || one < cores) {
			cores, ok = one, true
		}
	}
	return cores, ok
}

func (c cgroups) quotaOf(dir string) (cores float64, limited bool) {
	var quota, period string
	if c.v1 {
		quota = strings.TrimSpace(readFile(filepath.Join(dir, "cpu.cfs_quota_us")))
		period = strings.TrimSpace(readFile(filepath.Join(dir, "cpu.cfs_period_us")))
	} else {
		quota, period, _ = strings.Cut(strings.TrimSpace(readFile(filepath.Join(dir, "cpu.max"))), " ")
	}
	most, err := strconv.ParseFloat(quota, 64)
	every, errToo := strconv.ParseFloat(period, 64)
	if err != nil || errToo != nil || most <= 0 || every <= 0 { // "max" and -1: no limit
		return 0, false
	}
	return most / every, true
}

// throttlings are those of the levels that have a limit, in their order; the others' are nil.
func (c cgroups) throttlings() []*throttling {
	all := make([]*throttling, len(c.levels))
	for i, dir := range c.levels {
		if _, limited := c.quotaOf(dir); limited {
			all[i] = c.throttlingOf(dir)
		}
	}
	return all
}

func (c cgroups) throttlingOf(dir string) *throttling {
	counts := map[string]int64{}
	for line := range strings.SplitSeq(readFile(filepath.Join(dir, "cpu.stat")), "\n") {
		name, text, _ := strings.Cut(line, " ")
		if value, err := strconv.ParseInt(strings.TrimSpace(text), 10, 64); err == nil {
			counts[name] = value
		}
	}
	if _, known := counts["nr_periods"]; !known {
		return nil
	}
	waited := time.Duration(counts["throttled_time"]) // version 1: nanoseconds
	if !c.v1 {
		waited = time.Duration(counts["throttled_usec"]) * time.Microsecond
	}
	return &throttling{counts["nr_periods"], counts["nr_throttled"], waited}
}

// mostThrottled is what happened between two readings at the level that was stopped most; nil where no
// level has a limit. A level that got its limit meanwhile counts from the next reading on.
func mostThrottled(before, now []*throttling) *throttling {
	var most *throttling
	for i := range min(len(before), len(now)) {
		if before[i] == nil || now[i] == nil {
			continue
		}
		one := throttling{
			now[i].periods - before[i].periods, now[i].throttled - before[i].throttled,
			now[i].time - before[i].time,
		}
		if one.periods >= 0 && one.throttled >= 0 && (most == nil || one.throttled > most.throttled) {
			most = &one
		}
	}
	return most
}

func hasWord(list, word string) bool {
	for one := range strings.SplitSeq(list, ",") {
		if one == word {
			return true
		}
	}
	return false
}

// unescaped: proc(5) writes blanks and backslashes of mountinfo as \040 and the like.
var unescaped = strings.NewReplacer(`\040`, " ", `\011`, "\t", `\012`, "\n", `\134`, `\`).Replace

func readProc(root, name string) string { return readFile(filepath.Join(root, name)) }

// readFile is empty for what cannot be read.
func readFile(name string) string {
	content, err := os.ReadFile(name)
	if err != nil || len(content) > procBytesMax {
		return ""
	}
	return string(content)
}
