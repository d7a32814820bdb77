package doctor

import (
	"cmp"
	"context"
	"os"
	"strings"

	"github.com/wxchain/wechatpay"
	"github.com/wxchain/wechatpay/cmd/wxpay/internal/shared/exit"
	"github.com/wxchain/wechatpay/cmd/wxpay/internal/shared/lang"
	"github.com/wxchain/wechatpay/cmd/wxpay/internal/shared/settings"
	"github.com/wxchain/wechatpay/internal/baseurl"
	"github.com/wxchain/wechatpay/internal/quote"
)

func checkConfiguration(_ context.Context, c *checkup) finding {
	switch {
	case c.broken != nil:
		return bad(exit.Usage, c.broken, lang.Phrase("correct that; what else is set is checked below"))
	case len(c.origins) == 0:
		name := cmp.Or(c.Config, settings.FileName)
		if _, err := os.Stat(name); err == nil {
			return fine("%s sets nothing", name).but(lang.Phrase("fill it in, or run wxpay init in a terminal"))
		}
		return bad(exit.Usage, lang.Sprintf("nothing is set, and there is no %s in this folder", settings.FileName), lang.Phrase("write one with wxpay init, or name one with --config"))
	}
	return fine("%s", c.origins)
}

func checkMchID(_ context.Context, c *checkup) finding {
	if missing, ok := c.need("mchid"); !ok {
		return missing
	}
	const mend lang.Phrase = "it is the merchant's number, such as 1900000109, from the merchant platform's account center"
	if err := refuse(wechatpay.Config{MchID: c.MchID, APIv2Key: anyAPIv2Key}); err != "" {
		return bad(exit.Usage, err, mend)
	}
	const fewest, usual, most = 7, 10, 32 // digits
	switch n := len(c.MchID); {
	case n > most:
		return bad(exit.Usage, lang.Sprintf("it has %d digits; a merchant's number has at most %d", n, most), mend)
	case n < fewest || n > usual:
		return fine("%s, but merchants' numbers usually have 8 to 10 digits", c.MchID).but(lang.Phrase("compare it with the one in the merchant platform's account center"))
	}
	return fine("%s", c.MchID)
}

func checkBaseURL(_ context.Context, c *checkup) finding {
	if meant := baseurl.Meant(c.BaseURL); meant != "" {
		return bad(exit.Usage, lang.Sprintf("%s does not start with https:// or http:// and a host", quote.Setting(c.BaseURL)), lang.Sprintf("write %s", meant))
	}
	if err := refuse(wechatpay.Config{MchID: anyMchID, APIv2Key: anyAPIv2Key, BaseURL: c.BaseURL}); err != "" {
		return bad(exit.Usage, err, lang.Phrase("leave it out, unless another host is meant"))
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
