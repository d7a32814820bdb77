package wechatpay

import (
	"cmp"
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/wxchain/wechatpay/internal/identity"
	"github.com/wxchain/wechatpay/internal/quote"
	"github.com/wxchain/wechatpay/internal/stringify"
)

// JSAPIParams returns the parameters that pay an APIv3 order in a page or a mini
// program: appId, timeStamp, nonceStr, package, signType and paySign. A page
// passes them to WeixinJSBridge.invoke ("getBrandWCPayRequest"), and a mini
// program to wx.requestPayment. appID is the one that the order was made with. A
// partner gives sp_appid or sub_appid, depending on whose page or mini program
// pays.
//
// wx.chooseWXPay of the JS-SDK takes the same values with two changes: timestamp
// in lower case replaces timeStamp, and appId is left out. It uses the appId of
// wx.config, which must be appID.
//
// The error wraps [ErrOption] if an argument cannot be right, [ErrSign] if
// signing fails, and [ErrConfig] if the client lacks the keys of APIv3 or if
// Config.Nonce does not return 1 to 32 letters and digits.
//
// https://pay.weixin.qq.com/doc/v3/merchant/4012365341
func (c *Client) JSAPIParams(appID, prepayID string) (map[string]string, error) {
	return c.params("JSAPIParams", appID, prepayID, func(timestamp, nonce string) (map[string]string, error) {
		params := map[string]string{
			"appId": appID, "timeStamp": timestamp, "nonceStr": nonce, "package": "prepay_id=" + prepayID, "signType": "RSA",
		}
		return params, c.signParams(params, "paySign", appID, timestamp, nonce, params["package"])
	})
}

// AppParams returns the parameters that an app passes to the SDK of the Open
// Platform to pay an APIv3 order: appid, partnerid, prepayid, package, noncestr,
// timestamp and sign. partnerid is the client's merchant number, also for a
// partner. The errors are those of [Client.JSAPIParams].
//
// https://pay.weixin.qq.com/doc/v3/merchant/4013070351
func (c *Client) AppParams(appID, prepayID string) (map[string]string, error) {
	return c.params("AppParams", appID, prepayID, func(timestamp, nonce string) (map[string]string, error) {
		params := appParams(appID, c.mchID, prepayID, timestamp, nonce)
		return params, c.signParams(params, "sign", appID, timestamp, nonce, prepayID)
	})
}

// V2JSAPIParams does for an APIv2 order what [Client.JSAPIParams] does for an
// APIv3 order. Its parameters also suit wx.chooseWXPay. signType is that of the
// order: "MD5", the default, or "HMAC-SHA256".
//
// https://pay.weixin.qq.com/wiki/doc/api/jsapi.php?chapter=7_7&index=6
func (c *Client) V2JSAPIParams(appID, prepayID string, signType ...string) (map[string]string, error) {
	return c.params("V2JSAPIParams", appID, prepayID, func(timestamp, nonce string) (map[string]string, error) {
		t, err := oneSignType(signType)
		if err != nil {
			return nil, err
		}
		params := map[string]string{
			"appId": appID, "timeStamp": timestamp, "nonceStr": nonce, "package": "prepay_id=" + prepayID, "signType": t,
		}
		return params, c.v2SignParams(params, "paySign", t)
	})
}

// V2AppParams does for an APIv2 order what [Client.AppParams] does for an APIv3
// order. The client's merchant made the order for itself; for a partner's order
// use [Client.V2PartnerAppParams]. signType is that of the order: "MD5", the
// default, or "HMAC-SHA256".
//
// https://pay.weixin.qq.com/wiki/doc/api/app/app.php?chapter=9_12&index=2
func (c *Client) V2AppParams(appID, prepayID string, signType ...string) (map[string]string, error) {
	return c.v2AppParams("V2AppParams", c.mchID, appID, prepayID, signType)
}

// V2PartnerAppParams does what [Client.V2AppParams] does, for an APIv2 order that
// a partner made for a sub-merchant. subMchID is the sub-merchant's number and
// becomes partnerid. appID is that of the sub-merchant's app. The partner's key
// signs. If you give the partner's own number as subMchID, the user cannot pay.
//
// https://pay.weixin.qq.com/doc/v2/partner/4011986561
func (c *Client) V2PartnerAppParams(subMchID, appID, prepayID string, signType ...string) (map[string]string, error) {
	const what = "V2PartnerAppParams"
	if err := identity.CheckMchID(subMchID); err != nil {
		return nil, &fault{what: what, kind: ErrOption, err: fmt.Errorf("subMchID %w", err)}
	}
	return c.v2AppParams(what, subMchID, appID, prepayID, signType)
}

func (c *Client) v2AppParams(what, partnerID, appID, prepayID string, signType []string) (map[string]string, error) {
	return c.params(what, appID, prepayID, func(timestamp, nonce string) (map[string]string, error) {
		t, err := oneSignType(signType)
		if err != nil {
			return nil, err
		}
		params := appParams(appID, partnerID, prepayID, timestamp, nonce)
		return params, c.v2SignParams(params, "sign", t)
	})
}

