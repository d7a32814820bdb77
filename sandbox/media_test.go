package sandbox_test

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"path/filepath"
	"strings"
	"testing"

	"github.com/wxchain/wechatpay"
	"github.com/wxchain/wechatpay/internal/inprocess"
	"github.com/wxchain/wechatpay/middleware"
	"github.com/wxchain/wechatpay/sandbox"
)

// The first bytes of each kind of file.
const (
	png  = "\x89PNG\r\n\x1a\n"
	jpeg = "\xff\xd8\xff"
	bmp  = "BM"
)

const complaintImages = "v3/merchant-service/images/upload"

func (w *world) upload(path, name, file string, meta ...wechatpay.Option) (*wechatpay.Response, error) {
	return w.client.Chain(path).Post(context.Background(), append(meta, wechatpay.Upload(name, strings.NewReader(file)))...)
}

func TestMediaTaken(t *testing.T) {
	w := newWorld(t)
	seen := make(map[string]bool)
	for _, tt := range []struct{ path, name, file, answer string }{
		{"v3/merchant/media/upload", "a.png", png, "media_id"},
		{"v3/merchant/media/upload", "a.png", png, "media_id"}, // the same file is another one
		{"v3/merchant/media/upload", "店铺.JPG", jpeg, "media_id"},
		{"v3/merchant/media/upload", "a.bmp", bmp + strings.Repeat("\x00", 2<<20-2), "media_id"},
		{"v3/merchant/media/video_upload", "a.mp4", strings.Repeat("\x00", 5<<20), "media_id"},
		{"v3/merchant/media/video_upload", "a.rmvb", "x", "media_id"},
		{"v3/ecommerce/account/cancel-applications/media", "a.png", png, "media_id"},
		{complaintImages, "a.png", png, "media_id"},
		{"v3/global/merchant-service/images/upload", "a.png", png, "media_id"},
		{"v3/marketing/favor/media/image-upload", "a.png", png, "media_url"},
		{"v3/marketing/partner/product-coupon/media/upload-image", "a.png", png, "media_url"},
	} {
		resp, err := w.upload(tt.path, tt.name, tt.file)
		if err != nil {
			t.Errorf("%s %s: %v", tt.path, tt.name, err)
			continue
		}
		id := resp.Get(tt.answer).String()
		if id == "" || seen[id] || len(resp.JSON().Map()) != 1 || filepath.Ext(id) != strings.ToLower(filepath.Ext(tt.name)) {
			t.Errorf("%s: %s", tt.path, resp.Bytes())
		}
		seen[id] = true
		documented(t, "POST", tt.path, resp)
	}
}

func TestMediaRefused(t *testing.T) {
	w := newWorld(t)
	const image, video = "v3/merchant/media/upload", "v3/merchant/media/video_upload"
	for name, tt := range map[string]struct {
		path, name, file string
		code, says       string
	}{
		"another suffix":     {image, "a.gif", png, "PARAM_ERROR", "/meta/filename"},
		"no suffix":          {image, "png", png, "PARAM_ERROR", "/meta/filename"},
		"a long name":        {image, strings.Repeat("a", 125) + ".png", png, "PARAM_ERROR", "/meta/filename"},
		"no image":           {image, "a.png", "GIF89a", "INVALID_REQUEST", "image/png"},
		"a large image":      {image, "a.png", png + strings.Repeat("\x00", 2<<20), "INVALID_REQUEST", "2097152"},
		"an image as video":  {video, "a.png", png, "PARAM_ERROR", "/meta/filename"},
		"a large video":      {video, "a.mp4", strings.Repeat("\x00", 5<<20+1), "INVALID_REQUEST", "5242880"},
		"a large coupon":     {"v3/marketing/favor/media/image-upload", "a.png", png + strings.Repeat("\x00", 2<<20), "INVALID_REQUEST", "2097152"},
		"no complaint image": {complaintImages, "a.png", "text", "INVALID_REQUEST", "image/png"},
		"cancelling":         {"v3/ecommerce/account/cancel-applications/media", "a.gif", png, "PARAM_ERROR", "/meta/file_name"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := w.upload(tt.path, tt.name, tt.file)
			e := refused(t, err, http.StatusBadRequest, tt.code)
			if !strings.Contains(e.Error(), tt.says) {
				t.Errorf("%v does not say %q", e, tt.says)
			}
			verified(t, w, e.Response)
		})
	}
	_, err := w.upload(image, "a.png", png+strings.Repeat("\x00", 6<<20))
	refused(t, err, http.StatusRequestEntityTooLarge, "INVALID_REQUEST")
}

