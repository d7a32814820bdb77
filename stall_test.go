package wechatpay_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"os"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/wxchain/wechatpay"
)

// stalling is a reader that returns its first bytes at once and waits for the
// rest until it is released.
type stalling struct {
	io.Reader
	release chan struct{}
	first   bool
}

func (s *stalling) Read(p []byte) (int, error) {
	if !s.first {
		s.first = true
		return copy(p, "first"), nil
	}
	<-s.release
	return s.Reader.Read(p)
}

// stallingSeeker can seek. It stalls the nth time that it is read from its start:
// the first time is for its digest, the second for sending.
type stallingSeeker struct {
	io.ReadSeeker
	release chan struct{}
	times   int
}

func (s *stallingSeeker) Seek(offset int64, whence int) (int64, error) {
	if offset == 0 && whence == io.SeekStart {
		s.times--
	}
	return s.ReadSeeker.Seek(offset, whence)
}

func (s *stallingSeeker) Read(p []byte) (int, error) {
	if s.times < 0 {
		<-s.release
	}
	return s.ReadSeeker.Read(p)
}

// The time limit and Cancel apply while the caller's reader is read, and
// PostAsync does not wait for it. A stalled reader ends when its Read returns.
func TestReaderThatStalls(t *testing.T) {
	readers := map[string]func(release chan struct{}) (string, wechatpay.Option){
		"body": func(release chan struct{}) (string, wechatpay.Option) {
			return "v3/x", wechatpay.Body("text/csv", &stalling{Reader: strings.NewReader("x"), release: release})
		},
		"body of the bag": func(release chan struct{}) (string, wechatpay.Option) {
			return "v3/x", wechatpay.Options{"body": &stalling{Reader: strings.NewReader("x"), release: release}}
		},
		"body of APIv2": func(release chan struct{}) (string, wechatpay.Option) {
			return "v2/pay/orderquery", wechatpay.Body("text/xml", &stalling{Reader: strings.NewReader("x"), release: release})
		},
		"upload": func(release chan struct{}) (string, wechatpay.Option) {
			return "v3/merchant/media/upload", wechatpay.Upload("x.png", &stalling{Reader: strings.NewReader("x"), release: release})
		},
		"upload of APIv2": func(release chan struct{}) (string, wechatpay.Option) {
			return "v2/secapi/mch/uploadmedia", wechatpay.Upload("x.png", &stalling{Reader: strings.NewReader("x"), release: release})
		},
		"upload that can seek": func(release chan struct{}) (string, wechatpay.Option) {
			return "v3/merchant/media/upload", wechatpay.Upload("x.png", &stallingSeeker{strings.NewReader("picture"), release, 1})
		},
		"upload that stalls when it is sent": func(release chan struct{}) (string, wechatpay.Option) {
			return "v3/merchant/media/upload", wechatpay.Upload("x.png", &stallingSeeker{strings.NewReader("picture"), release, 2})
		},
	}
	ends := map[string]struct {
		want error
		call func(chain wechatpay.Chain, opt wechatpay.Option) error
	}{
		"deadline": {context.DeadlineExceeded, func(chain wechatpay.Chain, opt wechatpay.Option) error {
			ctx, cancel := context.WithTimeout(background(), time.Second)
			defer cancel()
			_, err := chain.Post(ctx, opt)
			return err
		}},
		"Timeout": {context.DeadlineExceeded, func(chain wechatpay.Chain, opt wechatpay.Option) error {
			_, err := chain.Post(background(), opt, wechatpay.Timeout(time.Second))
			return err
		}},
		"default": {context.DeadlineExceeded, func(chain wechatpay.Chain, opt wechatpay.Option) error {
			_, err := chain.Post(background(), opt)
			return err
		}},
		"Cancel": {context.Canceled, func(chain wechatpay.Chain, opt wechatpay.Option) error {
			p := chain.PostAsync(background(), opt)
			synctest.Wait() // it waits for the reader
			select {
			case <-p.Done():
				return errors.New("it ended before Cancel")
			default:
			}
			p.Cancel()
			_, err := p.Wait()
			return err
		}},
	}
	for readerName, reader := range readers {
		for endName, end := range ends {
			t.Run(readerName+"/"+endName, func(t *testing.T) {
				temp := t.TempDir()
				t.Setenv("TMPDIR", temp)
				t.Setenv("TMP", temp)
				synctest.Test(t, func(t *testing.T) {
					sent := 0
					config := newConfig(t, roundTripper(func(req *http.Request) (*http.Response, error) {
						if _, err := io.Copy(io.Discard, req.Body); err != nil {
							return nil, err
						}
						sent++
						return nil, errNotSent{}
					}))
					config.APIv2Key = v2Key
					release := make(chan struct{})
					path, opt := reader(release)
					err := end.call(newClient(t, config).Chain(path), opt)
					if !errors.Is(err, end.want) || sent > 0 {
						t.Errorf("error %v, %d sent; want %v", err, sent, end.want)
					}
					close(release) // the goroutine that reads ends, or the bubble deadlocks
					synctest.Wait()
				})
				if left, err := os.ReadDir(temp); err != nil || len(left) > 0 {
					t.Errorf("left in the temporary folder: %v, %v", left, err)
				}
			})
		}
	}
}

// panicReader is a reader that panics. The panic reaches the caller.
type panicReader struct{}

func (panicReader) Read([]byte) (int, error) { panic("ouch") }

func TestReaderThatPanics(t *testing.T) {
	chain := newClient(t, newConfig(t, new(recorder))).Chain("v3/x")
	_, err := chain.PostAsync(background(), wechatpay.Body("text/csv", panicReader{})).Wait()
	var p *wechatpay.PanicError
	if !errors.As(err, &p) || p.Value != "ouch" || !strings.Contains(string(p.Stack), "panicReader") {
		t.Errorf("error %v, want a PanicError with the stack of the reader", err)
	}
	defer func() {
		if r := recover(); r == nil || !strings.Contains(r.(error).Error(), "ouch") {
			t.Errorf("recovered %v", r)
		}
	}()
	_, err = chain.Post(background(), wechatpay.Body("text/csv", panicReader{}))
	t.Errorf("no panic but %v", err)
}
