// Package local serves HTTP inside the process of a command.
package local

import (
	"context"
	"errors"
	"io"
	"log"
	"net"
	"net/http"
	"time"
)

// Serve serves handler on a free port of this machine, which no other can
// reach. stop ends it, after the requests under way.
func Serve(ctx context.Context, handler http.Handler) (baseURL string, stop func() error, err error) {
	listener, err := new(net.ListenConfig).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return "", nil, err
	}
	// What ends ctx is often the reason for stopping.
	ctx, cancel := context.WithCancel(context.WithoutCancel(ctx))
	ended := make(chan error, 1)
	server := &http.Server{Handler: handler, ReadHeaderTimeout: time.Minute, ErrorLog: log.New(io.Discard, "", 0)}
	go func() { ended <- ServeUntil(ctx, server, listener) }()
	stop = func() error {
		cancel()
		return <-ended
	}
	return "http://" + listener.Addr().String() + "/", stop, nil
}

// shutdownTime is how long requests that are at work at the end may take.
const shutdownTime = 5 * time.Second

// ServeUntil serves until ctx ends. Requests that are at work then are answered.
func ServeUntil(ctx context.Context, server *http.Server, listener net.Listener) error {
	ended := make(chan error, 1)
	go func() { ended <- server.Serve(listener) }()
	select {
	case err := <-ended:
		return err
	case <-ctx.Done():
	}
	patience, cancel := context.WithTimeout(context.WithoutCancel(ctx), shutdownTime)
	defer cancel()
	err := server.Shutdown(patience)
	if errors.Is(err, context.DeadlineExceeded) {
		err = server.Close() // who is still sending now, is cut off
	}
	<-ended
	return err
}
