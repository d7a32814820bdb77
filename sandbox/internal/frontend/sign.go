package frontend

import (
	"cmp"
	"context"
	"crypto"
	"crypto/rsa"
	"crypto/sha1"
	"encoding/base64"
	"net/url"
	"regexp"
	"strconv"
	"strings"

	"github.com/wxchain/wechatpay/keys"
	"github.com/wxchain/wechatpay/signer"
)

// A payload is what paySign signs, in the order of APIv3.
type payload struct{ appID, timeStamp, nonce, last string }

// message returns the text that APIv3 signs.
func (p payload) message() string { return lines(p.appID, p.timeStamp, p.nonce, p.last) }

func lines(all ...string) string { return strings.Join(all, "\n") + "\n" }

// paySign verifies the signature as WeChat does. If it does not verify, it is compared
// with those that common mistakes make.
func (c *check) paySign(o *Order, appIDs []string) {
	sign := c.fields["paySign"]
	for _, name := range [...]string{"timeStamp", "nonceStr", "paySign"} {
		if c.fields[name] == "" {
			return
		}
	}
	if len(appIDs) == 0 {
		return
	}
	if o.SignType == "" {
		c.sign3(o, appIDs, sign)
		return
	}
	c.sign2(o, appIDs, sign)
}

// payloadOf returns what must be signed. The last line is package, or for an app the
// bare prepay_id.
func (c *check) payloadOf(appID string) payload {
	last := c.fields["package"]
	if c.call.Front == App {
		last = c.fields["prepayid"]
	}
	return payload{appID, c.fields["timeStamp"], c.fields["nonceStr"], last}
}

// unsigned reports that a signature does not match, and how it was made.
func (c *check) unsigned(o *Order, en, zh string, args ...any) {
	name := "paySign"
	if c.call.Front == App {
		name = "sign"
	}
	if en == "" {
		en, zh = "%s does not match: compare the signed text, and the key of merchant %s", "%s 不匹配：请核对签名串，以及商户 %s 的密钥"
		args = []any{name, o.MchID}
	} else {
		en, zh = name+" does not match: "+en, name+" 不匹配："+zh
	}
	c.mistake("pay_sign", name, shownSign, en, zh, args...)
}

// A trial is a text that a mistaken program may have signed.
type trial struct {
	message string
	en, zh  string
}

// trials3 returns what may have been signed in place of the right payload.
func (c *check) trials3(o *Order, p payload) []trial {
	right := p.message()
	other := strings.TrimPrefix(p.last, "prepay_id=")
	otherEN, otherZH := "the fourth line has the bare prepay_id, and must have the whole package", "第四行是 prepay_id 本身，应为完整的 package"
	if c.call.Front == App {
		other, otherEN, otherZH = "prepay_id="+p.last, "the last line is prepay_id=…, and must be the bare prepay_id", "最后一行是 prepay_id=…，应为 prepay_id 本身"
	}
	all := []trial{
		{strings.TrimSuffix(right, "\n"), "the last line lacks its line feed", "最后一行缺少换行符"},
		{strings.ReplaceAll(right, "\n", "\r\n"), "the lines end in CR LF, and must end in LF", "每行以 CRLF 结尾，应为 LF"},
		{strings.ReplaceAll(right, "\n", `\n`), `the lines are joined by the two characters \n, not by a line feed`, `各行之间是 \n 两个字符，不是换行符`},
		{strings.ReplaceAll(right, "\n", ""), "the lines have no line feeds", "各行没有换行符"},
		{lines(p.appID, p.timeStamp, p.nonce, other), otherEN, otherZH},
		{lines(p.appID, p.timeStamp, p.nonce, "Sign=WXPay"), "the last line is Sign=WXPay, and must be the prepay_id", "最后一行是 Sign=WXPay，应为 prepay_id"},
		{lines(p.appID, p.nonce, p.timeStamp, p.last), "the nonce comes before the time", "随机串写在了时间戳之前"},
		{lines(p.timeStamp, p.nonce, p.last), "the first line, the appid, is missing", "缺少第一行 appid"},
		{lines(o.MchID, p.timeStamp, p.nonce, p.last), "the first line is the merchant's number, and must be the appid", "第一行是商户号，应为 appid"},
		{lines(p.appID, p.timeStamp, p.nonce, p.last, "RSA"), "signType is signed too", "signType 也参与了签名"},
		{signer.V2Message(c.fieldsOf(p, "RSA", "")), "the text is that of APIv2, sorted names with &; APIv3 signs four lines", "签名串是 APIv2 的（按名称排序、以 & 连接）；APIv3 为四行"},
	}
	if passed := c.given["package"].text; c.call.Front != App {
		all = append(all, trial{lines(p.appID, p.timeStamp, p.nonce, passed), "the fourth line is the package as it was passed", "第四行是传入的 package 原文"})
	}
	for _, id := range o.appIDs() {
		if id != p.appID {
			all = append(all, trial{lines(id, p.timeStamp, p.nonce, p.last), "it was made with the appid " + id, "签名时使用的 appid 是 " + id})
		}
	}
	return append(all, nearTrials(p, payload.message)...)
}

