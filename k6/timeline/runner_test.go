package timeline

import (
	"encoding/json"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"testing"
	"time"
)

// tree writes files below a folder of its own.
func tree(t *testing.T, files map[string]string) string {
	t.Helper()
	root := t.TempDir()
	for name, content := range files {
		write(t, root, name, content)
	}
	return root
}

func write(t *testing.T, root, name, content string) {
	t.Helper()
	file := filepath.Join(root, name)
	if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
}

const (
	v1Mounts = "31 23 0:28 / /sys/fs/cgroup rw,relatime - tmpfs tmpfs rw\n" +
		"33 31 0:30 / /sys/fs/cgroup/cpuacct rw - cgroup cgroup rw,cpuacct\n"
	v2Mount = "30 23 0:26 / /sys/fs/cgroup rw,nosuid shared:9 - cgroup2 cgroup2 rw,nsdelegate\n"
)

func v1Mount(shown, at string) string {
	return v1Mounts + fmt.Sprintf("32 31 0:29 %s %s rw,relatime master:7 - cgroup cgroup rw,cpu,cpuacct\n", shown, at)
}

func v1Files(dir, quota string, periods int) map[string]string {
	return map[string]string{
		dir + "/cpu.cfs_quota_us": quota + "\n", dir + "/cpu.cfs_period_us": "100000\n",
		dir + "/cpu.stat": fmt.Sprintf("nr_periods %d\nnr_throttled %d\nthrottled_time 5000000\n", periods, periods/2),
	}
}

func v2Files(dir, limit string, periods int) map[string]string {
	return map[string]string{
		dir + "/cpu.max":  limit + "\n",
		dir + "/cpu.stat": fmt.Sprintf("usage_usec 9\nnr_periods %d\nnr_throttled %d\nthrottled_usec 5000\n", periods, periods/2),
	}
}

func together(all ...map[string]string) map[string]string {
	files := map[string]string{}
	for _, one := range all {
		for name, content := range one {
			files[name] = content
		}
	}
	return files
}

const v1Own = "9:name=systemd:/\n4:memory:/elsewhere\n2:cpu,cpuacct:%s\n0::/unified\n"

func self(own, mounts string) map[string]string {
	return map[string]string{"proc/self/cgroup": own, "proc/self/mountinfo": mounts}
}

func TestQuota(t *testing.T) {
	t.Parallel()
	const cpu, unified = "sys/fs/cgroup/cpu", "sys/fs/cgroup"
	tests := map[string]struct {
		files  map[string]string
		quota  float64 // 0: none
		levels int
	}{
		"none":     {files: map[string]string{}},
		"no mount": {files: self("0::/a\n", "")},
		"v1 without a limit": {
			files:  together(self(fmt.Sprintf(v1Own, "/"), v1Mount("/", "/sys/fs/cgroup/cpu")), v1Files(cpu, "-1", 0)),
			levels: 1,
		},
		"v1": {
			files: together(self(fmt.Sprintf(v1Own, "/a"), v1Mount("/", "/sys/fs/cgroup/cpu")),
				v1Files(cpu, "-1", 0), v1Files(cpu+"/a", "150000", 10)),
			quota: 1.5, levels: 2,
		},
		"v1, of a parent": {
			files: together(self(fmt.Sprintf(v1Own, "/a/b"), v1Mount("/", "/sys/fs/cgroup/cpu")),
				v1Files(cpu+"/a", "50000", 10), v1Files(cpu+"/a/b", "200000", 0)),
			quota: 0.5, levels: 3,
		},
		"v1 in a container that is shown its own as the root of the mount": {
			files: together(self(fmt.Sprintf(v1Own, "/pod/c"), v1Mount("/pod/c", "/sys/fs/cgroup/cpu")),
				v1Files(cpu, "40000", 10)),
			quota: 0.4, levels: 1,
		},
		"v1 under a name that is not to be seen": {
			files: together(self(fmt.Sprintf(v1Own, "/other"), v1Mount("/pod/c", "/sys/fs/cgroup/cpu")),
				v1Files(cpu, "40000", 10)),
			quota: 0.4, levels: 1,
		},
		"v1 mounted twice, a blank in the name": {
			files: together(self(fmt.Sprintf(v1Own, "/pod/c"),
				v1Mount("/else", "/sys/fs/cgroup/cpu")+v1Mount("/pod", `/my\040cpu`)),
				v1Files(cpu, "10000", 10), v1Files("my cpu/c", "40000", 10)),
			quota: 0.4, levels: 2,
		},
		"v2 without a limit": {
			files:  together(self("0::/\n", v2Mount), v2Files(unified, "max 100000", 0)),
			levels: 1,
		},
		"v2 in a container": {
			files: together(self("0::/\n", v2Mount), v2Files(unified, "25000 50000", 10)),
			quota: 0.5, levels: 1,
		},
		"v2, of a parent": {
			files: together(self("0::/kube/pod/c\n", v2Mount), v2Files(unified+"/kube/pod", "200000 100000", 10),
				v2Files(unified+"/kube/pod/c", "max 100000", 0)),
			quota: 2, levels: 4,
		},
		"damaged": {
			files:  together(self("0::/a\n:::\nx\n", v2Mount+"1 2 - cgroup2\n"), v2Files(unified+"/a", "0 0", 1)),
			levels: 2,
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			found := findCgroups(tree(t, test.files))
			quota, limited := found.quota()
			if limited != (test.quota > 0) || math.Abs(quota-test.quota) > 1e-9 {
				t.Errorf("quota %v %v", quota, limited)
			}
			if len(found.levels) != test.levels {
				t.Errorf("levels %v", found.levels)
			}
		})
	}
}

