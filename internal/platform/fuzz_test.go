package platform_test

import (
	"fmt"
	"regexp"
	"strings"
	"testing"

	"github.com/wxchain/wechatpay/internal/platform"
)

// authorizationForm is the form of the header.
var authorizationForm = regexp.MustCompile(`^(\S+) (\w+="[^"[:cntrl:]]*"(?:, ?\w+="[^"[:cntrl:]]*")*)$`)

// FuzzParseAuthorization: what is taken apart has each field once, says no more
// than that, and can be put together again.
func FuzzParseAuthorization(f *testing.F) {
	for _, header := range []string{
		good, "", good + ",", good + `,x="y"`, strings.Replace(good, ",", ", ", 4), strings.Replace(good, `"N"`, `"N",nonce_str="M"`, 1),
		strings.Replace(good, `"N"`, `"mchid='1'"`, 1), strings.Replace(good, "mchid", "x_mchid", 1), strings.Replace(good, "N", "值", 1),
		strings.Replace(good, "N", "\n", 1), strings.Replace(good, " ", "  ", 1), strings.ToUpper(good),
		strings.Replace(good, "N", "mchid=", 1), strings.Replace(good, "N", "\xb0", 1),
	} {
		f.Add(header)
	}
	f.Fuzz(func(t *testing.T, header string) {
		a, err := platform.ParseAuthorization(header)
		checkForm(t, header, err)
		if err != nil {
			if strings.Contains(err.Error(), "\n") {
				t.Errorf("error %q has more than one line", err)
			}
			return
		}
		parts := strings.Split(header, `"`) // a value has no quote in it
		if len(parts) != 11 {
			t.Fatalf("%q has not five values", header)
		}
		for name, value := range map[string]string{"mchid": a.MchID, "nonce_str": a.Nonce, "timestamp": a.Timestamp, "serial_no": a.SerialNo, "signature": a.Signature} {
			times := 0
			for i := 0; i < 10; i += 2 {
				if strings.TrimLeft(strings.TrimPrefix(parts[i], a.Scheme), ", ") == name+"=" {
					times++
					if parts[i+1] != value {
						t.Errorf("%s of %q is %q", name, header, value)
					}
				}
			}
			if times != 1 {
				t.Errorf("%q has %s %d times", header, name, times)
			}
			if strings.ContainsAny(value, "\"\r\n\x00") {
				t.Errorf("%s is %q, which no header can carry", name, value)
			}
		}
		again := fmt.Sprintf(`%s signature="%s",serial_no="%s",timestamp="%s",nonce_str="%s",mchid="%s"`,
			a.Scheme, a.Signature, a.SerialNo, a.Timestamp, a.Nonce, a.MchID)
		if b, err := platform.ParseAuthorization(again); err != nil || a != b {
			t.Errorf("put together again, %+v is %+v, %v", a, b, err)
		}
	})
}

// checkForm compares what ParseAuthorization says of a header with authorizationForm.
func checkForm(t *testing.T, header string, err error) {
	t.Helper()
	if authorizationForm.MatchString(header) {
		return
	}
	if err == nil || strings.HasPrefix(err.Error(), "authorization scheme") {
		t.Errorf("%q does not have the form of the header, but the error is %v", header, err)
	}
}
