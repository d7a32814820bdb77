package middleware_test

import (
	"bytes"
	"errors"
	"io"
	"mime"
	"mime/multipart"
	"net/http"
	"net/textproto"
	"strings"
	"testing"

	"github.com/wxchain/wechatpay/middleware"
	"github.com/wxchain/wechatpay/signer"
)

// A formPart is a field of a form, or its file.
type formPart struct{ name, file, text string }

// streamedForm is a request whose body, a form, is streamed.
func streamedForm(t *testing.T, parts ...formPart) *http.Request {
	t.Helper()
	var b bytes.Buffer
	w := multipart.NewWriter(&b)
	for _, p := range parts {
		h := textproto.MIMEHeader{}
		params := map[string]string{"name": p.name}
		if p.file != "" {
			params["filename"] = p.file
		}
		h.Set("Content-Disposition", mime.FormatMediaType("form-data", params))
		part, err := w.CreatePart(h)
		if err != nil {
			t.Fatal(err)
		}
		io.WriteString(part, p.text)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	req := newRequest(t, "POST", "/secapi/mch/uploadmedia", &middleware.Exchange{Streamed: true})
	req.Header.Set("Content-Type", w.FormDataContentType())
	req.ContentLength = int64(b.Len())
	req.GetBody = func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(b.Bytes())), nil }
	return req
}

// sendForm sends req through V2Signer and returns the fields and the files that
// arrive.
func sendForm(t *testing.T, req *http.Request) (fields map[string]string, length, read int64, err error) {
	t.Helper()
	rt := middleware.V2Signer(v2Key)(transport(func(req *http.Request) (*http.Response, error) {
		body, err := io.ReadAll(req.Body)
		if err != nil {
			return nil, err
		}
		again, err := req.GetBody()
		if err != nil {
			return nil, err
		}
		if same, err := io.ReadAll(again); err != nil || !bytes.Equal(body, same) {
			t.Errorf("GetBody gives %d bytes, %v; the body has %d", len(same), err, len(body))
		}
		length, read = req.ContentLength, int64(len(body))
		_, params, err := mime.ParseMediaType(req.Header.Get("Content-Type"))
		if err != nil {
			return nil, err
		}
		fields = make(map[string]string)
		for r := multipart.NewReader(bytes.NewReader(body), params["boundary"]); ; {
			part, err := r.NextRawPart()
			if err == io.EOF {
				return answering(200, nil, "")(req)
			}
			if err != nil {
				return nil, err
			}
			text, err := io.ReadAll(part)
			if err != nil {
				return nil, err
			}
			fields[part.FormName()] = string(text)
		}
	}))
	_, err = rt.RoundTrip(req)
	return fields, length, read, err
}

func TestV2SignerOfAForm(t *testing.T) {
	for _, tt := range []struct {
		name   string
		parts  []formPart
		signed []string
		sign   int // its length
	}{
		{"a file after fields", []formPart{{"mch_id", "", mchID}, {"media_hash", "", "AB"}, {"media", "a.jpg", "bytes"}}, []string{"mch_id", "media_hash"}, 32},
		{"a sign type", []formPart{{"sign_type", "", "HMAC-SHA256"}, {"mch_id", "", mchID}, {"media", "a.jpg", "bytes"}}, []string{"sign_type", "mch_id"}, 64},
		{"fields after the file", []formPart{{"mch_id", "", mchID}, {"media", "a.jpg", "bytes"}, {"late", "", "x"}}, []string{"mch_id"}, 32},
		{"no file", []formPart{{"mch_id", "", mchID}}, []string{"mch_id"}, 32},
		{"an empty field", []formPart{{"mch_id", "", mchID}, {"empty", "", ""}, {"media", "a.jpg", ""}}, []string{"mch_id", "empty"}, 32},
	} {
		checkSignedForm(t, tt.name, tt.parts, tt.signed, tt.sign)
	}
}

