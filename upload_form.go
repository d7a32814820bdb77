package wechatpay

import (
	"encoding/hex"
	"errors"
	"fmt"
	"mime/multipart"
	"net/http"
	"net/textproto"
	"strings"

	"github.com/tidwall/gjson"
	"github.com/tidwall/sjson"
)

// A form is what the parts of an upload are called, and the fields of its meta.
type form struct {
	file      string   // the part with the file
	name, sum string   // in meta: the name of the file and its SHA-256
	beside    []string // fields that are no part of meta, but each a part
}

// formOf is the form that the operation at a path wants.
//
// https://pay.weixin.qq.com/doc/v3/merchant/4012760432
// https://pay.weixin.qq.com/doc/v3/partner/4014940425
// https://pay.weixin.qq.com/doc/v3/partner/4015631042
// https://pay.weixin.qq.com/docs/partner/apis/ecommerce-cancel/media/upload-media.html
func formOf(path string) form {
	switch {
	case strings.HasPrefix(path, "v3/mch-manage/submission-files/"):
		return form{"submission_file", "file_name", "file_digest", []string{"item_id", "manage_record_id"}}
	case strings.HasPrefix(path, "v3/mch-operation-manage/enhanced-due-diligence/"):
		return form{"due_diligence_file", "file_name", "file_digest", nil}
	case path == "v3/ecommerce/account/cancel-applications/media":
		return form{"file", "file_name", "file_digest", nil}
	}
	return form{"file", "filename", "sha256", nil}
}

// setUploadBody makes meta and file the body of an APIv3 call, or the signed
// fields and media that of an APIv2 call.
func (c *call) setUploadBody(req *http.Request, fields []byte) error {
	if c.protocol == APIv2 {
		return c.setMedia(req)
	}
	f := formOf(strings.TrimPrefix(c.url.EscapedPath(), c.base.path))
	meta, beside, err := f.split(fields)
	if err == nil {
		meta, err = f.complete(meta, c.file)
	}
	if err != nil {
		return err
	}
	c.exchange.Signed = meta
	return c.file.setMultipart(req, f.file, func(w *multipart.Writer) error {
		h := make(textproto.MIMEHeader)
		h.Set("Content-Disposition", `form-data; name="meta"`)
		h.Set("Content-Type", "application/json")
		part, err := w.CreatePart(h)
		if err == nil {
			_, err = part.Write(meta)
		}
		for i := 0; i < len(f.beside) && err == nil; i++ {
			if v := beside[i]; v.Type != gjson.Null {
				err = w.WriteField(f.beside[i], v.String())
			}
		}
		return err
	})
}

// split parts the fields of an upload into those of meta and those beside it.
func (f form) split(fields []byte) (meta []byte, beside []gjson.Result, err error) {
	if meta = fields; meta == nil {
		meta = []byte("{}")
	}
	if !gjson.ParseBytes(meta).IsObject() {
		return nil, nil, errors.New("what is said of a file must be a JSON object: the fields of its meta")
	}
	for _, name := range f.beside {
		v := gjson.GetBytes(meta, name)
		beside = append(beside, v)
		if v.Exists() {
			if meta, err = sjson.DeleteBytes(meta, name); err != nil {
				return nil, nil, err
			}
		}
	}
	return meta, beside, nil
}

// complete adds to meta the name of the file and its sum, unless it has a sum
// that is none of SHA-256, or may be none: that is then for the caller to know.
func (f form) complete(meta []byte, u *upload) ([]byte, error) {
	m := gjson.ParseBytes(meta)
	sum, given := hex.EncodeToString(u.sum), m.Get("sha256")
	switch {
	case m.Get("file_digest").Exists() || m.Get("digest").Exists():
		return meta, nil
	case given.Exists() && !strings.EqualFold(given.String(), sum):
		return nil, fmt.Errorf("sha256 is %.80q, but that of the file is %s; leave it out, it is added", given.String(), sum)
	}
	var err error
	if !m.Get(f.name).Exists() {
		if meta, err = sjson.SetBytes(meta, f.name, u.name); err != nil {
			return nil, err
		}
	}
	return sjson.SetBytes(meta, f.sum, sum)
}
