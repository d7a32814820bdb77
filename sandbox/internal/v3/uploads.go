package v3

import (
	"net/http"

	"github.com/wxchain/wechatpay/sandbox/internal/money"
	"github.com/wxchain/wechatpay/sandbox/internal/wire"
)

// uploads returns the handlers of images and videos. Other calls name these by
// their media_id or media_url.
//
// https://pay.weixin.qq.com/doc/v3/partner/4012760509 (images),
// https://pay.weixin.qq.com/docs/partner/apis/media-upload/media/video-upload.html (videos),
// https://pay.weixin.qq.com/doc/v3/partner/4012467222 (of complaints),
// https://pay.weixin.qq.com/docs/partner/apis/ecommerce-cancel/media/upload-media.html
func uploads() map[string]handler {
	const complaints = "merchant-service/images/"
	return map[string]handler{
		"POST v3/merchant/media/upload":                       take(Media.TakeImage),
		"POST v3/merchant/media/video_upload":                 take(Media.TakeVideo),
		"POST v3/ecommerce/account/cancel-applications/media": take(Media.TakeImage),

		"POST v3/marketing/favor/media/image-upload":                  takeLinked,
		"POST v3/marketing/partner/product-coupon/media/upload-image": takeLinked,

		"POST v3/" + complaints + "upload":           takeComplaint,
		"POST v3/global/" + complaints + "upload":    takeComplaint,
		"GET v3/" + complaints + "{media_id}":        downloadComplaint,
		"GET v3/global/" + complaints + "{media_id}": downloadComplaint,
	}
}

type mediaAnswer struct {
	ID  string `json:"media_id,omitempty"`
	URL string `json:"media_url,omitempty"`
}

// take accepts a file that cannot be downloaded again.
func take(f func(Media, *money.Ledger, *wire.Upload) (id string, err error)) handler {
	return func(c *call) (int, any, error) {
		id, err := f(c.api.Media, c.Ledger, c.upload)
		return http.StatusOK, mediaAnswer{ID: id}, err
	}
}

// takeLinked accepts an image that everybody may see at its media_url.
func takeLinked(c *call) (int, any, error) {
	id, err := c.api.Media.KeepImage(c.Ledger, c.merchant.MchID, c.upload)
	return http.StatusOK, mediaAnswer{URL: c.base + c.api.ImagePath + id}, err
}

// takeComplaint accepts an image for a response to a complaint.
func takeComplaint(c *call) (int, any, error) {
	id, err := c.api.Media.KeepImage(c.Ledger, c.merchant.MchID, c.upload)
	return http.StatusOK, mediaAnswer{ID: id}, err
}

// downloadComplaint answers with an image that the merchant uploaded.
func downloadComplaint(c *call) (int, any, error) {
	contentType, data, err := c.api.Media.Image(c.Tx, c.merchant.MchID, c.vars["media_id"])
	return http.StatusOK, download{contentType, data}, err
}
