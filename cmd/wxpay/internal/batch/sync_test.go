//go:build unix

package batch

import (
	"errors"
	"os"
	"testing"
)

// A result counts only when it is on disk, not when it is only written to the
// file.
func TestBatchDiskKeepsNothing(t *testing.T) {
	reader, pipe, err := os.Pipe() // accepts writes but cannot be synced
	if err != nil {
		t.Fatal(err)
	}
	defer reader.Close()
	defer pipe.Close()
	results := make(chan result, 1)
	results <- result{Line: 1, Status: 200}
	close(results)
	w := &resultWriter{file: pipe, tally: newTally(1)}
	var stopped []error
	w.writeAll(results, func(err error) { stopped = append(stopped, err) })
	if len(stopped) != 1 || !errors.As(stopped[0], new(*os.PathError)) || w.tally.left() != 1 {
		t.Errorf("stopped by %v; %d lines are left", stopped, w.tally.left())
	}
}
