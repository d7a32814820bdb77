package wechatpay

import (
	"bytes"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"maps"
	"mime/multipart"
	"net/http"
	"net/textproto"
	"slices"
	"strings"

	"github.com/tidwall/gjson"
	"github.com/tidwall/sjson"

	"github.com/wxchain/wechatpay/internal/xmlmap"
)

// A form is a multipart body: parts with text, followed by a file.
type form struct {
	parts  []part
	file   string // the name of the part with the file
	signed []byte // APIv3: what is signed in place of the body
}

type part struct{ name, contentType, text string }

// v3Form returns the form of an APIv3 upload: the part meta, the fields that the
// operation wants beside it, and the file.
func v3Form(u *upload, operation string, fields []byte) (form, error) {
	layout := layoutOf(operation)
	meta, beside, err := layout.split(fields)
	if err == nil {
		meta, err = layout.complete(meta, u)
	}
	if err != nil {
		return form{}, &fault{kind: ErrOption, err: err}
	}
	f := form{file: layout.file, signed: meta, parts: []part{{"meta", "application/json", string(meta)}}}
	for i, v := range beside {
		if v.Type != gjson.Null {
			f.parts = append(f.parts, part{name: layout.beside[i], text: v.String()})
		}
	}
	return f, nil
}

// v2Form returns the form of an APIv2 upload: its fields, the file's MD5, and the
// file. The signer adds a part with their signature.
//
// https://pay.weixin.qq.com/wiki/doc/api/xiaowei.php?chapter=19_9
func v2Form(u *upload, d *xmlmap.Document) (form, error) {
	fields := map[string]any{}
	if d != nil { // a GET has none
		fields = maps.Clone(d.Fields())
	}
	fields["media_hash"] = hex.EncodeToString(u.sum)
	f := form{file: "media"}
	for _, name := range slices.Sorted(maps.Keys(fields)) {
		text, ok := fields[name].(string)
		if !ok {
			return form{}, &fault{kind: ErrOption, err: fmt.Errorf("field %q of an upload must be text", name)}
		}
		f.parts = append(f.parts, part{name: name, text: text})
	}
	return f, nil
}

// set makes the form, with the file u in it, the body of req. The file is read
// again each time the body is sent.
func (f form) set(req *http.Request, u *upload) error {
	var frame bytes.Buffer
	w := multipart.NewWriter(&frame)
	for _, p := range f.parts {
		if p.contentType == "" {
			if err := w.WriteField(p.name, p.text); err != nil {
				return err
			}
			continue
		}
		h := make(textproto.MIMEHeader)
		h.Set("Content-Disposition", fmt.Sprintf("form-data; name=%q", p.name))
		h.Set("Content-Type", p.contentType)
		to, err := w.CreatePart(h)
		if err == nil {
			_, err = io.WriteString(to, p.text)
		}
		if err != nil {
			return err
		}
	}
	h := make(textproto.MIMEHeader)
	h.Set("Content-Disposition", multipart.FileContentDisposition(f.file, u.name))
	h.Set("Content-Type", typeOf(u.name))
	if _, err := w.CreatePart(h); err != nil {
		return err
	}
	head := frame.Len()
	if err := w.Close(); err != nil {
		return err
	}
	framing, ctx := frame.Bytes(), req.Context()
	req.Header.Set("Content-Type", w.FormDataContentType())
	req.ContentLength = int64(len(framing)) + u.size
	req.GetBody = func() (io.ReadCloser, error) {
		return io.NopCloser(io.MultiReader(
			bytes.NewReader(framing[:head]), &fileReader{ctx: ctx, u: u}, bytes.NewReader(framing[head:]))), nil
	}
	var err error
	req.Body, err = req.GetBody()
	return err
}

// A layout gives the names of the parts of an APIv3 upload, and of the fields of
// its meta.
type layout struct {
	file      string   // the part with the file
	name, sum string   // in meta: the name of the file and its SHA-256
	beside    []string // fields outside meta, each in a part of its own
}

// layoutOf returns the layout for the operation at a path.
//
// https://pay.weixin.qq.com/doc/v3/merchant/4012760432
// https://pay.weixin.qq.com/doc/v3/partner/4014940425
// https://pay.weixin.qq.com/doc/v3/partner/4015631042
// https://pay.weixin.qq.com/docs/partner/apis/ecommerce-cancel/media/upload-media.html
func layoutOf(path string) layout {
	switch {
	case strings.HasPrefix(path, "v3/mch-manage/submission-files/"):
		return layout{"submission_file", "file_name", "file_digest", []string{"item_id", "manage_record_id"}}
	case strings.HasPrefix(path, "v3/mch-operation-manage/enhanced-due-diligence/"):
		return layout{"due_diligence_file", "file_name", "file_digest", nil}
	case path == "v3/ecommerce/account/cancel-applications/media":
		return layout{"file", "file_name", "file_digest", nil}
	}
	return layout{"file", "filename", "sha256", nil}
}

// split separates the fields of meta from those beside it.
func (l layout) split(fields []byte) (meta []byte, beside []gjson.Result, err error) {
	if meta = fields; meta == nil {
		meta = []byte("{}")
	}
	if !gjson.ParseBytes(meta).IsObject() {
		return nil, nil, errors.New("the fields beside a file must be a JSON object; they go into its meta")
	}
	for _, name := range l.beside {
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

// complete adds the name and the SHA-256 of the file to meta. If meta has a
// digest that may be of another kind, complete adds nothing: the caller knows
// what the operation wants.
func (l layout) complete(meta []byte, u *upload) ([]byte, error) {
	m := gjson.ParseBytes(meta)
	sum, given := hex.EncodeToString(u.sum), m.Get("sha256")
	switch {
	case m.Get("file_digest").Exists() || m.Get("digest").Exists():
		return meta, nil
	case given.Exists() && !strings.EqualFold(given.String(), sum):
		return nil, fmt.Errorf("sha256 is %.80q, but that of the file is %s; leave it out, it is added", given.String(), sum)
	}
	var err error
	if !m.Get(l.name).Exists() {
		if meta, err = sjson.SetBytes(meta, l.name, u.name); err != nil {
			return nil, err
		}
	}
	return sjson.SetBytes(meta, l.sum, sum)
}
