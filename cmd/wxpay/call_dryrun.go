package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"

	"github.com/wxchain/wechatpay/internal/platform"
	"github.com/wxchain/wechatpay/internal/xmlmap"
	"github.com/wxchain/wechatpay/signer"
)

// errNotSent is what became of a request that was only to be shown.
var errNotSent = errors.New("not sent")

// A roundTripper is a function that sends a request, or answers it itself.
type roundTripper func(*http.Request) (*http.Response, error)

func (f roundTripper) RoundTrip(req *http.Request) (*http.Response, error) { return f(req) }

// A recorder keeps the request that would have been sent.
type recorder struct {
	request *http.Request
	body    []byte
}

func (r *recorder) RoundTrip(req *http.Request) (_ *http.Response, err error) {
	r.request = req
	if req.Body != nil {
		defer req.Body.Close()
		if r.body, err = io.ReadAll(req.Body); err != nil {
			return nil, err
		}
	}
	return nil, errNotSent
}

// show prints the request and what its signature is over.
func (r *recorder) show(out io.Writer) error {
	req := r.request
	message, err := r.signed()
	if err != nil {
		return err
	}
	var b bytes.Buffer
	fmt.Fprintf(&b, "%s %s\nHost: %s\n", req.Method, req.URL.RequestURI(), req.URL.Host)
	writeHeader(&b, req.Header)
	fmt.Fprintf(&b, "\n%s", r.body)
	if len(r.body) > 0 {
		b.WriteByte('\n')
	}
	fmt.Fprintf(&b, "\n--- the text that is signed, %d bytes ---\n%s--- nothing was sent ---\n", len(message), message)
	_, err = out.Write(b.Bytes())
	return err
}

// signed is the text that the signature of a request is over. Of APIv2's, the
// key is left out.
func (r *recorder) signed() ([]byte, error) {
	header := r.request.Header.Get("Authorization")
	if header == "" {
		return r.signedV2()
	}
	a, err := platform.ParseAuthorization(header)
	if err != nil {
		return nil, err
	}
	body, err := platform.Signed(r.request.Header, r.body)
	if err != nil {
		return nil, err
	}
	return signer.RequestMessage(r.request.Method, r.request.URL.RequestURI(), a.Timestamp, a.Nonce, body), nil
}

const multipart = "multipart/form-data"

func (r *recorder) signedV2() ([]byte, error) {
	texts := make(map[string]string)
	switch {
	case strings.HasPrefix(r.request.Header.Get("Content-Type"), multipart):
		return nil, errors.New("the text that the signature of an upload of APIv2 is over is not shown")
	case len(r.body) == 0:
		for name, values := range r.request.URL.Query() {
			texts[name] = values[0]
		}
	default:
		fields, err := xmlmap.Decode(r.body)
		if err != nil {
			return nil, err
		}
		for name, value := range fields {
			if text, ok := value.(string); ok { // others have no part in it
				texts[name] = text
			}
		}
	}
	return []byte(signer.V2Message(texts) + "&key=(the APIv2 key)\n"), nil
}
