package doctor

import (
	"cmp"
	"context"
	"strings"

	"github.com/wxchain/wechatpay"
	"github.com/wxchain/wechatpay/cmd/wxpay/internal/shared/exit"
	"github.com/wxchain/wechatpay/cmd/wxpay/internal/shared/settings"
)

func checkConfiguration(_ context.Context, c *checkup) finding {
	switch {
	case c.broken != nil:
		return bad(exit.Usage, c.broken, "correct that; what else is set is checked below")
	case c.origins == "":
		return bad(exit.Usage, "nothing is set, and there is no "+settings.FileName+" in this folder", "write one with wxpay init, or name one with --config")
	}
	return fine("%s", c.origins)
}

func checkMchID(_ context.Context, c *checkup) finding {
	if missing, ok := c.need("mchid"); !ok {
		return missing
	}
	const mend = "it is the merchant's number, such as 1900000109, from the merchant platform's account center"
	if err := refuse(wechatpay.Config{MchID: c.MchID, APIv2Key: anyAPIv2Key}); err != "" {
		return bad(exit.Usage, err, mend)
	}
	if strings.HasPrefix(c.MchID, "wx") {
		return bad(exit.Usage, "it starts as an appid does", mend)
	}
	return fine("%s", c.MchID)
}

func checkBaseURL(_ context.Context, c *checkup) finding {
	if err := refuse(wechatpay.Config{MchID: anyMchID, APIv2Key: anyAPIv2Key, BaseURL: c.BaseURL}); err != "" {
		return bad(exit.Usage, err, "leave it out, unless another host is meant")
	}
	return fine("%s", c.base())
}

// base returns the URL of the host that is called.
func (c *checkup) base() string { return cmp.Or(c.BaseURL, wechatpay.DefaultBaseURL) }

// Placeholders for settings that are not checked.
const (
	anyMchID    = "1900000109"
	anyAPIv2Key = "00000000000000000000000000000000"
)

// refuse says why no client can be made from config, or returns "".
func refuse(config wechatpay.Config) string {
	_, err := wechatpay.New(config)
	if err == nil {
		return ""
	}
	return strings.TrimPrefix(err.Error(), "wechatpay: config: ")
}
