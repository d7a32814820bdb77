// Package body holds the bodies of requests and answers in memory.
package body

import (
	"bytes"
	"io"
	"net/http"

	"github.com/wxchain/wechatpay/internal/xmlmap"
)

// Content is the content of a body. Do not change it.
type Content struct {
	Bytes []byte
	XML   *xmlmap.Document // the fields of an APIv2 body, or nil if Bytes has not been decoded
}

// Document returns the content as fields of APIv2. It decodes Bytes unless XML is
// set.
func (c Content) Document() (*xmlmap.Document, error) {
	if c.XML != nil {
		return c.XML, nil
	}
	return xmlmap.Parse(c.Bytes)
}

// Held is a body in memory. Code that knows the type uses its Content and does
// not read it; other code reads it like any body. Close rewinds it, so a request
// that is sent twice has its body twice.
type Held struct {
	Content
	reader bytes.Reader
}

// Hold returns a body of c.
func Hold(c Content) *Held {
	h := new(Held)
	h.hold(c)
	return h
}

func (h *Held) hold(c Content) {
	h.Content = c
	h.reader.Reset(c.Bytes)
}

// Read reads the body.
func (h *Held) Read(p []byte) (int, error) { return h.reader.Read(p) }

// WriteTo writes the rest of the body to w.
func (h *Held) WriteTo(w io.Writer) (int64, error) { return h.reader.WriteTo(w) }

// Close rewinds the body.
func (h *Held) Close() error {
	h.reader.Reset(h.Bytes)
	return nil
}

// Set makes c the body of req. Middlewares, retries and the transport can read it
// any number of times.
func Set(req *http.Request, c Content) { SetIn(new(Held), req, c) }

// SetIn does what Set does. The body is h, which nothing else uses.
func SetIn(h *Held, req *http.Request, c Content) {
	req.ContentLength = int64(len(c.Bytes))
	if len(c.Bytes) == 0 {
		req.Body, req.GetBody = http.NoBody, none
		return
	}
	h.hold(c)
	req.Body = h
	req.GetBody = func() (io.ReadCloser, error) { return Hold(c), nil }
}

// Replace makes c, the content of the body of req, a body of its own, from the
// start: h, which nothing else uses.
func Replace(h *Held, req *http.Request, c Content) {
	if _, ok := req.Body.(*Held); !ok || len(c.Bytes) == 0 {
		SetIn(h, req, c)
		return
	}
	h.hold(c)
	req.Body = h // GetBody and ContentLength are those of c
}

func none() (io.ReadCloser, error) { return http.NoBody, nil }
