package sandbox

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"io"
	"mime"
	"mime/multipart"
	"strings"

	"github.com/tidwall/gjson"

	"github.com/wxchain/wechatpay/internal/platform"
)

// checkUpload refuses a file that is not the one its meta, which is signed,
// names by its SHA-256.
//
// https://pay.weixin.qq.com/doc/v3/merchant/4012760432
func (in *inbound) checkUpload() error {
	if !in.isUpload() {
		return nil
	}
	meta, err := platform.Signed(in.header, in.body)
	if err != nil {
		return badField("/meta", nil, err.Error())
	}
	want := gjson.GetBytes(meta, "sha256").String()
	if want == "" {
		return nil
	}
	_, params, err := mime.ParseMediaType(in.header.Get("Content-Type"))
	if err != nil {
		return badField("", nil, "malformed Content-Type")
	}
	r := multipart.NewReader(bytes.NewReader(in.body), params["boundary"])
	for {
		part, err := r.NextPart()
		if err != nil {
			return badField("/file", nil, "the upload has no file, or is malformed")
		}
		if part.FileName() == "" {
			continue
		}
		sum := sha256.New()
		if _, err := io.Copy(sum, part); err != nil {
			return badField("/file", nil, "the upload is malformed")
		}
		if got := hex.EncodeToString(sum.Sum(nil)); !strings.EqualFold(got, want) {
			return badField("/meta/sha256", want, "it is not that of the file")
		}
		return nil
	}
}
