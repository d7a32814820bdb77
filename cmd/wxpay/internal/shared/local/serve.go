// Package local serves HTTP in the process of a command.
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

// Serve serves handler on a free port that only this machine can reach. stop
// waits for the current requests and ends the server.
func Serve(ctx context.Context, handler http.Handler) (baseURL string, stop func() error, err error) {
	listener, err := new(net.ListenConfig).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return "", nil, err
	}
	// ctx is often cancelled when stop is called.
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

// shutdownTime is how long current requests may take when the server stops.
const shutdownTime = 5 * time.Second

// ServeUntil serves until ctx ends, then answers the current requests.
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
		err = server.Close() // cut off clients that are still sending
	}
	<-ended
	return err
}
