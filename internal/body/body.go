// Package body has the bodies of requests and answers that are held in memory.
package body

import (
	"bytes"
	"io"
	"net/http"

	"github.com/wxchain/wechatpay/internal/xmlmap"
)

// Content is what a body holds. It must not change any more.
type Content struct {
	Bytes []byte
	XML   *xmlmap.Document // Bytes as fields of APIv2, or nil if nobody has decoded them
}

// Document returns the content as fields of APIv2. It decodes them unless they
// are known.
func (c Content) Document() (*xmlmap.Document, error) {
	if c.XML != nil {
		return c.XML, nil
	}
	return xmlmap.Parse(c.Bytes)
}

// Held is a body in memory. Those who know the type take its Content and leave
// the reader alone; others read it as any body. Close rewinds it, so that a
// request that is sent twice has its body twice.
type Held struct {
	Content
	reader bytes.Reader
}

// Hold returns a body of c.
func Hold(c Content) *Held {
	h := &Held{Content: c}
	h.reader.Reset(c.Bytes)
	return h
}

// Read reads the body.
func (h *Held) Read(p []byte) (int, error) { return h.reader.Read(p) }

// WriteTo writes what is left of the body to w.
func (h *Held) WriteTo(w io.Writer) (int64, error) { return h.reader.WriteTo(w) }

// Close rewinds the body.
func (h *Held) Close() error {
	h.reader.Reset(h.Bytes)
	return nil
}

// Set makes c the body of req: it can be read any number of times, by a
// middleware, by a retry and by the transport.
func Set(req *http.Request, c Content) {
	req.ContentLength = int64(len(c.Bytes))
	if len(c.Bytes) == 0 {
		req.Body, req.GetBody = http.NoBody, none
		return
	}
	req.Body = Hold(c)
	req.GetBody = func() (io.ReadCloser, error) { return Hold(c), nil }
}

func none() (io.ReadCloser, error) { return http.NoBody, nil }
