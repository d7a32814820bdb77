package telemetry_test

import (
	"bytes"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/wxchain/wechatpay"
	"github.com/wxchain/wechatpay/internal/platform"
	"github.com/wxchain/wechatpay/internal/suitetest"
	"github.com/wxchain/wechatpay/keys"
	"github.com/wxchain/wechatpay/middleware"
)

const platformSerial = "PUB_KEY_ID_0000000000000000000000000000"

type roundTripper func(*http.Request) (*http.Response, error)

func (f roundTripper) RoundTrip(req *http.Request) (*http.Response, error) { return f(req) }

// An answer is what the platform answers.
type answer struct {
	status int
	body   string
	header map[string]string
}

// A world is a client of a platform with cheap signatures, and what is logged.
type world struct {
	client *wechatpay.Client
	log    *log
	answer func(*http.Request) (answer, error) // an error stands for the network's
	ahead  time.Duration                       // of the clock of the platform
}

func newWorld(t testing.TB, edit func(*slog.Logger) middleware.Edit) *world {
	t.Helper()
	merchant, own := suitetest.New(t, "0A01"), suitetest.New(t, platformSerial)
	w := &world{log: new(log)}
	logger := slog.New(slog.NewJSONHandler(w.log, nil))
	client, err := wechatpay.New(wechatpay.Config{
		MchID: "1900000109", Signer: merchant, PlatformKeys: keys.Static{platformSerial: own.Platform()},
		APIv3Key: secretText[:32], APIv2Key: secretText[:32],
		Middleware: edit(logger),
		Transport: roundTripper(func(req *http.Request) (*http.Response, error) {
			if req.Body != nil {
				_, _ = io.Copy(io.Discard, req.Body)
			}
			a, err := w.answer(req)
			if err != nil {
				return nil, err
			}
			resp := &http.Response{StatusCode: a.status, Header: make(http.Header), Body: io.NopCloser(strings.NewReader(a.body)), Request: req}
			now := time.Now().Add(w.ahead)
			resp.Header.Set("Date", now.UTC().Format(http.TimeFormat))
			if err := platform.Sign(req.Context(), own, resp.Header, strconv.FormatInt(now.Unix(), 10), []byte(a.body)); err != nil {
				return nil, err
			}
			resp.Header.Set("Request-ID", "08F5E4A0-1")
			for name, value := range a.header {
				resp.Header.Set(name, value)
			}
			return resp, nil
		}),
	})
	if err != nil {
		t.Fatal(err)
	}
	w.client = client
	return w
}

// A log collects records as JSON.
type log struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (l *log) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(p)
}

// take returns the records since the last call, and forgets them.
func (l *log) take(t testing.TB) (records []map[string]any) {
	t.Helper()
	l.mu.Lock()
	defer l.mu.Unlock()
	for line := range bytes.Lines(l.text.Bytes()) {
		var record map[string]any
		if err := json.Unmarshal(line, &record); err != nil {
			t.Fatalf("%v: %s", err, line)
		}
		records = append(records, record)
	}
	l.text.Reset()
	return records
}
