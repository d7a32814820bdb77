package sandbox

import (
	"bytes"
	"cmp"
	"crypto/sha256"
	"fmt"
	"net/http"

	"github.com/wxchain/wechatpay/internal/platform"
	"github.com/wxchain/wechatpay/signer"
)

// The types of an APIv2 signature.
const (
	signMD5  = "MD5" // what no sign_type means
	signHMAC = "HMAC-SHA256"
)

// answerV2 checks a request of APIv2 and hands it to its product.
//
// https://pay.weixin.qq.com/wiki/doc/api/jsapi.php?chapter=4_3
func (s *Server) answerV2(in *inbound) (reply, error) {
	fields, err := in.fieldsV2()
	if err != nil {
		return reply{}, badField("", nil, err.Error())
	}
	m, err := s.authenticateV2(in, fields)
	if err != nil {
		return reply{}, err
	}
	in.mchID = m.MchID
	c := &callV2{call: &call{ledger: ledger{Server: s, now: in.now}, merchant: m, base: in.base}, fields: fields}
	answer, err := c.answer(in)
	return c.reply(in.op, answer, err)
}

// authenticateV2 finds out whether a request of APIv2 is a merchant's.
func (s *Server) authenticateV2(in *inbound, fields map[string]string) (Merchant, error) {
	mchID := cmp.Or(fields["mch_id"], fields["mchid"], fields["combine_mch_id"])
	m, ok := s.merchants[mchID]
	if !ok {
		return Merchant{}, &refusal{Status: http.StatusUnauthorized, Code: "MCHID_NOT_EXIST", Message: fmt.Sprintf("there is no merchant %.32q", mchID)}
	}
	if err := signer.V2Verify(m.APIv2Key, fields); err != nil {
		return Merchant{}, signErrorV2(err.Error())
	}
	if named, by := fields["sign_type"], signTypeOf(fields); named != "" && named != by {
		return Merchant{}, signErrorV2(fmt.Sprintf("sign_type is %.16q, but the field sign is one by %s", named, by))
	}
	return m, s.checkNonceV2(in, m, fields)
}

// checkNonceV2 refuses a nonce_str that the merchant has given to another
// request within ten minutes. The platform has callers repeat a request with the
// same parameters when its outcome is unknown: one that is the same to the last
// field, and so has the same sign, is no forgery, and its product answers as it
// did.
func (s *Server) checkNonceV2(in *inbound, m Merchant, fields map[string]string) error {
	nonce := fields["nonce_str"]
	if nonce == "" {
		return nil // some calls have none
	}
	// The sign is not over the path.
	request := in.op.String() + " " + fields["sign"]
	sum := sha256.Sum256([]byte(nonce)) // however long: the fields are checked later
	switch s.nonces.SeeWith("v2/"+m.MchID+"/"+string(sum[:]), request, in.wall) {
	case platform.Replay:
		return signErrorV2("nonce_str was used for another request: each has its own; one that is repeated is sent as it was")
	case platform.Full:
		return &refusal{Status: http.StatusTooManyRequests, Code: "FREQUENCY_LIMITED", Message: "too many requests; slow down"}
	}
	return nil
}

func signErrorV2(issue string) *refusal {
	return &refusal{Status: http.StatusUnauthorized, Code: "SIGN_ERROR", Message: "签名错误: " + issue}
}

// signTypeOf is what fields are signed by, which the length of sign tells.
func signTypeOf(fields map[string]string) string {
	if len(fields["sign"]) == 64 {
		return signHMAC
	}
	return signMD5
}

// checkCertificate refuses a call over TLS that lacks the client certificate
// which it must present.
func (c *callV2) checkCertificate(in *inbound) error {
	if in.op.ClientCert && in.tls && !bytes.Equal(in.peer, c.merchant.Certificate.Raw) {
		return &refusal{Status: http.StatusUnauthorized, Code: "CERT_ERROR", Message: "this call presents the merchant API certificate as its TLS client certificate"}
	}
	return nil
}
