package notify_test

import (
	"context"
	"errors"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/wxchain/wechatpay/notify"
)

func TestOptions(t *testing.T) {
	var config notify.Config
	var got error
	seen := notify.NewMemorySeen(1, 0)
	for _, opt := range []notify.Option{
		notify.OnError(func(_ context.Context, err error) { got = err }),
		notify.WithSeen(seen),
		func(c *notify.Config) { c.Timeout = time.Second },
	} {
		opt(&config)
	}
	want := errors.New("told")
	config.OnError(t.Context(), want)
	if got != want || config.Seen != seen || config.Timeout != time.Second {
		t.Errorf("the options make %+v and tell %v", config, got)
	}
}

// A Receiver of a wrong Config says to each request what is wrong with it.
func TestConfigReceiver(t *testing.T) {
	for name, tt := range map[string]struct {
		edit func(*notify.Config)
		want string
	}{
		"no keys":     {func(c *notify.Config) { c.Keys, c.APIv3Key, c.APIv2Key = nil, "", "" }, "APIv3Key are missing"},
		"no APIv3Key": {func(c *notify.Config) { c.APIv3Key = "" }, "APIv3Key is missing"},
		"short key":   {func(c *notify.Config) { c.APIv3Key = "short" }, "APIv3Key: "},
		"a timeout":   {func(c *notify.Config) { c.Timeout = time.Hour }, "Timeout is 1h0m0s"},
	} {
		t.Run(name, func(t *testing.T) {
			var heard told
			config := newConfig(t)
			heard.hear(&config)
			tt.edit(&config)
			r := config.Receiver()
			_, err := r.Parse(paid(t, "EV-1"))
			checkRefusal(t, err, 500, "notify: config: ")
			checkRefusal(t, err, 500, tt.want)
			checkAnswer(t, serve(r.Handler(func(context.Context, *notify.Notification) error { t.Error("handed over"); return nil }), paid(t, "EV-1")), 500, false)
			heard.check(t, tt.want)
			if err := r.Shutdown(t.Context()); err != nil {
				t.Errorf("Shutdown: %v", err)
			}
		})
	}
	config := newConfig(t)
	if _, err := config.Receiver().Parse(paid(t, "EV-1")); err != nil {
		t.Errorf("with a good Config: %v", err)
	}
}

func TestErrProbe(t *testing.T) {
	var heard told
	r := newReceiver(t, heard.hear)
	probe := paid(t, "EV-1")
	probe.Header.Set("Wechatpay-Signature", "WECHATPAY/SIGNTEST/AAAA")
	checkAnswer(t, serve(r.Handler(nil), probe), 401, false)
	if len(heard.errs) != 1 || !errors.Is(heard.errs[0], notify.ErrProbe) {
		t.Errorf("OnError was told %v", heard.errs)
	}
	forged := paid(t, "EV-1")
	forged.Header.Set("Wechatpay-Signature", "AAAA")
	if _, err := r.Parse(forged); err == nil || errors.Is(err, notify.ErrProbe) {
		t.Errorf("a forgery: %v", err)
	}
}

// Errors show at most 64 characters of a request.
func TestErrorsShowLittle(t *testing.T) {
	long := strings.Repeat("Ω", 100<<10)
	r := newReceiver(t)
	for _, name := range []string{"Wechatpay-Timestamp", "Wechatpay-Nonce", "Wechatpay-Serial", "Wechatpay-Signature"} {
		req := paid(t, "EV-1")
		req.Header.Set(name, long)
		_, err := r.Parse(req)
		checkRefusal(t, err, 401, "bytes")
		checkLittle(t, err)
	}
	method := paid(t, "EV-1")
	method.Method = long
	_, err := r.Parse(method)
	checkRefusal(t, err, 405, "POST")
	checkLittle(t, err)

	var heard told
	h := newReceiver(t, heard.hear).Handler(nil)
	checkAnswer(t, serve(h, paid(t, "\x1b[31m\n"+long)), 500, false)
	checkLittle(t, heard.errs[0])

	_, err = newReceiver(t, func(c *notify.Config) { c.APIv3Key = strings.Repeat("k", 32) }).Parse(paid(t, "\n"+long))
	checkRefusal(t, err, 500, "does not open with APIv3Key")
	checkLittle(t, err)

	for _, body := range []string{
		"<xml><" + long[:500] + ">", "<xml><a>1</" + long[:500] + "></xml>", "<xml>&" + long + ";</xml>",
		"<xml><" + long + "/></xml>", "<xml><x:" + long[:500] + "/></xml>", "<?" + long[:500] + "?><xml/>",
	} {
		_, err := r.Parse(post(body))
		checkRefusal(t, err, 400, "not the XML of APIv2")
		checkLittle(t, err)
	}
}

func checkLittle(t *testing.T, err error) {
	t.Helper()
	if n := strings.Count(err.Error(), "Ω"); n > 2*64 || len(err.Error()) > 1000 { // a name, and the start of a body
		t.Errorf("the error shows %d characters: %.300s…", n, err)
	}
	if strings.ContainsAny(err.Error(), "\x1b\n\r") {
		t.Errorf("the error has control characters: %q", err)
	}
}

// 1 MiB of elements is refused before it is parsed and before a key is asked for.
func TestManyElementsAreRefused(t *testing.T) {
	body := "<xml>" + strings.Repeat("<a/>", (1<<20-11)/4) + "</xml>"
	r := newReceiver(t, func(c *notify.Config) { c.Keys = failing{} })
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	_, err := r.Parse(post(body))
	runtime.ReadMemStats(&after)
	checkRefusal(t, err, 400, "more than 10000 elements")
	// The body itself takes up to 4 MiB while its buffer grows.
	if took := after.TotalAlloc - before.TotalAlloc; took > 6<<20 {
		t.Errorf("%d KiB were allocated for a body of 1 MiB", took>>10)
	}
}
