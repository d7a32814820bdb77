package wire

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"io"
	"mime"
	"mime/multipart"
	"slices"
	"strings"

	"github.com/tidwall/gjson"

	"github.com/wxchain/wechatpay/internal/platform"
	"github.com/wxchain/wechatpay/internal/shallow"
	"github.com/wxchain/wechatpay/openapi"
)

// An Upload is a file with its meta, which is signed.
type Upload struct {
	Meta gjson.Result
	File []byte
}

// Sum returns the SHA-256 of the file in hexadecimal.
func (u *Upload) Sum() string {
	sum := sha256.Sum256(u.File)
	return hex.EncodeToString(sum[:])
}

// ReadUpload returns the upload of a request, or nil if the operation takes none.
// It refuses a file that does not match the SHA-256 in its meta.
//
// https://pay.weixin.qq.com/doc/v3/merchant/4012760432
func (in *Request) ReadUpload() (*Upload, error) {
	i := slices.IndexFunc(in.Op.Form, func(p openapi.Parameter) bool { return p.Type == openapi.File })
	switch {
	case i < 0 && in.IsUpload():
		return nil, ParamError("header", "Content-Type", nil, "this call takes no form")
	case i < 0:
		return nil, nil
	case !in.IsUpload():
		return nil, ParamError("header", "Content-Type", nil, "a file is sent as multipart/form-data")
	}
	meta, err := platform.Signed(in.Header, in.Body)
	if err != nil {
		return nil, BadField("/meta", nil, err.Error())
	}
	u := &Upload{Meta: shallow.ParseJSON(meta)}
	if !shallow.ValidJSON(meta) || !u.Meta.IsObject() {
		return nil, BadField("/meta", nil, "it is not a JSON object")
	}
	if u.File, err = in.part(in.Op.Form[i].Name); err != nil {
		return nil, err
	}
	if want := u.Meta.Get("sha256").String(); want != "" && !strings.EqualFold(u.Sum(), want) {
		return nil, BadField("/meta/sha256", want, "it is not that of the file")
	}
	return u, nil
}

// FindBoundary adds the boundary of a form to a Content-Type that lacks it, if the
// body shows it.
func (in *Request) FindBoundary() {
	_, params, err := mime.ParseMediaType(in.Header.Get("Content-Type"))
	if !in.IsUpload() || err == nil && params["boundary"] != "" {
		return
	}
	line, _, _ := bytes.Cut(bytes.TrimLeft(in.Body, "\r\n"), []byte("\n"))
	boundary, ok := strings.CutPrefix(strings.TrimSpace(string(line)), "--")
	if contentType := mime.FormatMediaType("multipart/form-data", map[string]string{"boundary": boundary}); ok && boundary != "" && contentType != "" {
		in.Header = in.Header.Clone()
		in.Header.Set("Content-Type", contentType)
	}
}

// part reads the file from the part with that name.
func (in *Request) part(name string) ([]byte, error) {
	_, params, err := mime.ParseMediaType(in.Header.Get("Content-Type"))
	if err != nil {
		return nil, BadField("", nil, "malformed Content-Type")
	}
	r := multipart.NewReader(bytes.NewReader(in.Body), params["boundary"])
	for {
		part, err := r.NextPart()
		if err != nil {
			return nil, BadField("/"+name, nil, "the upload has no such file, or is malformed")
		}
		if part.FormName() != name || part.FileName() == "" {
			continue
		}
		file, err := io.ReadAll(part) // the body is limited
		if err != nil {
			return nil, BadField("/"+name, nil, "the upload is malformed")
		}
		return file, nil
	}
}