// nearTrials are the texts with another time: programs take the time twice.
func nearTrials(p payload, message func(payload) string) (all []trial) {
	at, err := strconv.ParseInt(p.timeStamp, 10, 64)
	if err != nil {
		return nil
	}
	const most = 10 // seconds
	for d := int64(-most); d <= most; d++ {
		if d == 0 {
			continue
		}
		q := p
		q.timeStamp = strconv.FormatInt(at+d, 10)
		all = append(all, trial{message(q), "it was made with another time, " + q.timeStamp + ": take the time once", "签名时使用的是另一个时间 " + q.timeStamp + "：时间只取一次"})
	}
	return all
}

var hexDigest = regexp.MustCompile(`^([0-9a-fA-F]{32}|[0-9a-fA-F]{64})$`)

// sign3 verifies a signature of APIv3.
func (c *check) sign3(o *Order, appIDs []string, sign string) {
	p := c.payloadOf(appIDs[0])
	c.verdict.Signed = p.message()
	if hexDigest.MatchString(sign) {
		c.unsigned(o, "it is a digest of APIv2, but the order was made by APIv3, whose signature is SHA256-RSA in base64", "这是 APIv2 的摘要，但订单由 APIv3 下单，签名应为 SHA256-RSA 的 base64")
		return
	}
	raw, en, zh := decode(sign)
	if raw == nil {
		c.unsigned(o, en, zh)
		return
	}
	by := c.platform.PublicKey(o.MchID)
	for _, appID := range appIDs {
		q := c.payloadOf(appID)
		if !verifies(by, q.message(), raw) {
			continue
		}
		c.verdict.Signed = q.message()
		if en != "" {
			c.unsigned(o, en, zh)
		}
		return
	}
	c.explain3(o, p, raw)
}

// explain3 reports how a signature of APIv3 was made that does not verify.
func (c *check) explain3(o *Order, p payload, raw []byte) {
	by := c.platform.PublicKey(o.MchID)
	for _, t := range c.trials3(o, p) {
		if verifies(by, t.message, raw) {
			c.unsigned(o, t.en, t.zh)
			return
		}
	}
	if verifiesSHA1(by, p.message(), raw) {
		c.unsigned(o, "it was made with SHA1; SHA256-RSA is wanted", "签名使用了 SHA1，应为 SHA256-RSA")
		return
	}
	for _, mchID := range c.platform.MchIDs() {
		if mchID != o.MchID && verifies(c.platform.PublicKey(mchID), p.message(), raw) {
			c.unsigned(o, "it was made with the key of merchant %s, but merchant %s made the order", "签名使用了商户 %s 的私钥，但下单的是商户 %s", mchID, o.MchID)
			return
		}
	}
	c.unsigned(o, "", "")
}

// decode decodes base64. The texts say how a signature must be mended first, or
// without a signature that it cannot.
func decode(sign string) (raw []byte, en, zh string) {
	if one := strings.NewReplacer("\r", "", "\n", "").Replace(sign); one != sign { // DecodeString ignores them
		if raw, err := base64.StdEncoding.DecodeString(one); err == nil {
			return raw, "it has line feeds; base64 in one line is wanted, such as openssl base64 -A writes", "它含有换行；base64 应为一行，例如 openssl base64 -A 的输出"
		}
	}
	if raw, err := base64.StdEncoding.DecodeString(sign); err == nil {
		return raw, "", ""
	}
	text := sign
	if plain, err := url.PathUnescape(sign); err == nil {
		text = plain
	}
	text = strings.ReplaceAll(text, " ", "+")
	if raw, err := base64.StdEncoding.DecodeString(text); err == nil {
		return raw, "it is encoded or decoded as part of a URL; pass the base64 as it is", "它被做了 URL 编码或解码；请原样传 base64"
	}
	if raw, err := base64.RawURLEncoding.DecodeString(strings.TrimRight(sign, "=")); err == nil {
		return raw, "it is base64 for URLs (- and _); standard base64 is wanted (+ and /)", "它是 URL 用的 base64（- 和 _），应为标准 base64（+ 和 /）"
	}
	return nil, "it is not base64", "它不是 base64"
}

func verifies(key crypto.PublicKey, message string, signature []byte) bool {
	const serial = "PAYSIGN"
	return key != nil && signer.Verify(context.Background(), keys.Static{serial: key}, serial, []byte(message), signature) == nil
}

func verifiesSHA1(key crypto.PublicKey, message string, signature []byte) bool {
	public, ok := key.(*rsa.PublicKey)
	sum := sha1.Sum([]byte(message))
	return ok && rsa.VerifyPKCS1v15(public, crypto.SHA1, sum[:], signature) == nil
}

