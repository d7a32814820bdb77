package v2

import (
	"cmp"
	"crypto/sha256"
	"fmt"
	"net/http"

	"github.com/wxchain/wechatpay/internal/platform"
	"github.com/wxchain/wechatpay/sandbox/internal/party"
	"github.com/wxchain/wechatpay/sandbox/internal/wire"
	"github.com/wxchain/wechatpay/signer"
)

// The types of an APIv2 signature.
const (
	signMD5  = "MD5" // what no sign_type means
	signHMAC = "HMAC-SHA256"
)

// authenticate verifies that a request of APIv2 comes from a merchant.
func (a *API) authenticate(in *wire.Request, fields map[string]string) (party.Caller, error) {
	mchID := cmp.Or(fields["mch_id"], fields["mchid"], fields["combine_mch_id"])
	m, ok := a.Merchants.Of(mchID)
	if !ok {
		return party.Caller{}, &wire.Refusal{Status: http.StatusUnauthorized, Code: "MCHID_NOT_EXIST", Message: fmt.Sprintf("there is no merchant %.32q", mchID)}
	}
	if err := signer.V2Verify(m.APIv2Key, fields); err != nil {
		return party.Caller{}, signError(err.Error())
	}
	if named, by := fields["sign_type"], signTypeOf(fields); named != "" && named != by {
		return party.Caller{}, signError(fmt.Sprintf("sign_type is %.16q, but the field sign is one by %s", named, by))
	}
	return m, a.checkNonce(in, m, fields)
}

// checkNonce refuses a nonce_str that the merchant has used in another request
// within ten minutes. If an outcome is unknown, the platform asks callers to
// repeat the request with the same parameters. A request with the same fields,
// and therefore the same sign, is not a forgery, and its product gives the same
// answer.
func (a *API) checkNonce(in *wire.Request, m party.Caller, fields map[string]string) error {
	nonce := fields["nonce_str"]
	if nonce == "" {
		return nil // some calls have none
	}
	// The sign does not cover the path.
	request := in.Op.String() + " " + fields["sign"]
	sum := sha256.Sum256([]byte(nonce)) // it may be long, because the fields are checked later
	switch a.Nonces.SeeWith("v2/"+m.MchID+"/"+string(sum[:]), request, in.Wall) {
	case platform.Replay:
		return signError("nonce_str was used for another request: each has its own; one that is repeated is sent as it was")
	case platform.Full:
		return &wire.Refusal{Status: http.StatusTooManyRequests, Code: "FREQUENCY_LIMITED", Message: "too many requests; slow down"}
	}
	return nil
}

func signError(issue string) *wire.Refusal {
	return &wire.Refusal{Status: http.StatusUnauthorized, Code: "SIGN_ERROR", Message: "签名错误: " + issue}
}

// signTypeOf returns the sign type of fields. The length of sign determines it.
func signTypeOf(fields map[string]string) string {
	if len(fields["sign"]) == 64 {
		return signHMAC
	}
	return signMD5
}

// checkCertificate refuses a call over TLS that must present the client
// certificate but does not.
func (c *call) checkCertificate(in *wire.Request) error {
	if in.Op.ClientCert && in.TLS && !c.merchant.HasCertificate(in.Peer) {
		return &wire.Refusal{Status: http.StatusUnauthorized, Code: "CERT_ERROR", Message: "this call presents the merchant API certificate as its TLS client certificate"}
	}
	return nil
}
