package explain

import (
	"strings"
	"testing"

	"github.com/wxchain/wechatpay/openapi"
)

// In each language, exactly the fields that need encryption are encrypted.
func TestShownSecrets(t *testing.T) {
	n := 0
	for op := range openapi.Operations() {
		_, secrets, err := Caller{}.Sample(op).sealed()
		if err != nil {
			t.Fatal(err)
		}
		goCode, err := Caller{}.Sample(op).Go()
		if err != nil {
			t.Fatal(err)
		}
		php, err := Caller{}.Sample(op).PHP()
		if err != nil {
			t.Fatal(err)
		}
		for _, count := range []int{strings.Count(goCode, "wechatpay.Secret("), strings.Count(php, "Rsa::encrypt(")} {
			if count != len(secrets) {
				t.Errorf("%s encrypts %d fields, want %d:\n%s%s", op, count, len(secrets), goCode, php)
			}
		}
		if (len(secrets) > 0) != strings.Contains(php, "'Wechatpay-Serial' => ") || strings.Contains(goCode+php, "ENCRYPTED") {
			t.Errorf("%s:\n%s%s", op, goCode, php)
		}
		n += len(secrets)
	}
	if n < 50 {
		t.Errorf("%d fields travel encrypted", n)
	}
}
