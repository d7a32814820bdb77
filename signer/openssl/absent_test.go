//go:build !cgo

package openssl_test

import (
	"strings"
	"testing"

	"github.com/wxchain/wechatpay/internal/vectors"
	"github.com/wxchain/wechatpay/keys"
	"github.com/wxchain/wechatpay/signer/openssl"
)

// Without cgo the package compiles, and everything returns the reason.
func TestWithoutCgo(t *testing.T) {
	_, private := openssl.PrivateKey(vectors.MerchantKey(t))
	_, public := openssl.PublicKeys(keys.Static{"1": vectors.PlatformKey(t)})
	for _, err := range []error{openssl.Available(), private, public} {
		if err == nil || !strings.Contains(err.Error(), "CGO_ENABLED=1") {
			t.Errorf("%v", err)
		}
	}
}
