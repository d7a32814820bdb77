package telemetry

import (
	"io"
	"sync"
)

// A stream is the body of a streamed answer. It tells its end once: when it was read
// to its end, when reading fails, or when it is closed before.
type stream struct {
	io.ReadCloser
	once sync.Once
	end  func(error)
}

func (s *stream) Read(p []byte) (int, error) {
	n, err := s.ReadCloser.Read(p)
	switch {
	case err == io.EOF:
		s.once.Do(func() { s.end(nil) })
	case err != nil:
		s.once.Do(func() { s.end(err) })
	}
	return n, err
}

func (s *stream) Close() error {
	err := s.ReadCloser.Close()
	s.once.Do(func() { s.end(io.ErrUnexpectedEOF) })
	return err
}