// checkSignedForm sends a form and checks that it arrives with a sign of that
// length over the fields named signed.
func checkSignedForm(t *testing.T, name string, parts []formPart, signed []string, sign int) {
	t.Helper()
	req := streamedForm(t, parts...)
	whole := req.ContentLength
	fields, length, read, err := sendForm(t, req)
	if err != nil {
		t.Errorf("%s: %v", name, err)
		return
	}
	covered := map[string]string{"sign": fields["sign"]}
	for _, field := range signed {
		covered[field] = fields[field]
	}
	if err := signer.V2Verify(v2Key, covered); err != nil || len(fields["sign"]) != sign {
		t.Errorf("%s: sign %q, %v", name, fields["sign"], err)
	}
	if len(fields) != len(parts)+1 || read <= whole || length != read {
		t.Errorf("%s: sent the fields %q in %d bytes, and ContentLength is %d", name, fields, read, length)
	}
	if req.ContentLength != whole {
		t.Errorf("%s: the request was changed", name)
	}
}

// A form whose length is not announced is signed too, and keeps its ContentLength.
func TestV2SignerOfAFormOfUnknownLength(t *testing.T) {
	for _, given := range []int64{0, -1} {
		req := streamedForm(t, formPart{"mch_id", "", mchID}, formPart{"media", "a.jpg", "bytes"})
		whole := req.ContentLength
		req.ContentLength = given
		fields, length, read, err := sendForm(t, req)
		if err != nil {
			t.Errorf("%d: %v", given, err)
			continue
		}
		if err := signer.V2Verify(v2Key, map[string]string{"sign": fields["sign"], "mch_id": fields["mch_id"]}); err != nil {
			t.Errorf("%d: %v", given, err)
		}
		if read <= whole || length != given {
			t.Errorf("%d: ContentLength is %d for %d bytes", given, length, read)
		}
	}
}

func TestV2SignerRefusesForms(t *testing.T) {
	gone := errors.New("the file is gone")
	good := func() *http.Request {
		return streamedForm(t, formPart{"mch_id", "", mchID}, formPart{"media", "a.jpg", "bytes"})
	}
	with := func(edit func(*http.Request)) *http.Request {
		req := good()
		edit(req)
		return req
	}
	for name, tt := range map[string]struct {
		req  *http.Request
		want string
	}{
		"no Content-Type":  {with(func(r *http.Request) { r.Header.Del("Content-Type") }), "with a boundary"},
		"no boundary":      {with(func(r *http.Request) { r.Header.Set("Content-Type", "multipart/form-data") }), "with a boundary"},
		"another boundary": {with(func(r *http.Request) { r.Header.Set("Content-Type", "multipart/form-data; boundary=x") }), "the form: "},
		"no GetBody":       {with(func(r *http.Request) { r.GetBody = nil }), "GetBody"},
		"GetBody fails":    {with(func(r *http.Request) { r.GetBody = func() (io.ReadCloser, error) { return nil, gone } }), gone.Error()},
		"a name twice":     {streamedForm(t, formPart{"a", "", "1"}, formPart{"a", "", "1"}, formPart{"media", "a.jpg", "bytes"}), `"a" twice`},
		"a sign type":      {streamedForm(t, formPart{"sign_type", "", "RSA"}, formPart{"media", "a.jpg", "bytes"}), "RSA"},
		"fields too long":  {streamedForm(t, formPart{"a", "", strings.Repeat("x", 1<<20)}, formPart{"media", "a.jpg", "bytes"}), "the form: "},
		"cut short": {with(func(r *http.Request) {
			r.GetBody = func() (io.ReadCloser, error) { return io.NopCloser(strings.NewReader("--")), nil }
		}), "the form: "},
		"gone a moment ago": {with(func(r *http.Request) { r.GetBody = once(r.GetBody, gone) }), gone.Error()},
	} {
		fields, _, _, err := sendForm(t, tt.req)
		if fields != nil || !errors.Is(err, signer.ErrSign) || !strings.Contains(err.Error(), tt.want) || strings.Contains(err.Error(), v2Key) {
			t.Errorf("%s: sent %q, %v; want an ErrSign with %q", name, fields, err, tt.want)
		}
	}
}

// once is a GetBody that works one time.
func once(getBody func() (io.ReadCloser, error), after error) func() (io.ReadCloser, error) {
	used := false
	return func() (io.ReadCloser, error) {
		if used {
			return nil, after
		}
		used = true
		return getBody()
	}
}
