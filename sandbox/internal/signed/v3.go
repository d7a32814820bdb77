package signed

import (
	"encoding/base64"
	"encoding/hex"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/wxchain/wechatpay/internal/platform"
	"github.com/wxchain/wechatpay/sandbox/internal/party"
	"github.com/wxchain/wechatpay/signer"
)

// The checks of APIv3, in their order.
const (
	checkAuthorization = "authorization"
	checkTimestamp     = "timestamp"
	checkMerchant      = "mchid"
	checkScheme        = "scheme"
	checkSerial        = "serial_no"
	checkEncoding      = "encoding"
	checkKey           = "key"
	checkSignature     = "signature"
	checkNonce         = "nonce_str"
)

// V3 explains a request of APIv3.
//
// https://pay.weixin.qq.com/doc/v3/merchant/4012365342
func (x Explainer) V3(r Request) Explanation {
	var e Explanation
	header := r.Header.Get("Authorization")
	a, err := platform.ParseAuthorization(header, x.Schemes...)
	if !e.add(checkAuthorization, err == nil || a.Scheme != "", short(header), `WECHATPAY2-SHA256-RSA2048 mchid="…",nonce_str="…",timestamp="…",serial_no="…",signature="…"`,
		"The header Authorization is missing, or does not have the five fields, each once and in double quotes.") {
		e.skip(checkTimestamp, checkMerchant, checkScheme, checkSerial, checkEncoding, checkKey, checkSignature, checkNonce)
		return e
	}
	x.time(&e, r, a)
	m, ok := x.Merchants[a.MchID]
	if !e.add(checkMerchant, ok, a.MchID, "", "This sandbox has no merchant with that number.") {
		e.skip(checkScheme, checkSerial, checkEncoding, checkKey, checkSignature, checkNonce)
		return e
	}
	if by, ok := m.With(a.SerialNo); ok {
		m = by
	}
	scheme := m.Key.Scheme()
	e.add(checkScheme, a.Scheme == scheme, a.Scheme, scheme, "The merchant's key is of another suite.")
	e.add(checkSerial, strings.EqualFold(a.SerialNo, m.SerialNo), a.SerialNo, m.SerialNo, x.whySerial(a.SerialNo))
	x.signature(&e, r, a, m)
	replayed := r.Code == "SIGN_ERROR" && strings.HasPrefix(r.Message, "the nonce was used")
	e.add(checkNonce, !replayed, a.Nonce, "", "The nonce was used before. Each sending of a request is signed anew, with another nonce.")
	return e
}

// time checks the timestamp.
func (x Explainer) time(e *Explanation, r Request, a platform.Authorization) {
	why := "The timestamp is more than five minutes from now. Check the clock of the program, and that it signs each sending anew."
	if len(a.Timestamp) > 10 {
		why = "The timestamp is in milliseconds. It must be in seconds."
	}
	fresh := a.CheckTime(r.Wall) == nil || a.CheckTime(r.Now) == nil
	e.add(checkTimestamp, fresh, a.Timestamp+when(a.Timestamp), strconv.FormatInt(r.Wall.Unix(), 10)+" ± 300", why)
}

// when returns the time of a timestamp in brackets.
func when(timestamp string) string {
	seconds, err := strconv.ParseInt(timestamp, 10, 64)
	if err != nil || len(timestamp) > 11 {
		return ""
	}
	return " (" + time.Unix(seconds, 0).UTC().Format(time.RFC3339) + ")"
}

// whySerial returns what a wrong serial number is.
func (x Explainer) whySerial(serial string) string {
	for _, other := range x.Merchants {
		if strings.EqualFold(serial, other.SerialNo) {
			return "The serial number is that of another merchant's certificate."
		}
	}
	switch bare := strings.ReplaceAll(strings.ToLower(serial), ":", ""); {
	case strings.HasPrefix(serial, "PUB_KEY_ID"):
		return "This is the id of the platform public key. The merchant's own certificate has the serial number that is wanted."
	case bare != strings.ToLower(serial):
		return "The serial number has colons. It is written without them."
	}
	return "The merchant has no certificate with that serial number: use that of apiclient_cert.pem."
}

// signature checks the signature, and looks for the text that it fits.
func (x Explainer) signature(e *Explanation, r Request, a platform.Authorization, m party.Caller) {
	body, err := platform.Signed(r.Header, r.Body)
	if err != nil {
		e.add(checkSignature, false, "", "", "The upload has no part meta, which is what is signed.")
		return
	}
	e.Expected = string(signer.RequestMessage(r.Method, r.Target, a.Timestamp, a.Nonce, body))
	signature, err := base64.StdEncoding.DecodeString(a.Signature)
	if !e.add(checkEncoding, err == nil, short(a.Signature), "", whyEncoding(a.Signature)) {
		e.skip(checkKey, checkSignature)
		return
	}
	s := sealOf(m, signature)
	if s.fits([]byte(e.Expected)) || slices.ContainsFunc(bareTargets(r), func(target string) bool {
		return s.fits(signer.RequestMessage(r.Method, target, a.Timestamp, a.Nonce, body))
	}) {
		e.add(checkKey, true, "", "", "")
		e.add(checkSignature, true, "", "", "")
		return
	}
	if s.readable && !e.add(checkKey, s.opens, "", "apiclient_key.pem", x.whyKey(m, signature)) {
		e.skip(checkSignature)
		return
	}
	e.add(checkSignature, false, "", "", s.why())
	effort := 0
	for c := range candidates(r, a, body) {
		if s.fits(c.text) {
			e.Fits, e.Changes = string(c.text), c.changes
			return
		}
		if effort += s.effort(c.text); effort > maxEffort {
			return
		}
	}
}

// bareTargets are the targets that count as the same.
func bareTargets(r Request) []string {
	if r.Query != "" {
		return nil
	}
	if bare, ok := strings.CutSuffix(r.Target, "?"); ok {
		return []string{bare}
	}
	return []string{r.Target + "?"}
}

// whyEncoding returns in which encoding a signature that is not base64 may be.
func whyEncoding(signature string) string {
	if _, err := hex.DecodeString(signature); err == nil {
		return "The signature is hexadecimal. It must be base64."
	}
	if strings.ContainsAny(signature, "-_") {
		return "The signature is base64 for URLs. It must be the standard base64, with + and /."
	}
	if _, err := base64.RawStdEncoding.DecodeString(signature); err == nil {
		return "The signature is base64 without the = at its end."
	}
	return "The signature is not base64."
}

// whyKey returns whose key made a signature that the merchant's certificate does not
// open.
func (x Explainer) whyKey(m party.Caller, signature []byte) string {
	for mchID, other := range x.Merchants {
		if mchID != m.MchID && sealOf(other, signature).opens {
			return "The signature was made with the private key of another merchant."
		}
	}
	return "The signature was not made with the private key of the merchant's certificate: use apiclient_key.pem, with SHA256 and PKCS#1 v1.5."
}
