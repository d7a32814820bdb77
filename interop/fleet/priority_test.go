package fleet

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// A worker lets the servers on its machine go first: otherwise it takes the time that
// they need to answer it. Whoever starts it with another priority is obeyed.
func TestWorkerGoesLast(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("the priorities of threads are in /proc on Linux")
	}
	own := priority(t, os.Getpid()) // another than 0 was chosen for all of these tests
	w, s := newWorld(t), startServer(t)
	worker := w.work(s)
	worker.says(t, "waiting for the lines")
	want := own
	if own == 0 {
		want = 10
	}
	if got := priority(t, worker.cmd.Process.Pid); got != want {
		t.Errorf("the threads of a worker have the priority %d, want %d", got, want)
	}
	nice, err := exec.LookPath("nice")
	if err != nil {
		t.Fatal(err)
	}
	chosen := w.startProgram(nice, "-n", "3", wxpay, "--lang", "en", "work", "--nats", s.url())
	chosen.says(t, "waiting for the lines")
	if got := priority(t, chosen.cmd.Process.Pid); got != min(own+3, 19) {
		t.Errorf("the threads of a worker under nice have the priority %d, want %d", got, min(own+3, 19))
	}
}

// priority returns the priority that all threads of a process have.
func priority(t *testing.T, pid int) int {
	t.Helper()
	files, err := filepath.Glob(fmt.Sprintf("/proc/%d/task/*/stat", pid))
	if err != nil || len(files) == 0 {
		t.Fatalf("the threads of %d: %v", pid, err)
	}
	var all []string
	for _, file := range files {
		text, err := os.ReadFile(file)
		if os.IsNotExist(err) {
			continue // the thread has ended
		}
		if err != nil {
			t.Fatal(err)
		}
		const nice = 16 // of the fields after the name, which is in parentheses
		fields := strings.Fields(string(text[strings.LastIndexByte(string(text), ')')+1:]))
		all = append(all, fields[nice])
	}
	all = slices.Compact(slices.Sorted(slices.Values(all)))
	one, err := strconv.Atoi(strings.Join(all, " and "))
	if err != nil {
		t.Fatalf("the threads of a process have several priorities: %v", err)
	}
	return one
}