// fieldsOf returns what APIv2 signs. The names of apps are lower case; without makes
// other names for a page that signs those.
func (c *check) fieldsOf(p payload, signType, lower string) map[string]string {
	if c.call.Front == App {
		return map[string]string{"appid": p.appID, "partnerid": c.fields["partnerid"], "prepayid": p.last, "package": c.fields["package"],
			"noncestr": p.nonce, "timestamp": p.timeStamp}
	}
	fields := map[string]string{"appId": p.appID, "timeStamp": p.timeStamp, "nonceStr": p.nonce, "package": p.last, "signType": signType}
	if v, ok := fields[lower]; ok {
		delete(fields, lower)
		fields[strings.ToLower(lower)] = v
	}
	return fields
}

// sign2 verifies a signature of APIv2.
func (c *check) sign2(o *Order, appIDs []string, sign string) {
	key, key3 := c.platform.SecretKeys(o.MchID)
	p := c.payloadOf(appIDs[0])
	c.verdict.Signed = signer.V2Message(c.fieldsOf(p, o.SignType, ""))
	if !hexDigest.MatchString(sign) {
		c.unsigned(o, "it is not a digest in hexadecimal: the order was made by APIv2, whose signature is %s in upper-case hexadecimal", "它不是十六进制摘要：订单由 APIv2 下单，签名应为大写十六进制的 %s", o.SignType)
		return
	}
	upper := strings.ToUpper(sign)
	for _, appID := range appIDs {
		fields := c.fieldsOf(c.payloadOf(appID), o.SignType, "")
		if v2sum(o.SignType, key, fields) != upper {
			continue
		}
		c.verdict.Signed = signer.V2Message(fields)
		if sign != upper {
			c.unsigned(o, "it is in lower case; upper-case hexadecimal is wanted", "它是小写，应为大写十六进制")
		}
		return
	}
	for _, t := range c.trials2(o, p, key, key3) {
		if v2sum(t.signType, t.key, t.fields) == upper {
			c.unsigned(o, t.en, t.zh)
			return
		}
	}
	c.unsigned(o, "", "")
}

func v2sum(signType, key string, fields map[string]string) string {
	sum, err := signer.V2Sign(signType, key, fields)
	if err != nil {
		return ""
	}
	return sum
}

// A trial2 is a signature that a mistaken program may have made.
type trial2 struct {
	signType, key string
	fields        map[string]string
	en, zh        string
}

func (c *check) trials2(o *Order, p payload, key, key3 string) []trial2 {
	other := "MD5"
	if o.SignType == other {
		other = "HMAC-SHA256"
	}
	right := c.fieldsOf(p, o.SignType, "")
	bare := p
	bare.last = strings.TrimPrefix(p.last, "prepay_id=")
	given := cmp.Or(c.fields["signType"], o.SignType)
	all := []trial2{
		{other, key, c.fieldsOf(p, other, ""), "it was made with " + other + ", but the order with " + o.SignType, "签名使用了 " + other + "，但下单时是 " + o.SignType},
		{other, key, right, "it was made with " + other + ", but signType is " + o.SignType, "签名使用了 " + other + "，但 signType 是 " + o.SignType},
		{o.SignType, key, c.fieldsOf(p, given, ""), "it was made with the signType " + given, "参与签名的 signType 是 " + given},
		{o.SignType, key, c.fieldsOf(p, "", ""), "signType is not signed, and must be", "signType 没有参与签名"},
		{o.SignType, key, c.fieldsOf(bare, o.SignType, ""), "the bare prepay_id was signed, and not the whole package", "参与签名的是 prepay_id 本身，应为完整的 package"},
		{o.SignType, key3, right, "it was made with the APIv3 key; the order was made by APIv2, whose key is another one", "签名使用了 APIv3 密钥；订单由 APIv2 下单，应使用 APIv2 密钥"},
	}
	for _, name := range [...]string{"timeStamp", "appId", "nonceStr"} {
		all = append(all, trial2{o.SignType, key, c.fieldsOf(p, o.SignType, name), "it was signed under the name " + strings.ToLower(name) + "; the signed name is " + name,
			"签名时使用了名称 " + strings.ToLower(name) + "；签名串中的名称是 " + name})
	}
	for _, mchID := range c.platform.MchIDs() {
		if k, _ := c.platform.SecretKeys(mchID); mchID != o.MchID {
			all = append(all, trial2{o.SignType, k, right, "it was made with the key of merchant " + mchID, "签名使用了商户 " + mchID + " 的密钥"})
		}
	}
	for _, near := range nearTrials(p, func(q payload) string { return q.timeStamp }) {
		q := p
		q.timeStamp = near.message
		all = append(all, trial2{o.SignType, key, c.fieldsOf(q, o.SignType, ""), near.en, near.zh})
	}
	return all
}
