package sign

import (
	"path/filepath"
	"strings"
	"testing"

	"github.com/wxchain/wechatpay/cmd/wxpay/internal/shared/exit"
	"github.com/wxchain/wechatpay/cmd/wxpay/internal/shared/testkit"
	"github.com/wxchain/wechatpay/internal/platform"
	"github.com/wxchain/wechatpay/keys"
)

// The platform accepts the printed signature.
func TestSign(t *testing.T) {
	dir := t.TempDir()
	if err := testkit.WriteKeys(dir); err != nil {
		t.Fatal(err)
	}
	const target = "/v3/certificates?a=%E5%88%B8"
	code, stdout, stderr := exec(t.Context(), "sign", "--target", target, "--authorization",
		"--mchid", testkit.MchID, "--serial-no", testkit.SerialNo, "--private-key", filepath.Join(dir, "apiclient_key.pem"))
	if code != exit.OK || stderr != "" {
		t.Fatalf("exit %d, stderr %q", code, stderr)
	}
	a, err := platform.ParseAuthorization(strings.TrimSuffix(stdout, "\n"))
	if err != nil {
		t.Fatal(err)
	}
	merchants := keys.Static{testkit.SerialNo: testkit.Keys()[0].Public()}
	if err := platform.Verify(t.Context(), merchants, "GET", target, a, nil); err != nil {
		t.Error(err)
	}
	if err := platform.Verify(t.Context(), merchants, "GET", target+"x", a, nil); err == nil {
		t.Error("the signature is good for another target")
	}
}