func appParams(appID, partnerID, prepayID, timestamp, nonce string) map[string]string {
	return map[string]string{
		"appid": appID, "partnerid": partnerID, "prepayid": prepayID, "package": "Sign=WXPay", "noncestr": nonce, "timestamp": timestamp,
	}
}

// params checks the arguments and returns the parameters that sign makes.
func (c *Client) params(what, appID, prepayID string, sign func(timestamp, nonce string) (map[string]string, error)) (map[string]string, error) {
	if err := cmp.Or(checkAppID(appID), checkPrepayID(prepayID)); err != nil {
		return nil, &fault{what: what, kind: ErrOption, err: err}
	}
	nonce := c.nonce()
	if len(nonce) == 0 || len(nonce) > maxNonce || !isPlain(nonce) {
		return nil, &fault{what: what, kind: ErrConfig, err: fmt.Errorf("Config.Nonce gave %q, want 1 to %d letters and digits", stringify.Prefix(nonce, quote.Max), maxNonce)}
	}
	params, err := sign(strconv.FormatInt(c.clock().Unix(), 10), nonce)
	if err != nil {
		return nil, &fault{what: what, err: err}
	}
	return params, nil
}

const (
	maxNonce    = 32
	maxPrepayID = 128 // twice what is documented
)

// checkAppID returns an error if appID cannot be an appid.
func checkAppID(appID string) error {
	const like = "; an appid is like wx8888888888888888"
	switch {
	case appID == "":
		return errors.New("appID is missing" + like)
	case strings.Trim(appID, "0123456789") == "":
		return fmt.Errorf("appID is %s, a merchant's number%s", quote.Setting(appID), like)
	case strings.HasPrefix(appID, "gh_"):
		return fmt.Errorf("appID is %s, the original id of an account%s", quote.Setting(appID), like)
	case isNothing(appID) || len(appID) > 32 || !isPlain(appID):
		return fmt.Errorf("appID is %s%s", quote.Setting(appID), like)
	}
	return nil
}

// checkPrepayID returns an error if prepayID cannot be a prepay_id. A prepay_id
// is opaque, but consists of letters and digits.
func checkPrepayID(prepayID string) error {
	const want = "; give what the platform answered as prepay_id, and nothing else"
	switch {
	case prepayID == "":
		return errors.New("prepayID is missing" + want)
	case strings.HasPrefix(prepayID, "prepay_id="):
		return errors.New(`prepayID starts with "prepay_id=", which is added here` + want)
	case isNothing(prepayID):
		return fmt.Errorf("prepayID is %s, the printed form of a missing value%s", quote.Setting(prepayID), want)
	case len(prepayID) > maxPrepayID:
		return fmt.Errorf("prepayID has %d characters, at most %d are expected%s", len(prepayID), maxPrepayID, want)
	case strings.ContainsAny(prepayID, `{}[]"`):
		return fmt.Errorf("prepayID is %s, which looks like JSON%s", quote.Setting(prepayID), want)
	case strings.Contains(prepayID, "%"):
		return fmt.Errorf("prepayID is %s, which is encoded for a URL%s", quote.Setting(prepayID), want)
	}
	for _, r := range prepayID {
		if !isPlain(string(r)) {
			return fmt.Errorf("prepayID has the character %q, which no prepay_id has%s", r, want)
		}
	}
	return nil
}

// isNothing reports whether some language prints a missing value as s.
func isNothing(s string) bool {
	switch strings.ToLower(strings.Trim(s, "<>()%!v")) {
	case "null", "nil", "none", "undefined", "nan", "false", "true":
		return true
	}
	return false
}

// isPlain reports whether s consists only of ASCII letters and digits, _ and -.
func isPlain(s string) bool {
	for i := range len(s) {
		if c := s[i]; !('a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9' || c == '_' || c == '-') {
			return false
		}
	}
	return true
}

// signParams signs the lines and adds the signature to params.
func (c *Client) signParams(params map[string]string, name string, lines ...string) error {
	if c.sign == nil {
		return fmt.Errorf("%w: this client is for APIv2 alone; set SerialNo, PrivateKey and PlatformKeys", ErrConfig)
	}
	signature, err := c.sign(context.Background(), []byte(strings.Join(lines, "\n")+"\n"))
	if err != nil {
		return fmt.Errorf("%w: %w", ErrSign, err)
	}
	params[name] = base64.StdEncoding.EncodeToString(signature)
	return nil
}

// v2SignParams adds the APIv2 signature of all params to params.
func (c *Client) v2SignParams(params map[string]string, name, signType string) error {
	if c.v2Sign == nil {
		return fmt.Errorf("%w: this client is for APIv3 alone; set APIv2Key", ErrConfig)
	}
	sign, err := c.v2Sign(signType, params)
	params[name] = sign
	return err
}

func oneSignType(signType []string) (string, error) {
	switch {
	case len(signType) == 0 || len(signType) == 1 && signType[0] == "":
		return "MD5", nil
	case len(signType) > 1:
		return "", fmt.Errorf("%w: %d sign types are given, an order has one", ErrOption, len(signType))
	}
	return signType[0], nil
}
