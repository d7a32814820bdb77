package sandbox

import (
	"crypto/sha256"
	"fmt"
	"net/http"
	"path"
	"slices"
	"strings"
)

// media are images and videos, which other calls name by their media_id or
// media_url.
//
// https://pay.weixin.qq.com/doc/v3/partner/4012760509 (images),
// https://pay.weixin.qq.com/docs/partner/apis/media-upload/media/video-upload.html (videos),
// https://pay.weixin.qq.com/doc/v3/partner/4012467222 (of complaints),
// https://pay.weixin.qq.com/docs/partner/apis/ecommerce-cancel/media/upload-media.html
func media() map[string]handler {
	const complaints = "merchant-service/images/"
	return map[string]handler{
		"POST v3/merchant/media/upload":                       images.take,
		"POST v3/merchant/media/video_upload":                 videos.take,
		"POST v3/ecommerce/account/cancel-applications/media": images.take,

		"POST v3/marketing/favor/media/image-upload":                  takeLinked,
		"POST v3/marketing/partner/product-coupon/media/upload-image": takeLinked,

		"POST v3/" + complaints + "upload":           takeComplaint,
		"POST v3/global/" + complaints + "upload":    takeComplaint,
		"GET v3/" + complaints + "{media_id}":        downloadComplaint,
		"GET v3/global/" + complaints + "{media_id}": downloadComplaint,
	}
}

// A mediaKind is which files an operation takes.
type mediaKind struct {
	most     int      // bytes
	suffixes []string // of the file's name
	types    []string // what the file must be, as far as that shows; empty is anything
}

var (
	images = mediaKind{2 << 20, []string{".jpg", ".jpeg", ".bmp", ".png"}, []string{"image/jpeg", "image/bmp", "image/png"}}
	videos = mediaKind{5 << 20, []string{".avi", ".wmv", ".mpeg", ".mp4", ".mov", ".mkv", ".flv", ".f4v", ".m4v", ".rmvb"}, nil}
)

// maxFileName is how long the name of a file may be, in bytes.
const maxFileName = 128

// check refuses a file that is none of the kind, and one that its meta does not
// say enough of. It returns the suffix of its name.
func (k mediaKind) check(u *upload) (suffix string, err error) {
	name, sum := "filename", "sha256"
	if u.meta.Get("file_name").Exists() {
		name, sum = "file_name", "file_digest"
	}
	text := u.meta.Get(name).String()
	suffix = strings.ToLower(path.Ext(text))
	switch {
	case text == "" || len(text) > maxFileName:
		return "", badField("/meta/"+name, nil, fmt.Sprintf("it has %d bytes, want 1 to %d", len(text), maxFileName))
	case !slices.Contains(k.suffixes, suffix):
		return "", badField("/meta/"+name, text, "it ends in none of "+strings.Join(k.suffixes, ", "))
	case !strings.EqualFold(u.meta.Get(sum).String(), u.sum()):
		return "", badField("/meta/"+sum, u.meta.Get(sum).Value(), "it is not the SHA-256 of the file")
	case len(u.file) == 0 || len(u.file) > k.most:
		return "", invalid(fmt.Sprintf("the file has %d bytes, want 1 to %d", len(u.file), k.most))
	case k.types != nil && !slices.Contains(k.types, http.DetectContentType(u.file)):
		return "", invalid("the file is none of " + strings.Join(k.types, ", "))
	}
	return suffix, nil
}

// newMediaID checks the file of a call and makes up an id for it.
func (k mediaKind) newMediaID(c *call) (string, error) {
	suffix, err := k.check(c.upload)
	if err != nil {
		return "", err
	}
	n, err := c.number("media")
	if err != nil {
		return "", err
	}
	sum := sha256.Sum256([]byte("media/" + n))
	return fmt.Sprintf("%X%s", sum[:16], suffix), nil
}

// take takes a file that nobody downloads again.
func (k mediaKind) take(c *call) (int, any, error) {
	id, err := k.newMediaID(c)
	return http.StatusOK, mediaAnswer{ID: id}, err
}

type mediaAnswer struct {
	ID  string `json:"media_id,omitempty"`
	URL string `json:"media_url,omitempty"`
}

// takeLinked takes an image that everybody may see, at its media_url.
func takeLinked(c *call) (int, any, error) {
	id, err := takeImage(c)
	return http.StatusOK, mediaAnswer{URL: c.base + strings.TrimPrefix(controlPath, "/") + "images/" + id}, err
}

// takeComplaint takes an image that answers a complaint.
func takeComplaint(c *call) (int, any, error) {
	id, err := takeImage(c)
	return http.StatusOK, mediaAnswer{ID: id}, err
}

// takeImage takes an image and keeps it.
func takeImage(c *call) (id string, err error) {
	if id, err = images.newMediaID(c); err != nil {
		return "", err
	}
	return id, saveImage(c.tx, id, image{c.merchant.MchID, http.DetectContentType(c.upload.file), c.upload.file})
}

// downloadComplaint answers with an image that the merchant uploaded.
func downloadComplaint(c *call) (int, any, error) {
	i, err := loadImage(c.tx, c.vars["media_id"])
	if err == nil && i.MchID != c.merchant.MchID {
		err = errNoImage
	}
	return http.StatusOK, i, err
}
