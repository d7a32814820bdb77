package platform_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/wxchain/wechatpay/internal/platform"
)

// FuzzParseAuthorization: what is taken apart has each field once, says no more
// than that, and can be put together again.
func FuzzParseAuthorization(f *testing.F) {
	for _, header := range []string{
		good, "", good + ",", good + `,x="y"`, strings.Replace(good, ",", ", ", 4), strings.Replace(good, `"N"`, `"N",nonce_str="M"`, 1),
		strings.Replace(good, `"N"`, `"mchid='1'"`, 1), strings.Replace(good, "mchid", "x_mchid", 1), strings.Replace(good, "N", "值", 1),
		strings.Replace(good, "N", "\n", 1), strings.Replace(good, " ", "  ", 1), strings.ToUpper(good),
		strings.Replace(good, "N", "N=", 1), strings.Replace(good, "N", "\xb0", 1),
	} {
		f.Add(header)
	}
	f.Fuzz(func(t *testing.T, header string) {
		a, err := platform.ParseAuthorization(header)
		if err != nil {
			if strings.Contains(err.Error(), "\n") {
				t.Errorf("error %q has more than one line", err)
			}
			return
		}
		for name, value := range map[string]string{"mchid": a.MchID, "nonce_str": a.Nonce, "timestamp": a.Timestamp, "serial_no": a.SerialNo, "signature": a.Signature} {
			if strings.Count(header, name+`="`) != 1 || !strings.Contains(header, name+`="`+value+`"`) {
				t.Errorf("%s of %q is %q", name, header, value)
			}
			if strings.ContainsAny(value, "\"\r\n\x00") {
				t.Errorf("%s is %q, which no header can carry", name, value)
			}
		}
		if strings.Count(header, `"`) != 10 {
			t.Errorf("%q has more than five fields", header)
		}
		again := fmt.Sprintf(`%s signature="%s",serial_no="%s",timestamp="%s",nonce_str="%s",mchid="%s"`,
			a.Scheme, a.Signature, a.SerialNo, a.Timestamp, a.Nonce, a.MchID)
		if b, err := platform.ParseAuthorization(again); err != nil || a != b {
			t.Errorf("put together again, %+v is %+v, %v", a, b, err)
		}
	})
}
