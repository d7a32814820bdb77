package verify

import (
	"bytes"
	"net/http"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/wxchain/wechatpay/cmd/wxpay/internal/shared/exit"
	"github.com/wxchain/wechatpay/cmd/wxpay/internal/shared/seal"
	"github.com/wxchain/wechatpay/cmd/wxpay/internal/shared/settings"
	"github.com/wxchain/wechatpay/cmd/wxpay/internal/shared/testkit"
	"github.com/wxchain/wechatpay/internal/platform"
	"github.com/wxchain/wechatpay/signer"
)

// The platform's signature is valid for its body only.
func TestVerify(t *testing.T) {
	const body = `{"coupon_id":"9867041"}`
	dir := t.TempDir()
	if err := testkit.WriteKeys(dir); err != nil {
		t.Fatal(err)
	}
	key, err := signer.NewRSA(testkit.PublicKeyID, testkit.Keys()[1])
	if err != nil {
		t.Fatal(err)
	}
	header := make(http.Header)
	if err := platform.Sign(t.Context(), key, header, strconv.FormatInt(time.Now().Unix(), 10), []byte(body)); err != nil {
		t.Fatal(err)
	}
	var f options
	for name := range header {
		f.Headers = append(f.Headers, name+": "+header.Get(name))
	}
	for _, tt := range []struct {
		name, body string
		flags      seal.Flags
		code       int
		want       string
	}{
		{"the body", body, f.Flags, exit.OK, "verified: 23 bytes, signed by " + testkit.PublicKeyID},
		{"another body", strings.Replace(body, "1", "2", 1), f.Flags, exit.Verify, ""},
		{"no headers", body, seal.Flags{}, exit.Usage, ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s := settings.Settings{PlatformKeyID: testkit.PublicKeyID, PlatformKey: filepath.Join(dir, "pub_key.pem")}
			var out bytes.Buffer
			err := options{tt.flags}.run(t.Context(), &s, nil, strings.NewReader(tt.body), &out)
			code := exit.OK
			if err != nil {
				code = exit.Code(err)
			}
			if code != tt.code || !strings.HasPrefix(out.String(), tt.want) || (tt.want == "") != (out.Len() == 0) {
				t.Errorf("exit %d, want %d; printed %q, %v", code, tt.code, &out, err)
			}
		})
	}
}
