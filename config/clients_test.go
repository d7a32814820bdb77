package config_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"go.uber.org/goleak"

	"github.com/wxchain/wechatpay"
	"github.com/wxchain/wechatpay/config"
)

func TestOpen(t *testing.T) {
	w := newWorld(t)
	clients, err := config.Open(t.Context(), config.File(w.file()), config.File(w.otherFile()), w.clock)
	if err != nil {
		t.Fatal(err)
	}
	if got := clients.MchIDs(); !slices.Equal(got, []string{first, second}) {
		t.Fatal(got)
	}
	for _, mchID := range clients.MchIDs() {
		client, err := clients.Client(mchID)
		if err != nil {
			t.Fatal(err)
		}
		call(t, client, mchID)
	}
	for mchID, want := range map[string]string{"": "say which", "1900000111": "no merchant \"1900000111\""} {
		if _, err := clients.Client(mchID); !errors.Is(err, wechatpay.ErrConfig) || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v", mchID, err)
		}
	}
	one, err := config.Open(t.Context(), config.File(w.file()))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := one.Client(""); err != nil {
		t.Errorf("the only one: %v", err)
	}
	if text := fmt.Sprintf("%+v %v", clients, clients); text != "config.Clients config.Clients" {
		t.Error(text)
	}
}

func TestReload(t *testing.T) {
	clearEnvironment(t)
	dir := t.TempDir()
	keyFile := write(t, dir, "apiv2_key", strings.Repeat("a", 32))
	path := write(t, dir, config.FileName, "[[merchant]]\nmchid = \"1\"\napiv2_key_file = \"apiv2_key\"\n[[merchant]]\nmchid = \"2\"\napiv2_key = \""+strings.Repeat("b", 32)+"\"\n")
	clients, err := config.Open(t.Context(), config.File(path))
	if err != nil {
		t.Fatal(err)
	}
	client := func(mchID string) *wechatpay.Client {
		c, err := clients.Client(mchID)
		if err != nil {
			t.Fatal(err)
		}
		return c
	}
	one, two := client("1"), client("2")
	reload := func(what string, want ...string) {
		t.Helper()
		changed, err := clients.Reload()
		if err != nil || !slices.Equal(changed, want) {
			t.Errorf("%s: %v, %v; want %v", what, changed, err, want)
		}
	}
	fail := func(what string) {
		t.Helper()
		if _, err := clients.Reload(); !errors.Is(err, wechatpay.ErrConfig) {
			t.Errorf("%s: %v", what, err)
		}
	}
	reload("nothing changed")
	write(t, dir, "apiv2_key", strings.Repeat("a", 16))
	fail("half a key")
	if client("1") != one {
		t.Error("a new client without a change")
	}
	write(t, dir, "apiv2_key", strings.Repeat("c", 32))
	reload("one changed", "1")
	if client("1") == one {
		t.Error("the old client after a change")
	}
	write(t, dir, config.FileName, "mchid = \"2\"\napiv2_key = \""+strings.Repeat("b", 32)+"\"\n")
	reload("one was removed", "1")
	if _, err := clients.Client("1"); err == nil {
		t.Error("a merchant that was removed has a client")
	}
	os.Remove(keyFile)
	os.Remove(path)
	fail("no file")
	if client("2") != two {
		t.Error("a new client for what did not change")
	}
}

