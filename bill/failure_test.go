package bill_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"path/filepath"
	"strings"
	"testing"

	"github.com/wxchain/wechatpay"
	"github.com/wxchain/wechatpay/bill"
	"github.com/wxchain/wechatpay/wechatpaytest"
)

// What the platform refuses comes through, for the bill and for its file.
func TestRefusedBill(t *testing.T) {
	for _, code := range []string{"NO_STATEMENT_EXIST", "STATEMENT_CREATING"} {
		mock := wechatpaytest.New(t)
		mock.On("GET", asked, mock.JSON(400, wechatpay.M{"code": code, "message": "no"}))
		path := filepath.Join(t.TempDir(), "bill.csv")
		if _, err := bill.Download(background(), mock.Client(), bill.Trade, day, bill.File(path)); !wechatpay.IsCode(err, code) {
			t.Errorf("error %v, want %s", err, code)
		}
		if left := names(t, filepath.Dir(path)); len(left) > 0 {
			t.Errorf("the folder has %q", left)
		}
	}

	mock := wechatpaytest.New(t)
	mock.On("GET", asked, mock.JSON(200, named(tradeBill)))
	mock.On("GET", file, mock.JSON(401, wechatpay.M{"code": "SIGN_ERROR", "message": "the link " + token + " is over", "detail": wechatpay.M{
		"sign_information": wechatpay.M{"truncated_sign_message": "GET\n/v3/billdownload/file?token=" + token + "\n1\n"}}}))
	_, err := bill.Download(background(), mock.Client(), bill.Trade, day, bill.To(io.Discard))
	if !wechatpay.IsCode(err, "SIGN_ERROR") || !strings.Contains(err.Error(), "signed here") {
		t.Errorf("error %v, want SIGN_ERROR", err)
	}
	checkHidden(t, err)
}

// broken fails after some bytes.
type broken struct {
	io.Reader
	err error
}

func (b broken) Read(p []byte) (int, error) {
	n, err := b.Reader.Read(p)
	if err == io.EOF {
		err = b.err
	}
	return n, err
}

// streaming answers the download itself, and leaves the rest to the mock.
func streaming(t testing.TB, answer wechatpay.M, body func(*http.Request) io.Reader) *wechatpay.Client {
	t.Helper()
	mock := wechatpaytest.New(t)
	mock.On("GET", asked, mock.JSON(200, answer))
	return mock.Client(func(c *wechatpay.Config) {
		next := c.Transport
		c.Transport = roundTripper(func(req *http.Request) (*http.Response, error) {
			if req.URL.Path != "/"+file {
				return next.RoundTrip(req)
			}
			return &http.Response{StatusCode: 200, Header: make(http.Header), Body: io.NopCloser(body(req))}, nil
		})
	})
}

func TestNetworkFails(t *testing.T) {
	cut := errors.New("connection reset, reading " + downloadURL)
	for name, start := range map[string]string{"at once": "", "plain": tradeBill, "gzip": zipped(t, tradeBill)[:50]} {
		client := streaming(t, named(tradeBill), func(*http.Request) io.Reader { return broken{strings.NewReader(start), cut} })
		path := filepath.Join(t.TempDir(), "bill.csv")
		_, err := bill.Download(background(), client, bill.Trade, day, bill.File(path))
		if !errors.Is(err, cut) || errors.Is(err, bill.ErrDamaged) {
			t.Errorf("%s: error %v, want the network's", name, err)
		}
		checkHidden(t, err)
		if left := names(t, filepath.Dir(path)); len(left) > 0 {
			t.Errorf("%s: the folder has %q", name, left)
		}
	}
}

// endless never ends by itself, as a file on a stalled connection.
type endless struct{ ctx context.Context }

func (e endless) Read([]byte) (int, error) {
	<-e.ctx.Done()
	return 0, e.ctx.Err()
}

func TestDownloadIsCancelled(t *testing.T) {
	ctx, cancel := context.WithCancel(background())
	defer cancel()
	client := streaming(t, named(tradeBill), func(req *http.Request) io.Reader {
		return io.MultiReader(strings.NewReader(tradeBill), endless{req.Context()})
	})
	path := filepath.Join(t.TempDir(), "bill.csv")
	_, err := bill.Download(ctx, client, bill.Trade, day, bill.To(writer(func(p []byte) (int, error) {
		cancel()
		return len(p), nil
	})))
	if !errors.Is(err, context.Canceled) {
		t.Errorf("error %v, want context.Canceled", err)
	}
	if _, err := bill.Download(ctx, client, bill.Trade, day, bill.File(path)); !errors.Is(err, context.Canceled) {
		t.Errorf("error %v, want context.Canceled", err)
	}
	if left := names(t, filepath.Dir(path)); len(left) > 0 {
		t.Errorf("the folder has %q", left)
	}
}

type writer func(p []byte) (int, error)

func (w writer) Write(p []byte) (int, error) { return w(p) }

// A writer that fails ends the download at once, though the file would never
// end.
func TestWriterFails(t *testing.T) {
	full := errors.New("no space left on device")
	client := streaming(t, named(tradeBill), func(req *http.Request) io.Reader {
		return io.MultiReader(strings.NewReader(tradeBill), endless{req.Context()})
	})
	_, err := bill.Download(background(), client, bill.Trade, day, bill.To(writer(func([]byte) (int, error) { return 0, full })))
	if !errors.Is(err, full) || errors.Is(err, bill.ErrDamaged) {
		t.Errorf("error %v, want the writer's", err)
	}

	defer func() {
		if r := recover(); r != "ouch" {
			t.Errorf("recovered %v, want the writer's panic", r)
		}
	}()
	bill.Download(background(), client, bill.Trade, day, bill.To(writer(func([]byte) (int, error) { panic("ouch") })))
}

func TestMaxBytes(t *testing.T) {
	for _, body := range []string{tradeBill, zipped(t, tradeBill)} {
		client, _ := platform(t, named(tradeBill), body)
		var b bytes.Buffer
		if _, err := bill.Download(background(), client, bill.Trade, day, bill.To(&b), bill.MaxBytes(int64(len(tradeBill)))); err != nil {
			t.Error(err)
		}
		b.Reset()
		_, err := bill.Download(background(), client, bill.Trade, day, bill.To(&b), bill.MaxBytes(int64(len(tradeBill)-1)))
		if !errors.Is(err, bill.ErrTooLong) || b.Len() >= len(tradeBill) {
			t.Errorf("error %v after %d bytes, want ErrTooLong", err, b.Len())
		}
	}
}
