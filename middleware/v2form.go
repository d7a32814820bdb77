package middleware

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"mime"
	"mime/multipart"
	"net/http"

	"github.com/wxchain/wechatpay/signer"
)

// maxFormFields is how many bytes of a form may come before its file.
const maxFormFields = 1 << 20

// signForm puts a part sign before the parts of an upload, whose body it does
// not hold in memory.
//
// https://pay.weixin.qq.com/wiki/doc/api/xiaowei.php?chapter=19_9
func signForm(key string, req *http.Request) error {
	_, params, err := mime.ParseMediaType(req.Header.Get("Content-Type"))
	if err != nil || params["boundary"] == "" {
		return errors.New("a body that is streamed must be a form, multipart/form-data with a boundary")
	}
	if err := reopen(req); err != nil {
		return err
	}
	fields, err := formFields(req.Body, params["boundary"])
	if err != nil {
		return fmt.Errorf("the form: %w", err)
	}
	sign, err := signer.V2Sign(fields["sign_type"], key, fields)
	if err != nil {
		return err
	}
	part := []byte("--" + params["boundary"] + "\r\nContent-Disposition: form-data; name=\"sign\"\r\n\r\n" + sign + "\r\n")
	unsigned := req.GetBody
	req.GetBody = func() (io.ReadCloser, error) {
		rest, err := unsigned()
		if err != nil {
			return nil, err
		}
		return struct {
			io.Reader
			io.Closer
		}{io.MultiReader(bytes.NewReader(part), rest), rest}, nil
	}
	if req.ContentLength > 0 {
		req.ContentLength += int64(len(part))
	}
	return reopen(req)
}

// formFields reads the parts of a form that come before its file.
func formFields(body io.Reader, boundary string) (map[string]string, error) {
	fields := make(map[string]string)
	r := multipart.NewReader(io.LimitReader(body, maxFormFields), boundary)
	for {
		part, err := r.NextRawPart()
		switch {
		case err == io.EOF:
			return fields, nil
		case err != nil:
			return nil, err
		case part.FileName() != "":
			return fields, nil
		}
		text, err := io.ReadAll(part)
		if err != nil {
			return nil, err
		}
		if _, ok := fields[part.FormName()]; ok {
			return nil, fmt.Errorf("it has %.64q twice; a signature covers one value of each name", part.FormName())
		}
		fields[part.FormName()] = string(text)
	}
}