// The meta is signed, and the file must match it.
func TestMediaMeta(t *testing.T) {
	w := newWorld(t)
	sum := strings.Repeat("0", 64)
	for name, tt := range map[string]struct {
		path  string
		meta  wechatpay.M
		field string
	}{
		"another file":             {"v3/ecommerce/account/cancel-applications/media", wechatpay.M{"file_digest": sum, "file_name": "a.png"}, "/meta/file_digest"},
		"a digest of another name": {complaintImages, wechatpay.M{"digest": sum, "filename": "a.png"}, "/meta/sha256"},
		"no name":                  {complaintImages, wechatpay.M{"digest": sum}, "/meta/filename"},
	} {
		_, err := w.upload(tt.path, "a.png", png, wechatpay.JSON(tt.meta))
		if e := refused(t, err, http.StatusBadRequest, "PARAM_ERROR"); e.Detail.Get("field").String() != tt.field {
			t.Errorf("%s: %v, want the field %s", name, e, tt.field)
		}
	}
	swap := func(req *http.Request) {
		body, _ := io.ReadAll(req.Body)
		middleware.SetBody(req, bytes.Replace(body, []byte(png), []byte(png[:7]+"\r"), 1))
	}
	_, err := w.between(t, swap).Chain(complaintImages).Post(context.Background(), wechatpay.Upload("a.png", strings.NewReader(png)))
	if e := refused(t, err, http.StatusBadRequest, "PARAM_ERROR"); e.Detail.Get("field").String() != "/meta/sha256" {
		t.Error(e)
	}
}

// A form in place of a JSON body does not avoid the check of the body.
func TestMediaElsewhere(t *testing.T) {
	w := newWorld(t)
	_, err := w.upload(native, "a.png", png)
	refused(t, err, http.StatusBadRequest, "PARAM_ERROR")
	_, err = w.call("POST", complaintImages, wechatpay.M{"filename": "a.png"})
	refused(t, err, http.StatusBadRequest, "PARAM_ERROR")
}

