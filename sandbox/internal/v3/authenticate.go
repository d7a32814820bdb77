package v3

import (
	"fmt"
	"net/http"
	"slices"
	"strings"

	"github.com/wxchain/wechatpay/internal/platform"
	"github.com/wxchain/wechatpay/sandbox/internal/party"
	"github.com/wxchain/wechatpay/sandbox/internal/wire"
)

// authenticate verifies that a request of APIv3 comes from a merchant, was made
// just now, and comes for the first time.
//
// https://pay.weixin.qq.com/doc/v3/merchant/4012365342
func (api *API) authenticate(in *wire.Request) (party.Caller, error) {
	a, err := platform.ParseAuthorization(in.Header.Get("Authorization"), api.Issuer.Schemes()...)
	if err != nil {
		return party.Caller{}, signError("authorization", err.Error())
	}
	in.Scheme = a.Scheme
	if err := a.CheckTime(in.Wall); err != nil {
		// A client of this process may follow the clock of the sandbox, which
		// Advance moves. All others know only the time of day.
		if a.CheckTime(in.Now) != nil {
			return party.Caller{}, signError("timestamp", err.Error())
		}
		in.Clock = api.Clock
	}
	m, ok := api.Merchants.Of(a.MchID)
	if !ok {
		return party.Caller{}, signError("mchid", fmt.Sprintf("there is no merchant %q", a.MchID))
	}
	if scheme := m.Key.Scheme(); a.Scheme != scheme {
		return party.Caller{}, signError("authorization", fmt.Sprintf("merchant %s signs with %s, not with %s", a.MchID, scheme, a.Scheme))
	}
	if m, ok = m.With(a.SerialNo); !ok {
		return party.Caller{}, signError("serial_no", fmt.Sprintf("merchant %s has no certificate %q", a.MchID, a.SerialNo))
	}
	signed, err := platform.Signed(in.Header, in.Body)
	if err != nil {
		return party.Caller{}, wire.BadField("/meta", nil, err.Error())
	}
	if !slices.ContainsFunc(targets(in), func(target string) bool {
		return platform.Verify(in.Ctx, m.Keys, in.Method, target, a, signed) == nil
	}) {
		return party.Caller{}, mismatch(in, a, signed)
	}
	// Only a nonce that a merchant signed is remembered, so that nobody else can
	// use one up or fill the memory. Each merchant has its own nonces.
	switch api.Nonces.See(a.MchID+"/"+a.Nonce, in.Wall) {
	case platform.Replay:
		return party.Caller{}, signError("nonce_str", "the nonce was used before: each request, a repeated one too, is signed afresh")
	case platform.Full:
		return party.Caller{}, &wire.Refusal{Status: http.StatusTooManyRequests, Code: "FREQUENCY_LIMITED", Message: "too many requests; slow down"}
	}
	return m, nil
}

// targets returns the targets that the signature of a request may cover. Some
// clients sign a target without a query with a bare ? at its end and send it
// without, or the other way round.
func targets(in *wire.Request) []string {
	all := []string{in.Target}
	if in.Query != "" {
		return all
	}
	if bare, ok := strings.CutSuffix(in.Target, "?"); ok {
		return append(all, bare)
	}
	return append(all, in.Target+"?")
}

func signError(field, issue string) *wire.Refusal {
	return &wire.Refusal{Status: http.StatusUnauthorized, Code: "SIGN_ERROR", Message: issue,
		Detail: wire.FieldDetail{Field: field, Issue: issue, Location: "authorization"}}
}

// mismatch returns the refusal of a signature that does not match. It shows what
// the sandbox computed.
func mismatch(in *wire.Request, a platform.Authorization, signed []byte) *wire.Refusal {
	return &wire.Refusal{Status: http.StatusUnauthorized, Code: "SIGN_ERROR", Message: "the signature does not match",
		Detail: map[string]any{
			"field":            "signature",
			"location":         "authorization",
			"detail":           map[string]string{"issue": "sign not match"},
			"sign_information": platform.NewSignInformation(in.Method, in.Target, a, signed),
		}}
}