func TestCgroupsAreBounded(t *testing.T) {
	t.Parallel()
	deep := ""
	for range 100 {
		deep += "/a"
	}
	if levels := findCgroups(tree(t, self("0::"+deep+"\n", v2Mount))).levels; len(levels) != levelsMax {
		t.Errorf("%d levels", len(levels))
	}
}

func TestThrottling(t *testing.T) {
	t.Parallel()
	for version, files := range map[string]func(dir, limit string, periods int) map[string]string{
		"v1": v1Files, "v2": v2Files,
	} {
		t.Run(version, func(t *testing.T) {
			t.Parallel()
			dir, limit := "sys/fs/cgroup/cpu", "50000"
			own, mounts := fmt.Sprintf(v1Own, "/pod/c"), v1Mount("/", "/sys/fs/cgroup/cpu")
			if version == "v2" {
				dir, limit, own, mounts = "sys/fs/cgroup", "50000 100000", "0::/pod/c\n", v2Mount
			}
			root := tree(t, together(self(own, mounts), files(dir+"/pod", limit, 10), files(dir+"/pod/c", limit, 10)))
			found := findCgroups(root)
			before := found.throttlings()
			if most := mostThrottled(before, found.throttlings()); most == nil || *most != (throttling{}) {
				t.Errorf("nothing happened: %+v", most)
			}
			for name, content := range together(files(dir+"/pod", limit, 30), files(dir+"/pod/c", limit, 14)) {
				write(t, root, name, content)
			}
			most := mostThrottled(before, found.throttlings())
			if most == nil || most.periods != 20 || most.throttled != 10 {
				t.Errorf("%+v", most)
			}
			if waited := found.throttlings()[0].time; waited != 5*time.Millisecond {
				t.Errorf("waited %v", waited)
			}
		})
	}
	if mostThrottled(nil, nil) != nil {
		t.Error("without cgroups")
	}
}

const statBefore = "cpu  100 0 100 800 0 0 0 0 0 0\ncpu0 50 0 50 400 0 0 0 0 0 0\ncpu1 50 0 50 400 0 0 0 0 0 0\nintr 1 cpu\n"

func TestRunnerLine(t *testing.T) {
	t.Parallel()
	root := tree(t, together(self("0::/c\n", v2Mount), v2Files("sys/fs/cgroup/c", "30000 100000", 10),
		map[string]string{"proc/stat": statBefore, "proc/sys/kernel/random/boot_id": "b00t\n"}))
	r := newRunner(root)
	defer r.close()
	if _, ok := r.line(true); ok {
		t.Fatal("a line before the first request")
	}
	r.count()
	if _, ok := r.line(false); ok {
		t.Fatal("a line of no time")
	}
	r.count()
	// 60 busy (10 of them stolen), 40 idle and waiting.
	write(t, root, "proc/stat", "cpu  140 0 110 830 10 0 0 10 30 0\ncpu0 1\ncpu1 1\n")
	for name, content := range v2Files("sys/fs/cgroup/c", "30000 100000", 20) {
		write(t, root, name, content)
	}
	time.Sleep(3 * tickEvery)
	line, ok := r.line(true)
	if !ok || line.Requests != 2 || line.CPUs != 0.3 || line.MachineCPUs != 2 || len(line.Machine) != hashDigits {
		t.Fatalf("%+v", line)
	}
	if *line.MachineBusy != 0.6 || *line.Periods != 10 || *line.ThrottledPeriods != 5 || *line.CPUUs < 0 {
		t.Errorf("%v", line)
	}
	if line.WallUs < (3*tickEvery).Microseconds() || line.LagUs < 0 {
		t.Errorf("wall %d, lag %d", line.WallUs, line.LagUs)
	}
	if next, _ := r.line(true); next.Requests != 0 || next.MachineBusy != nil || *next.Periods != 0 {
		t.Errorf("what was told is told again: %+v", next)
	}
}

func TestRunnerWhereNothingIsToBeHad(t *testing.T) {
	t.Parallel()
	r := newRunner(t.TempDir())
	defer r.close()
	r.count()
	line, _ := r.line(true)
	text, err := json.Marshal(line)
	var told map[string]any
	if err == nil {
		err = json.Unmarshal(text, &told)
	}
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"machine", "machineBusy", "machineCpus", "periods", "throttledPeriods", "throttledUs"} {
		if _, known := told[name]; known {
			t.Errorf("%s is made up: %s", name, text)
		}
	}
	if line.CPUs < 1 || line.ID == newRunner("/").id {
		t.Errorf("%s", text)
	}
}

func TestRunnerLinesBeginWithTheLoad(t *testing.T) {
	t.Parallel()
	if lines := ofSeries(record(t), "runner"); len(lines) != 0 {
		t.Errorf("without a request: %+v", lines)
	}
	lines := record(t, request(someSecond, 200, time.Millisecond))
	if told := ofSeries(lines, "runner"); len(told) != 1 || !lines[len(lines)-1].End {
		t.Errorf("%+v", lines)
	}
}

func TestLag(t *testing.T) {
	t.Parallel()
	r := newRunner(t.TempDir())
	defer r.close()
	go r.tick()
	for deadline := time.Now().Add(time.Minute); r.lag.Load() == 0; time.Sleep(tickEvery) {
		if time.Now().After(deadline) {
			t.Fatal("no tick came")
		}
	}
	if lag := time.Duration(r.lag.Load()); lag <= 0 || lag > time.Minute {
		t.Errorf("lag %v", lag)
	}
}

// What a second costs.
func BenchmarkRunnerLine(b *testing.B) {
	r := newRunner("/")
	defer r.close()
	r.count()
	for b.Loop() {
		r.line(true)
	}
}

// What a request costs.
func BenchmarkRunnerCount(b *testing.B) {
	r := newRunner("/")
	defer r.close()
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			r.count()
		}
	})
}
