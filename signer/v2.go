package signer

import (
	"crypto/hmac"
	"crypto/md5"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// The signature types of APIv2, values of the field sign_type.
const (
	typeMD5  = "MD5" // what no sign_type means
	typeHMAC = "HMAC-SHA256"
)

// V2Sign returns the APIv2 signature of fields, in upper-case hexadecimal, with the
// merchant's APIv2 key. It is the value of the field sign, or of paySign in the
// parameters of an app or a page.
//
// The signature covers all fields that are not empty except sign, sorted by name:
// https://pay.weixin.qq.com/wiki/doc/api/jsapi.php?chapter=4_3. signType is
// "HMAC-SHA256", or "MD5" or "", which means MD5. If there is a field sign_type, it
// must agree, because the platform verifies by that field. The error wraps [ErrSign].
//
// V2Sign refuses a value that contains "&name=", because the signature would also be
// valid for a message with a separate field name. Free text (attach, body, detail,
// descriptions, …), JSON and URLs may contain it. If others can see the signature,
// use [V2SignOpen].
func V2Sign(signType, key string, fields map[string]string) (string, error) {
	return v2Sign(signType, key, fields, isFreeText)
}

// V2SignOpen is [V2Sign] for fields whose signature others can see: a URL that a
// user's browser opens, or the payment parameters of a page or an app. No value of any
// field may contain "&name=", so that nobody can send the signature back with other
// fields as a notification.
func V2SignOpen(signType, key string, fields map[string]string) (string, error) {
	return v2Sign(signType, key, fields, noField)
}

func v2Sign(signType, key string, fields map[string]string, exempt func(name string) bool) (string, error) {
	if signType == "" {
		signType = typeMD5
	}
	if signType != typeMD5 && signType != typeHMAC {
		// One so long may be the key, in the wrong place.
		shown := strconv.Quote(signType)
		if len(signType) > 16 {
			shown = fmt.Sprintf("of %d characters", len(signType))
		}
		return "", fmt.Errorf("%w: the sign type %s is neither %s nor %s", ErrSign, shown, typeMD5, typeHMAC)
	}
	if key == "" {
		return "", fmt.Errorf("%w: the APIv2 key is missing", ErrSign)
	}
	if named := fields["sign_type"]; named != "" && named != signType {
		return "", fmt.Errorf("%w: the field sign_type is %q, but the sign type asked for is %s: the platform would verify by the field", ErrSign, named, signType)
	}
	if err := checkSplit(fields, exempt); err != nil {
		return "", fmt.Errorf("%w: %w; leave it out", ErrSign, err)
	}
	return upperHex(v2Sum(signType, key, fields)), nil
}

// V2Verify verifies the field sign of an APIv2 answer or notification with the
// merchant's APIv2 key. The length of sign decides between MD5 and HMAC-SHA256,
// because the platform does not always return sign_type. Its letters may be of either
// case. The error is a [*VerifyError].
//
// V2Verify refuses a value that contains "&name=", with the exceptions of [V2Sign],
// even if sign is valid: the sign may belong to a message with other fields.
//
// A refund notification has no signature, only an encrypted req_info. Query the refund
// before money or goods depend on it.
func V2Verify(key string, fields map[string]string) error {
	refuse := func(format string, args ...any) error {
		return &VerifyError{Reason: ReasonSignature, Err: fmt.Errorf(format, args...)}
	}
	if key == "" {
		return refuse("the APIv2 key is missing: nothing can be verified without it")
	}
	sign := fields["sign"]
	var signType string
	switch len(sign) {
	case 0:
		return refuse("the field sign is missing: the message is not from the platform, or is one that is not signed")
	case hex.EncodedLen(md5.Size):
		signType = typeMD5
	case hex.EncodedLen(sha256.Size):
		signType = typeHMAC
	default:
		return refuse("the field sign has %d characters, but %s makes %d and %s %d", len(sign),
			typeMD5, hex.EncodedLen(md5.Size), typeHMAC, hex.EncodedLen(sha256.Size))
	}
	got, err := hex.DecodeString(sign)
	if err != nil {
		return refuse("the field sign is not hexadecimal")
	}
	if !hmac.Equal(got, v2Sum(signType, key, fields)) {
		return refuse("the field sign does not match by %s: most often the APIv2 key is not this merchant's, "+
			"as set in the merchant platform; otherwise the message was changed on its way, or forged", signType)
	}
	if err := checkSplit(fields, isFreeText); err != nil {
		return refuse("%w", err)
	}
	return nil
}

// V2WorkSign returns the value of the field workwx_sign, the second signature of red
// packets and payments to employees through WeCom (Work WeChat). It is an MD5 in
// upper-case hexadecimal with the secret of the WeCom app that pays.
//
// fields must be exactly the fields that take part, as listed in
// https://developer.work.weixin.qq.com/document/path/90281: for a red packet
// act_name, mch_billno, mch_id, nonce_str, re_openid, total_amount and
// wxappid; for a payment amount, appid, desc, mch_id, nonce_str, openid,
// partner_trade_no and ww_msg_type. Empty fields, sign and workwx_sign are left
// out. Compute sign afterwards, because [V2Sign] covers workwx_sign too. The error
// wraps [ErrSign].
func V2WorkSign(secret string, fields map[string]string) (string, error) {
	if secret == "" {
		return "", fmt.Errorf("%w: the secret of the WeCom app is missing", ErrSign)
	}
	sum := md5.Sum([]byte(V2Message(fields, "workwx_sign") + "&secret=" + secret))
	return upperHex(sum[:]), nil
}

func v2Sum(signType, key string, fields map[string]string) []byte {
	message := v2Message(fields, nil)
	message = append(append(message, "&key="...), key...)
	if signType == typeHMAC {
		mac := hmac.New(sha256.New, []byte(key))
		mac.Write(message)
		return mac.Sum(nil)
	}
	sum := md5.Sum(message)
	return sum[:]
}

// V2Message returns the signed text of APIv2 without the key: the fields that are not
// empty, except sign and the names in without, sorted by name and joined as a=1&b=2.
func V2Message(fields map[string]string, without ...string) string {
	return string(v2Message(fields, without))
}

// v2Message is V2Message with room for the key behind the text.
func v2Message(fields map[string]string, without []string) []byte {
	size := len("&key=") + 32
	for name, value := range fields {
		size += len(name) + len(value) + len("=&")
	}
	b := make([]byte, 0, size)
	for _, name := range sortedNames(fields) {
		if fields[name] == "" || name == "sign" || slices.Contains(without, name) {
			continue
		}
		if len(b) > 0 {
			b = append(b, '&')
		}
		b = append(append(append(b, name...), '='), fields[name]...)
	}
	return b
}

func sortedNames(fields map[string]string) []string {
	names := make([]string, 0, len(fields))
	for name := range fields {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

func upperHex(sum []byte) string { return strings.ToUpper(hex.EncodeToString(sum)) }