// An image for a complaint is downloaded byte for byte.
func TestComplaintImage(t *testing.T) {
	other, err := sandbox.KeyedMerchant("1900000110", start)
	if err != nil {
		t.Fatal(err)
	}
	w := newWorld(t, func(c *sandbox.Config) { c.Merchants = append(testConfig(t).Merchants, other) })
	for kind, file := range map[string]string{
		"image/png": png + "a picture", "image/jpeg": jpeg + strings.Repeat("\xff\x00\n", 1<<18), "image/bmp": bmp + "\x00",
	} {
		resp, err := w.upload(complaintImages, "a.png", file)
		if err != nil {
			t.Fatal(err)
		}
		id := resp.Get("media_id").String()
		got := w.mustCall(t, "GET", "v3/merchant-service/images/{media_id}", nil, wechatpay.Bind("media_id", id))
		if string(got.Bytes()) != file || got.Header.Get("Content-Type") != kind || got.Header.Get("Wechatpay-Signature") != "" {
			t.Errorf("got %d bytes, %v; want %d bytes of %s, not signed", len(got.Bytes()), got.Header, len(file), kind)
		}
		var sink bytes.Buffer
		w.mustCall(t, "GET", "v3/merchant-service/images/{media_id}", nil, wechatpay.Bind("media_id", id), wechatpay.Sink(&sink))
		if sink.String() != file {
			t.Errorf("streamed %d bytes, want %d", sink.Len(), len(file))
		}
		signed := w.mustCall(t, "GET", "v3/global/merchant-service/images/{media_id}", nil, wechatpay.Bind("media_id", id),
			wechatpay.Query(wechatpay.M{"complaint_id": "200201820200101080076610000"}))
		if string(signed.Bytes()) != file {
			t.Errorf("overseas: %d bytes, want %d", len(signed.Bytes()), len(file))
		}
		stranger := w.Client(func(c *wechatpay.Config) {
			c.MchID, c.SerialNo, c.PrivateKey, c.Transport = other.MchID, other.SerialNo, other.PrivateKey, inprocess.Transport(w.Server)
		})
		_, err = stranger.Chain("v3/merchant-service/images/{media_id}").Bind("media_id", id).Get(t.Context())
		refused(t, err, http.StatusNotFound, "RESOURCE_NOT_EXISTS")
	}
	_, err = w.call("GET", "v3/merchant-service/images/{media_id}", nil, wechatpay.Bind("media_id", "BB04A5DEEFEA18D4F2554C1EDD3B610B.bmp"))
	refused(t, err, http.StatusNotFound, "RESOURCE_NOT_EXISTS")
}

// Only the latest images are kept.
func TestImagesAreBounded(t *testing.T) {
	w := newWorld(t)
	var ids []string
	for range 65 {
		resp, err := w.upload(complaintImages, "a.png", png)
		if err != nil {
			t.Fatal(err)
		}
		ids = append(ids, resp.Get("media_id").String())
	}
	download := func(id string) error {
		_, err := w.call("GET", "v3/merchant-service/images/{media_id}", nil, wechatpay.Bind("media_id", id))
		return err
	}
	refused(t, download(ids[0]), http.StatusNotFound, "RESOURCE_NOT_EXISTS")
	for _, id := range ids[1:] {
		if err := download(id); err != nil {
			t.Errorf("one of the latest 64: %v", err)
		}
	}
}

// A media_url is open to everybody who reaches the sandbox.
func TestMediaURL(t *testing.T) {
	sb := sandbox.Start(t)
	resp, err := sb.Client().Chain("v3/marketing/favor/media/image-upload").Post(t.Context(), wechatpay.Upload("a.png", strings.NewReader(png)))
	if err != nil {
		t.Fatal(err)
	}
	get := func(url string) (int, string, string) {
		got, err := http.Get(url)
		if err != nil {
			t.Fatal(err)
		}
		defer got.Body.Close()
		body, err := io.ReadAll(got.Body)
		if err != nil {
			t.Fatal(err)
		}
		return got.StatusCode, got.Header.Get("Content-Type"), string(body)
	}
	if status, kind, body := get(resp.Get("media_url").String()); status != http.StatusOK || kind != "image/png" || body != png {
		t.Errorf("%d %s %q", status, kind, body)
	}
	if status, _, body := get(resp.Get("media_url").String() + "x"); status != http.StatusNotFound || !strings.Contains(body, "RESOURCE_NOT_EXISTS") {
		t.Errorf("%d %q", status, body)
	}
}

// The seed decides the ids of media.
func TestMediaIDs(t *testing.T) {
	ids := func(seed uint64) (all [3]string) {
		w := newWorld(t, func(c *sandbox.Config) { c.Seed = seed })
		for i := range all {
			resp, err := w.upload(complaintImages, "a.png", png)
			if err != nil {
				t.Fatal(err)
			}
			all[i] = resp.Get("media_id").String()
		}
		return all
	}
	if one, again, other := ids(1), ids(1), ids(2); one != again || one == other {
		t.Errorf("%v, %v again, %v by another seed", one, again, other)
	}
}
