package signer

import (
	"crypto/hmac"
	"crypto/md5"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
)

// The signature types of APIv2, values of the field sign_type.
const (
	typeMD5  = "MD5" // what no sign_type means
	typeHMAC = "HMAC-SHA256"
)

// V2Sign returns the APIv2 signature of fields under the APIv2 key of the
// merchant: upper-case hexadecimal, the value of the field sign (paySign in
// what an app or a page passes on).
//
// It is over all fields that are not empty, but sign, sorted by name:
// https://pay.weixin.qq.com/wiki/doc/api/jsapi.php?chapter=4_3. signType is
// "MD5", which "" stands for too, or "HMAC-SHA256". It must agree with the
// field sign_type where there is one, for the platform goes by that field. What
// V2Sign returns otherwise wraps [ErrSign].
//
// A value that holds "&name=" is refused, because the signature would also be
// good for a message in which name is a field of its own. Free text (attach,
// body, detail, a description, …), JSON and URLs may hold it. Sign with
// [V2SignOpen] what leaves in the open.
func V2Sign(signType, key string, fields map[string]string) (string, error) {
	return v2Sign(signType, key, fields, isFreeText)
}

// V2SignOpen is [V2Sign] for fields that others see together with their
// signature: a URL that a user's browser opens, or what a page or an app passes
// to WeChat to pay. No value of any field may hold "&name=" there, so that
// nobody can send the signature back with other fields, as a notification.
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

// V2Verify checks the field sign of an answer or a notification of APIv2 under
// the APIv2 key of the merchant. Whether it is MD5 or HMAC-SHA256 is told by
// its length, as the platform does not always send sign_type back. It may be
// in either case. What V2Verify returns otherwise is a [*VerifyError].
//
// A value that holds "&name=" is refused as by [V2Sign], though its sign holds:
// the sign may be that of a message with other fields.
//
// A refund notification is not signed. That its req_info can be decrypted is all
// that speaks for it: query the refund before money or goods depend on it.
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

// V2WorkSign returns the second signature, the field workwx_sign, that red
// packets and payments to employees by way of WeCom (Work WeChat) carry:
// upper-case hexadecimal MD5 under the secret of the WeCom app that pays.
//
// fields are those that take part, no more and no fewer, as listed in
// https://developer.work.weixin.qq.com/document/path/90281: for a red packet
// act_name, mch_billno, mch_id, nonce_str, re_openid, total_amount and
// wxappid; for a payment amount, appid, desc, mch_id, nonce_str, openid,
// partner_trade_no and ww_msg_type. Empty ones, sign and workwx_sign are left
// out. The field sign comes after it: [V2Sign] covers workwx_sign too. An error
// wraps [ErrSign].
func V2WorkSign(secret string, fields map[string]string) (string, error) {
	if secret == "" {
		return "", fmt.Errorf("%w: the secret of the WeCom app is missing", ErrSign)
	}
	sum := md5.Sum([]byte(V2Message(fields, "workwx_sign") + "&secret=" + secret))
	return upperHex(sum[:]), nil
}

func v2Sum(signType, key string, fields map[string]string) []byte {
	message := []byte(V2Message(fields) + "&key=" + key)
	if signType == typeHMAC {
		mac := hmac.New(sha256.New, []byte(key))
		mac.Write(message)
		return mac.Sum(nil)
	}
	sum := md5.Sum(message)
	return sum[:]
}

// V2Message returns what a signature of APIv2 is over, but for the key: the
// fields that are not empty, but sign and those of without, sorted by name and
// joined as a=1&b=2.
func V2Message(fields map[string]string, without ...string) string {
	var b strings.Builder
	for _, name := range slices.Sorted(maps.Keys(fields)) {
		if fields[name] == "" || name == "sign" || slices.Contains(without, name) {
			continue
		}
		if b.Len() > 0 {
			b.WriteByte('&')
		}
		b.WriteString(name + "=" + fields[name])
	}
	return b.String()
}

func upperHex(sum []byte) string { return strings.ToUpper(hex.EncodeToString(sum)) }
