// Package workers runs a test binary as a process that serves, and kills it.
package workers

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"strings"
	"sync"
	"testing"
	"time"
)

// Serve serves handler on a free port, prints its address, and ends when the standard
// input ends, which it does with the process that started this one.
func Serve(handler http.Handler) error {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	server := &http.Server{Handler: handler, ReadHeaderTimeout: time.Minute}
	go func() {
		_, _ = io.Copy(io.Discard, os.Stdin)
		_ = server.Close()
	}()
	fmt.Println(listener.Addr())
	if err := server.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return nil
}

// A Worker is a process and, after it was killed, its successor.
type Worker struct {
	t           testing.TB
	environment []string

	killing sync.Mutex // one process at a time
	cmd     *exec.Cmd
	stdin   io.Closer

	mu      sync.Mutex
	address string
}

// Start starts this test binary with a variable that tells it to call Serve. The
// process ends with the test.
func Start(t testing.TB, variable, value string) *Worker {
	t.Helper()
	w := &Worker{t: t, environment: append(os.Environ(), variable+"="+value)}
	if err := w.start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(w.stop)
	return w
}

// URL returns where the process serves now.
func (w *Worker) URL() string {
	w.mu.Lock()
	defer w.mu.Unlock()
	return "http://" + w.address + "/"
}

// Kill ends the process as kill -9 does, and starts another.
func (w *Worker) Kill() {
	w.killing.Lock()
	defer w.killing.Unlock()
	if err := w.cmd.Process.Kill(); err != nil {
		w.t.Errorf("a process ended before it was killed: %v", err)
	}
	_ = w.cmd.Wait() // killed
	if err := w.start(); err != nil {
		w.t.Errorf("starting a process again: %v", err)
	}
}

func (w *Worker) start() error {
	cmd := exec.Command(os.Args[0])
	cmd.Env = w.environment
	cmd.Stderr = os.Stderr
	stdin, err := cmd.StdinPipe()
	if err != nil {
		return err
	}
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		return err
	}
	if err := cmd.Start(); err != nil {
		return err
	}
	w.cmd, w.stdin = cmd, stdin
	address, err := bufio.NewReader(stdout).ReadString('\n')
	if err != nil {
		return fmt.Errorf("reading the address of a process: %w", err)
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.address = strings.TrimSpace(address)
	return nil
}

func (w *Worker) stop() {
	w.killing.Lock()
	defer w.killing.Unlock()
	_ = w.stdin.Close()
	if err := w.cmd.Wait(); err != nil {
		w.t.Errorf("a process: %v", err)
	}
}
