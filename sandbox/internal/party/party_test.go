package party_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/wxchain/wechatpay/sandbox/internal/party"
)

// However it is printed, a party shows who it is and no secret.
func TestPrintingShowsNoSecret(t *testing.T) {
	m, err := party.NewMerchant("1900000109", time.Now())
	if err != nil {
		t.Fatal(err)
	}
	p, err := party.NewPlatform(time.Now())
	if err != nil {
		t.Fatal(err)
	}
	secrets := []string{m.APIv3Key, m.APIv2Key, m.PrivateKey.D.String(), fmt.Sprintf("%x", m.PrivateKey.D), p.PrivateKey.D.String(), p.Certificates[0].PrivateKey.D.String()}
	for want, v := range map[string]any{m.SerialNo: m, p.PublicKeyID: p, p.Certificates[0].SerialNo(): p.Certificates[0]} {
		for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%d", "%x"} {
			text := fmt.Sprintf(verb, v) + fmt.Sprintf(verb, []any{v})
			if !strings.Contains(text, want) {
				t.Errorf("%s: %s, want %s in it", verb, text, want)
			}
			for _, secret := range secrets {
				if strings.Contains(text, secret) {
					t.Errorf("%s shows a secret of %T", verb, v)
				}
			}
		}
	}
}
