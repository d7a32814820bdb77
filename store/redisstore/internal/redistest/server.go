// Package redistest runs real Redis servers for tests.
package redistest

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"strconv"
	"time"
)

const (
	program = "redis-server"
	// A loaded machine may need long to start a process.
	patience = 30 * time.Second
)

// Available returns nil if the machine has Redis, or the reason why not.
func Available() error {
	_, err := exec.LookPath(program)
	return err
}

// A Server is a process of redis-server on the loopback interface.
type Server struct {
	Addr string

	dir  string
	file string // its configuration file, or ""
	args []string
	cmd  *exec.Cmd
	log  *bytes.Buffer
	gone chan struct{} // closed when the process has ended
}

// Run starts a server on a free port, with its data in dir. args are settings of its
// configuration file, such as "--appendonly", "yes". Close the server at the end.
func Run(dir string, args ...string) (*Server, error) { return run(dir, "", args) }

func run(dir, file string, args []string) (*Server, error) {
	var errs []error
	for range 5 { // somebody may take the port before the server does
		port, err := freePort()
		if err != nil {
			return nil, err
		}
		s := &Server{Addr: net.JoinHostPort("127.0.0.1", port), dir: dir, file: file, args: append([]string{"--port", port}, args...)}
		err = s.start()
		if err == nil {
			return s, nil
		}
		errs = append(errs, err)
	}
	return nil, errors.Join(errs...)
}

func freePort() (string, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	defer listener.Close()
	return strconv.Itoa(listener.Addr().(*net.TCPAddr).Port), nil
}

// start runs the process and waits until it answers.
func (s *Server) start() error {
	s.log = new(bytes.Buffer)
	var args []string
	if s.file != "" {
		args = append(args, s.file)
	}
	args = append(args, "--bind", "127.0.0.1", "--save", "", "--repl-diskless-sync-delay", "0", "--dir", s.dir)
	s.cmd = exec.Command(program, append(args, s.args...)...)
	s.cmd.Stdout, s.cmd.Stderr = s.log, s.log
	s.cmd.Env = []string{"PATH=" + os.Getenv("PATH")}
	if err := s.cmd.Start(); err != nil {
		return err
	}
	cmd, gone := s.cmd, make(chan struct{})
	s.gone = gone
	go func() { defer close(gone); _ = cmd.Wait() }()
	err := Poll(func() error {
		select {
		case <-gone:
			return nil
		default:
			return ping(s.Addr)
		}
	})
	select {
	case <-gone:
		return fmt.Errorf("%s ended: %s", program, s.log)
	default:
	}
	if err != nil {
		s.Close()
		return fmt.Errorf("%s does not answer: %w: %s", program, err, s.log)
	}
	return nil
}

// ping asks a server whether it is ready. A client of go-redis would log each try.
func ping(addr string) error {
	conn, err := net.Dial("tcp", addr)
	if err != nil {
		return err
	}
	defer conn.Close()
	if _, err := io.WriteString(conn, "PING\r\n"); err != nil {
		return err
	}
	answer, err := bufio.NewReader(conn).ReadString('\n')
	if err == nil && answer != "+PONG\r\n" {
		err = errors.New(answer)
	}
	return err
}

// Close kills the process and waits for its end.
func (s *Server) Close() {
	_ = s.cmd.Process.Kill() // it may have ended
	<-s.gone
}

// Poll calls f until it returns nil, for a while, and returns its last error.
func Poll(f func() error) error {
	deadline := time.Now().Add(patience)
	for {
		err := f()
		if err == nil || time.Now().After(deadline) {
			return err
		}
		time.Sleep(5 * time.Millisecond)
	}
}
