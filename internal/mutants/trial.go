package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"time"
)

// A trial runs the tests of a package against its mutants.
type trial struct {
	folder string // of the package
	work   string // a folder for what the trial makes
	limit  time.Duration
}

// slow is how many times as long as without a change the tests may take. Beyond
// that the change keeps them from ending.
const slow = 10

// newTrial runs the tests without a change. They must pass.
func newTrial(folder, work string) (*trial, error) {
	t := &trial{folder: folder, work: work}
	if err := t.build("unchanged", "{}"); err != nil {
		return nil, err
	}
	took, err := t.unchanged()
	t.limit = slow * took
	return t, err
}

// lives reports whether the tests pass with a mutant. A mutant that does not
// compile does not live.
func (t *trial) lives(m mutant) (bool, error) {
	original, err := filepath.Abs(filepath.FromSlash(m.file))
	if err != nil {
		return false, err
	}
	changed := filepath.Join(t.work, "changed.go")
	overlay, err := json.Marshal(map[string]any{"Replace": map[string]string{original: changed}})
	if err != nil {
		return false, err
	}
	if err := os.WriteFile(changed, m.text, 0o600); err != nil {
		return false, err
	}
	if t.build("changed", string(overlay)) != nil {
		return false, nil
	}
	for {
		passed, ended := t.run("changed", t.limit)
		if ended {
			return passed, nil
		}
		// The machine may have become slower. If so, the limit was too short.
		took, err := t.unchanged()
		if err != nil || slow*took <= t.limit {
			return false, err
		}
		t.limit = slow * took
	}
}

// unchanged returns how long the tests take without a change.
func (t *trial) unchanged() (time.Duration, error) {
	start := time.Now()
	if passed, _ := t.run("unchanged", time.Hour); !passed {
		return 0, fmt.Errorf("the tests of %s fail without a change", t.folder)
	}
	return time.Since(start), nil
}

// build makes a program of the package's tests.
func (t *trial) build(program, overlay string) error {
	replaced := filepath.Join(t.work, "overlay.json")
	if err := os.WriteFile(replaced, []byte(overlay), 0o600); err != nil {
		return err
	}
	out, err := exec.Command("go", "test", "-c", "-overlay", replaced,
		"-o", filepath.Join(t.work, program), "./"+filepath.ToSlash(t.folder)).CombinedOutput()
	if err != nil {
		return fmt.Errorf("%w: %s", err, out)
	}
	return nil
}

// run runs a program that build made, where go test runs it. It reports whether
// the tests passed, and whether they ended within limit.
func (t *trial) run(program string, limit time.Duration) (passed, ended bool) {
	ctx, cancel := context.WithTimeout(context.Background(), limit)
	defer cancel()
	cmd := exec.CommandContext(ctx, filepath.Join(t.work, program), "-test.failfast", "-test.timeout", "0")
	cmd.Dir = t.folder
	cmd.Env = append(os.Environ(), "TMPDIR="+t.work) // for what killed tests leave
	err := cmd.Run()
	return err == nil, !errors.Is(ctx.Err(), context.DeadlineExceeded)
}
