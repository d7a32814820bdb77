package sandbox_test

import (
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/wxchain/wechatpay"
	"github.com/wxchain/wechatpay/keys"
)

// Notifications are signed with the public key for a merchant that works with it,
// and with a certificate for one that works with certificates.
func TestNotifyKey(t *testing.T) {
	config := testConfig(t)
	for name, certificates := range map[string]bool{"public key": false, "certificates": true} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var serial string
				config := config
				config.Clock = time.Now
				config.Client = &http.Client{Transport: roundTripper(func(req *http.Request) (*http.Response, error) {
					serial = req.Header.Get("Wechatpay-Serial")
					return &http.Response{StatusCode: http.StatusOK, Body: http.NoBody}, nil
				})}
				server, client := newServer(t, config, func(c *wechatpay.Config) {
					if certificates {
						c.PlatformKeys = certificatesOf(c.PlatformKeys.(keys.Static))
					}
				})
				defer server.Close()
				place(t, client, "by_key")
				pay(t, server, "by_key")
				synctest.Wait()
				if serial == "" || strings.HasPrefix(serial, keys.PublicKeyIDPrefix) == certificates {
					t.Errorf("signed with %q", serial)
				}
			})
		})
	}
}
