package wechatpay

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"strconv"
	"strings"
)

// JSAPIParams returns what a page passes to WeixinJSBridge.invoke
// ("getBrandWCPayRequest") or a mini program to wx.requestPayment, to pay an
// order of APIv3: appId, timeStamp, nonceStr, package, signType and paySign.
// appID is the one the order was made with.
//
// An argument that cannot be right is an [ErrOption], a client without the
// keys of APIv3 an [ErrConfig], a signature that cannot be made an [ErrSign].
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

// AppParams returns what an app passes to the SDK of the Open Platform, to pay
// an order of APIv3: appid, partnerid, prepayid, package, noncestr, timestamp
// and sign. Its errors are those of [Client.JSAPIParams].
//
// https://pay.weixin.qq.com/doc/v3/merchant/4013070351
func (c *Client) AppParams(appID, prepayID string) (map[string]string, error) {
	return c.params("AppParams", appID, prepayID, func(timestamp, nonce string) (map[string]string, error) {
		params := c.appParams(appID, prepayID, timestamp, nonce)
		return params, c.signParams(params, "sign", appID, timestamp, nonce, prepayID)
	})
}

// V2JSAPIParams is [Client.JSAPIParams] for an order of APIv2. signType is
// that of the order: "MD5", the default, or "HMAC-SHA256".
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

// V2AppParams is [Client.AppParams] for an order of APIv2. signType is that of
// the order: "MD5", the default, or "HMAC-SHA256".
//
// https://pay.weixin.qq.com/wiki/doc/api/app/app.php?chapter=9_12&index=2
func (c *Client) V2AppParams(appID, prepayID string, signType ...string) (map[string]string, error) {
	return c.params("V2AppParams", appID, prepayID, func(timestamp, nonce string) (map[string]string, error) {
		t, err := oneSignType(signType)
		if err != nil {
			return nil, err
		}
		params := c.appParams(appID, prepayID, timestamp, nonce)
		return params, c.v2SignParams(params, "sign", t)
	})
}

func (c *Client) appParams(appID, prepayID, timestamp, nonce string) map[string]string {
	return map[string]string{
		"appid": appID, "partnerid": c.mchID, "prepayid": prepayID, "package": "Sign=WXPay", "noncestr": nonce, "timestamp": timestamp,
	}
}

// params checks what the caller gives and lets sign make the parameters of it.
func (c *Client) params(what, appID, prepayID string, sign func(timestamp, nonce string) (map[string]string, error)) (map[string]string, error) {
	kind, err := ErrOption, error(nil)
	switch {
	case strings.HasPrefix(prepayID, "prepay_id="):
		err = errors.New(`prepayID starts with "prepay_id=", which is added here; give what the platform answered as prepay_id`)
	case appID == "" || strings.ContainsAny(appID, "\n\r &="):
		err = fmt.Errorf("appID is %q, which is no appid; it is like wx8888888888888888", appID)
	case prepayID == "" || strings.ContainsAny(prepayID, "\n\r &="):
		err = fmt.Errorf("prepayID is %q; it is what the platform answered as prepay_id", prepayID)
	}
	if err != nil {
		return nil, &fault{what: what, kind: kind, err: err}
	}
	params, err := sign(strconv.FormatInt(c.clock().Unix(), 10), c.nonce())
	if err != nil {
		return nil, &fault{what: what, err: err}
	}
	return params, nil
}

// signParams adds to params the signature of some lines.
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

// v2SignParams adds to params the APIv2 signature of all of them.
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