// A key and its certificate are two files. While they are being replaced, the client
// keeps both, and afterwards it has both new ones.
func TestWatch(t *testing.T) {
	w := newWorld(t)
	dir := t.TempDir()
	take := func(from, name string) { write(t, dir, name, contents(t, filepath.Join(from, name))) }
	files := []string{"apiclient_key.pem", "apiclient_cert.pem", "pub_key.pem"}
	for _, name := range files[:2] {
		take(w.dir, name)
	}
	write(t, dir, "pub_key.pem", contents(t, filepath.Join(w.dir, "pub_key.pem")))
	write(t, dir, "platform_public_key_id", "PUB_KEY_ID_0114232134912410000000000000")
	write(t, dir, "mchid", first)
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancelCause(t.Context())
		clients, err := config.Open(ctx, config.Folder(dir))
		if err != nil {
			t.Fatal(err)
		}
		before, _ := clients.Client(first)
		var mu sync.Mutex
		var told []string
		end, ended := errors.New("the end"), make(chan error)
		go func() {
			ended <- clients.Watch(ctx, time.Second, func(mchIDs []string, err error) {
				mu.Lock()
				defer mu.Unlock()
				told = append(told, fmt.Sprint(mchIDs, err != nil))
			})
		}()
		after := func(d time.Duration, want ...string) *wechatpay.Client {
			t.Helper()
			time.Sleep(d)
			synctest.Wait()
			mu.Lock()
			defer mu.Unlock()
			if !slices.Equal(told, want) {
				t.Errorf("told %q, want %q", told, want)
			}
			client, err := clients.Client("")
			if err != nil {
				t.Fatal(err)
			}
			return client
		}
		if after(10*time.Second) != before {
			t.Error("a new client without a change")
		}
		take(w.other, "apiclient_key.pem")
		if after(time.Second) != before {
			t.Error("the key was taken at first sight")
		}
		if after(10*time.Second, "[] true") != before {
			t.Error("the key was taken without its certificate")
		}
		take(w.other, "apiclient_cert.pem")
		if after(time.Second, "[] true") != before {
			t.Error("the pair was taken at first sight")
		}
		if after(time.Second, "[] true", "["+first+"] false") == before {
			t.Error("the pair was not taken")
		}
		cancel(end)
		if err := <-ended; err != end {
			t.Error(err)
		}
	})
}

func TestWatchRefuses(t *testing.T) {
	clearEnvironment(t)
	clients, err := config.Open(t.Context(), config.Values(config.Merchant{MchID: "1", APIv2Key: strings.Repeat("k", 32)}))
	if err != nil {
		t.Fatal(err)
	}
	if err := clients.Watch(t.Context(), 0, nil); !errors.Is(err, wechatpay.ErrConfig) {
		t.Error(err)
	}
}

// merchants has the settings of n merchants, each with everything.
func merchants(t testing.TB, n int) config.Option {
	w := newWorld(t)
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, "[[merchant]]\nmchid = \"%d\"\nprivate_key = \"apiclient_key.pem\"\ncertificate = \"apiclient_cert.pem\"\n"+
			"platform_public_key_id = \"PUB_KEY_ID_0114232134912410000000000000\"\nplatform_public_key = \"pub_key.pem\"\napiv3_key = \"%032d\"\n", 1900000000+i, i)
	}
	return config.File(write(t, w.dir, "merchants.toml", b.String()))
}

func heap() uint64 {
	runtime.GC()
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}

// A thousand merchants take at most 16 MiB and have no goroutines.
func TestThousandMerchants(t *testing.T) {
	settings := merchants(t, 1000)
	before, goroutines := heap(), goleak.IgnoreCurrent()
	clients, err := config.Open(t.Context(), settings)
	if err != nil {
		t.Fatal(err)
	}
	goleak.VerifyNone(t, goroutines)
	kept := heap() - before
	if kept > 16<<20 {
		t.Errorf("%d bytes", kept)
	}
	t.Logf("%d KiB for %d merchants", kept>>10, len(clients.MchIDs()))
	runtime.KeepAlive(clients)
}

// BenchmarkMerchants opens 50 merchants, and tells what each costs.
func BenchmarkMerchants(b *testing.B) {
	const n = 50
	settings := merchants(b, n)
	before := heap()
	var clients *config.Clients
	for b.Loop() {
		ctx, cancel := context.WithCancel(b.Context())
		var err error
		if clients, err = config.Open(ctx, settings); err != nil {
			b.Fatal(err)
		}
		cancel()
	}
	b.ReportMetric(float64(heap()-before)/n/1024, "KiB/merchant")
	b.ReportMetric(float64(b.Elapsed().Microseconds())/float64(b.N)/n, "µs/merchant")
	runtime.KeepAlive(clients)
}
