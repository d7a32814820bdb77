package sandbox

import (
	"fmt"
	"net/http"
	"strings"

	"github.com/wxchain/wechatpay/internal/platform"
	"github.com/wxchain/wechatpay/keys"
)

// authenticate finds out whether a request of APIv3 is a merchant's, made just
// now and for the first time.
//
// https://pay.weixin.qq.com/doc/v3/merchant/4012365342
func (s *Server) authenticate(in *inbound) (Merchant, error) {
	a, err := platform.ParseAuthorization(in.header.Get("Authorization"))
	if err != nil {
		return Merchant{}, signError("authorization", err.Error())
	}
	if err := a.CheckTime(in.wall); err != nil {
		// A client of this process may keep to the clock of the sandbox, which
		// Advance moves; all others know the time of day alone.
		if a.CheckTime(in.now) != nil {
			return Merchant{}, signError("timestamp", err.Error())
		}
		in.clock = s.clock
	}
	m, ok := s.merchants[a.MchID]
	if !ok {
		return Merchant{}, signError("mchid", fmt.Sprintf("there is no merchant %q", a.MchID))
	}
	if !strings.EqualFold(a.SerialNo, m.SerialNo) {
		return Merchant{}, signError("serial_no", fmt.Sprintf("merchant %s has no certificate %q", a.MchID, a.SerialNo))
	}
	signed, err := platform.Signed(in.header, in.body)
	if err != nil {
		return Merchant{}, badField("/meta", nil, err.Error())
	}
	merchants := keys.Static{m.SerialNo: m.PrivateKey.Public()}
	if err := platform.Verify(in.ctx, merchants, in.method, in.target, a, signed); err != nil {
		return Merchant{}, mismatch(in, a, signed)
	}
	// Only a nonce that a merchant signed is kept: nobody else can use one up,
	// or fill the memory. Merchants do not share them.
	switch s.nonces.See(a.MchID+"/"+a.Nonce, in.wall) {
	case platform.Replay:
		return Merchant{}, signError("nonce_str", "the nonce was used before: each request, a repeated one too, is signed afresh")
	case platform.Full:
		return Merchant{}, &refusal{Status: http.StatusTooManyRequests, Code: "FREQUENCY_LIMITED", Message: "too many requests; slow down"}
	}
	return m, nil
}

func signError(field, issue string) *refusal {
	return &refusal{Status: http.StatusUnauthorized, Code: "SIGN_ERROR", Message: issue,
		Detail: fieldDetail{Field: field, Issue: issue, Location: "authorization"}}
}

// mismatch shows what was computed for a request whose signature does not
// match.
func mismatch(in *inbound, a platform.Authorization, signed []byte) *refusal {
	return &refusal{Status: http.StatusUnauthorized, Code: "SIGN_ERROR", Message: "the signature does not match",
		Detail: map[string]any{
			"field":            "signature",
			"location":         "authorization",
			"detail":           map[string]string{"issue": "sign not match"},
			"sign_information": platform.NewSignInformation(in.method, in.target, a, signed),
		}}
}
