package sandbox

import (
	"crypto/rand"
	"crypto/rsa"
	"net/http/httptest"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/wxchain/wechatpay"
	"github.com/wxchain/wechatpay/sandbox/internal/party"
	"github.com/wxchain/wechatpay/signer"
)

// A Sandbox is a [Server] that runs for a test.
type Sandbox struct {
	*Server
	t    testing.TB
	http *httptest.Server
}

// testKeys are the keys of the merchant and of the platform, made once for all
// tests of a process: they protect nothing, and making them takes long.
var testKeys = sync.OnceValues(func() (made [4]*rsa.PrivateKey, err error) {
	for i := range made {
		if made[i], err = newKey(); err != nil {
			return made, err
		}
	}
	return made, nil
})

// Start runs a sandbox on a free port of this machine until the test ends. Each
// edit can change its configuration. Unless the configuration has a merchant or a
// platform, Start gives it one whose RSA keys all tests of the process share.
func Start(t testing.TB, edit ...func(*Config)) *Sandbox {
	t.Helper()
	var config Config
	for _, f := range edit {
		if f != nil {
			f(&config)
		}
	}
	if err := config.forTest(); err != nil {
		t.Fatalf("sandbox: making keys: %v", err)
	}
	s, err := New(config)
	if err != nil {
		t.Fatal(err)
	}
	sb := &Sandbox{s, t, httptest.NewUnstartedServer(nil)}
	sb.http.Config = s.HTTPServer()
	sb.http.Start()
	t.Cleanup(sb.http.Close)
	t.Cleanup(s.Close) // first, so that nothing waits for a fault
	return sb
}

// forTest gives config the keys of all tests.
func (config *Config) forTest() error {
	made, err := testKeys()
	if err != nil {
		return err
	}
	if config.Clock == nil {
		config.Clock = time.Now
	}
	now := config.Clock()
	if len(config.Merchants) == 0 && config.Suite == nil {
		m, err := party.MerchantWithKey(DefaultMchID, made[0], now)
		if err != nil {
			return err
		}
		config.Merchants = []Merchant{Merchant(m)}
	}
	if config.Platform == nil {
		made, err := party.PlatformWithKeys([3]*rsa.PrivateKey(made[1:]), now)
		if err != nil {
			return err
		}
		p := platformOf(made)
		config.Platform = &p
	}
	config.newKey = spareKeys()
	return nil
}

// spares are the keys of new certificates of the platform in all tests of a process.
var spares = [2]func() (*rsa.PrivateKey, error){sync.OnceValues(newKey), sync.OnceValues(newKey)}

func newKey() (*rsa.PrivateKey, error) { return rsa.GenerateKey(rand.Reader, signer.MinBits) }

// spareKeys returns a function that returns the one and the other of the spares, so that
// a new certificate never has the key of the one that it replaces.
func spareKeys() func() (*rsa.PrivateKey, error) {
	var taken atomic.Uint64
	return func() (*rsa.PrivateKey, error) { return spares[taken.Add(1)%2]() }
}

// URL returns the base URL of the sandbox, which ends in a slash.
func (sb *Sandbox) URL() string { return sb.http.URL + "/" }

// Client returns a client for the first merchant of the sandbox. Each edit can
// change its configuration.
func (sb *Sandbox) Client(edit ...func(*wechatpay.Config)) *wechatpay.Client {
	sb.t.Helper()
	config := sb.ClientConfig()
	config.BaseURL = sb.URL()
	config.Transport = sb.http.Client().Transport
	for _, f := range edit {
		if f != nil {
			f(&config)
		}
	}
	client, err := wechatpay.New(config)
	if err != nil {
		sb.t.Fatalf("sandbox: Client: %v", err)
	}
	return client
}
