package wechatpay

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"runtime/debug"
	"strings"
)

// await runs f and returns when f returns or when ctx ends. f may wait for
// something that does not know contexts, such as a Read.
//
// f cannot be interrupted. If ctx ends first, f goes on in its goroutine until it
// returns, and its value is then passed to drop. Until f returns, it must not
// touch anything that the caller of await goes on to use.
func await[T any](ctx context.Context, f func() (T, error), drop func(T)) (T, error) {
	type outcome struct {
		value T
		err   error
		panic *PanicError
	}
	done := make(chan outcome)
	go func() {
		o := outcome{err: errGoexit}
		defer func() {
			if r := recover(); r != nil {
				o.panic = &PanicError{Value: r, Stack: debug.Stack()}
			}
			select {
			case done <- o:
			case <-ctx.Done():
				if o.err == nil && o.panic == nil && drop != nil {
					drop(o.value)
				}
			}
		}()
		o.value, o.err = f()
	}()
	select {
	case o := <-done:
		if o.panic != nil {
			panic(o.panic)
		}
		return o.value, o.err
	case <-ctx.Done():
		var none T
		return none, fmt.Errorf("it was not read by then: %w", ctx.Err())
	}
}

// watched reads r until ctx ends.
type watched struct {
	ctx context.Context
	io.Reader
}

func (w watched) Read(p []byte) (int, error) {
	if err := w.ctx.Err(); err != nil {
		return 0, err
	}
	return w.Reader.Read(p)
}

// isInMemory reports whether reading r never waits.
func isInMemory(r any) bool {
	switch r.(type) {
	case *bytes.Reader, *bytes.Buffer, *strings.Reader:
		return true
	}
	return false
}
