package sandbox

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
	"github.com/wxchain/wechatpay/openapi"
)

// An upload is a file, and what is said of it in its meta, which is signed.
type upload struct {
	meta gjson.Result
	file []byte
}

// sum is the SHA-256 of the file, in hex.
func (u *upload) sum() string {
	sum := sha256.Sum256(u.file)
	return hex.EncodeToString(sum[:])
}

// readUpload returns the upload of a request, nil if its operation takes none.
// A file that is not the one that the meta names by its SHA-256 is refused.
//
// https://pay.weixin.qq.com/doc/v3/merchant/4012760432
func (in *inbound) readUpload() (*upload, error) {
	i := slices.IndexFunc(in.op.Form, func(p openapi.Parameter) bool { return p.Type == openapi.File })
	switch {
	case i < 0 && in.isUpload():
		return nil, paramError("header", "Content-Type", nil, "this call takes no form")
	case i < 0:
		return nil, nil
	case !in.isUpload():
		return nil, paramError("header", "Content-Type", nil, "a file is sent as multipart/form-data")
	}
	meta, err := platform.Signed(in.header, in.body)
	if err != nil {
		return nil, badField("/meta", nil, err.Error())
	}
	u := &upload{meta: gjson.ParseBytes(meta)}
	if !gjson.ValidBytes(meta) || !u.meta.IsObject() {
		return nil, badField("/meta", nil, "it is no JSON object")
	}
	if u.file, err = in.part(in.op.Form[i].Name); err != nil {
		return nil, err
	}
	if want := u.meta.Get("sha256").String(); want != "" && !strings.EqualFold(u.sum(), want) {
		return nil, badField("/meta/sha256", want, "it is not that of the file")
	}
	return u, nil
}

// part reads the file in the part of an upload that has that name.
func (in *inbound) part(name string) ([]byte, error) {
	_, params, err := mime.ParseMediaType(in.header.Get("Content-Type"))
	if err != nil {
		return nil, badField("", nil, "malformed Content-Type")
	}
	r := multipart.NewReader(bytes.NewReader(in.body), params["boundary"])
	for {
		part, err := r.NextPart()
		if err != nil {
			return nil, badField("/"+name, nil, "the upload has no such file, or is malformed")
		}
		if part.FormName() != name || part.FileName() == "" {
			continue
		}
		file, err := io.ReadAll(part) // of a body that is limited
		if err != nil {
			return nil, badField("/"+name, nil, "the upload is malformed")
		}
		return file, nil
	}
}
