package request

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"strings"

	"github.com/wxchain/wechatpay/cmd/wxpay/internal/shared/lang"
	"github.com/wxchain/wechatpay/cmd/wxpay/internal/shared/show"
	"github.com/wxchain/wechatpay/internal/platform"
	"github.com/wxchain/wechatpay/internal/xmlmap"
	"github.com/wxchain/wechatpay/signer"
)

// ErrNotSent is the error of a request that was recorded and not sent.
var ErrNotSent = lang.Errorf("not sent")

// A RoundTripper is a function that sends a request or answers it itself.
type RoundTripper func(*http.Request) (*http.Response, error)

func (f RoundTripper) RoundTrip(req *http.Request) (*http.Response, error) { return f(req) }

// A Recorder keeps the request that would have been sent.
type Recorder struct {
	Request *http.Request
	body    []byte
}

func (r *Recorder) RoundTrip(req *http.Request) (_ *http.Response, err error) {
	r.Request = req
	if req.Body != nil {
		defer req.Body.Close()
		if r.body, err = io.ReadAll(req.Body); err != nil {
			return nil, err
		}
	}
	return nil, ErrNotSent
}

// Show prints the request and the text that its signature covers.
func (r *Recorder) Show(l lang.Language, out io.Writer) error {
	req := r.Request
	message, err := r.Signed()
	if err != nil {
		return err
	}
	var b bytes.Buffer
	fmt.Fprintf(&b, "%s %s\nHost: %s\n", req.Method, req.URL.RequestURI(), req.URL.Host)
	show.WriteHeader(&b, req.Header)
	fmt.Fprintf(&b, "\n%s", r.body)
	if len(r.body) > 0 {
		b.WriteByte('\n')
	}
	l.Fprintf(&b, "\n--- the text that is signed, %d bytes ---\n%s--- nothing was sent ---\n", len(message), message)
	_, err = out.Write(b.Bytes())
	return err
}

// Signed returns the text that the signature of a request covers. For APIv2,
// the text omits the key.
func (r *Recorder) Signed() ([]byte, error) {
	header := r.Request.Header.Get("Authorization")
	if header == "" {
		return r.signedV2()
	}
	a, err := platform.ParseSent(header)
	if err != nil {
		return nil, err
	}
	body, err := platform.Signed(r.Request.Header, r.body)
	if err != nil {
		return nil, err
	}
	return signer.RequestMessage(r.Request.Method, r.Request.URL.RequestURI(), a.Timestamp, a.Nonce, body), nil
}

const multipart = "multipart/form-data"

func (r *Recorder) signedV2() ([]byte, error) {
	texts := make(map[string]string)
	switch {
	case strings.HasPrefix(r.Request.Header.Get("Content-Type"), multipart):
		return nil, lang.Errorf("--dry-run cannot show the text that the signature of an APIv2 upload covers")
	case len(r.body) == 0:
		for name, values := range r.Request.URL.Query() {
			texts[name] = values[0]
		}
	default:
		fields, err := xmlmap.Decode(r.body)
		if err != nil {
			return nil, err
		}
		for name, value := range fields {
			if text, ok := value.(string); ok { // other values are not signed
				texts[name] = text
			}
		}
	}
	return []byte(signer.V2Message(texts) + "&key=(the APIv2 key)\n"), nil
}
