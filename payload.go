package wechatpay

import (
	"bytes"
	"context"
	"crypto/rsa"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"reflect"
	"strings"

	"github.com/tidwall/sjson"

	"github.com/wxchain/wechatpay/internal/body"
	"github.com/wxchain/wechatpay/internal/shallow"
	"github.com/wxchain/wechatpay/internal/stringify"
	"github.com/wxchain/wechatpay/internal/xmlmap"
	"github.com/wxchain/wechatpay/middleware"
	"github.com/wxchain/wechatpay/signer"
)

// A payload is what a call sends: the fields of a JSON or XML body, a raw body,
// or a file with fields.
type payload struct {
	json    []byte // nil for none
	secrets secrets
	xml     M         // text, and lists and maps of text; nil for none
	raw     io.Reader // nil for none
	rawHeld []byte    // the content of raw, if raw is in memory
	rawType string    // the type that comes with raw, or ""
	file    opener    // nil for none
}

// setJSON makes v the JSON body.
func (p *payload) setJSON(v any) error {
	raw, err := encodeJSON(v, &p.secrets)
	if err != nil {
		return fmt.Errorf(`option "json": %w`, err)
	}
	switch bytes.TrimLeft(raw, " \t\r\n")[0] {
	case '{', '[':
	case 'n':
		return errors.New(`option "json" is nil; leave it out to send no body`)
	default:
		return fmt.Errorf(`option "json" is a %T; a body is a wechatpay.M, a struct, or JSON text as json.RawMessage`, v)
	}
	p.json = raw
	return nil
}

// setField sets one field of the JSON body.
func (p *payload) setField(path string, v any) error {
	raw, err := encodeJSON(v, &p.secrets)
	if err != nil {
		return fmt.Errorf("Set(%q): %w", path, err)
	}
	if err := stringify.Check(path); err != nil {
		return fmt.Errorf("Set(%q): %w", path, err)
	}
	if strings.ContainsAny(path, "|#@*?") {
		// sjson treats these as queries, and does nothing if they find nothing.
		return fmt.Errorf(`Set(%q): leave the characters | # @ * ? out of the path; it is like "amount.total"`, path)
	}
	if strings.Count(path, ".") >= shallow.MaxDepth {
		return fmt.Errorf("Set(%.64q…): the path has more than %d parts", path, shallow.MaxDepth)
	}
	for part := range strings.SplitSeq(path, ".") {
		if part == "" {
			return fmt.Errorf(`Set(%q): the path has an empty part; it is like "amount.total"`, path)
		}
		if len(part) > 4 && strings.Trim(part, "0123456789") == "" {
			return fmt.Errorf("Set(%q): %s is too high for an index; write :%s for a field of that name", path, part, part)
		}
	}
	body := p.json
	if body == nil {
		body = []byte("{}")
	}
	if body, err = sjson.SetRawBytes(body, path, raw); err != nil {
		return fmt.Errorf("Set(%q): %w", path, err)
	}
	if !json.Valid(body) {
		return fmt.Errorf("Set(%q): the body has no place for it", path)
	}
	p.json = body
	return nil
}

// setXML makes m the fields of an APIv2 body.
func (p *payload) setXML(m M) error {
	if m == nil {
		return errors.New(`option "xml" is nil, want a wechatpay.M`)
	}
	fields, err := xmlFields(m, 0)
	if err != nil {
		return fmt.Errorf(`option "xml": %w`, err)
	}
	p.xml = fields
	return nil
}

// setRaw makes r the raw body.
func (p *payload) setRaw(contentType string, r io.Reader) error {
	if isNil(r) {
		return errors.New(`option "body" is a nil reader, want an io.Reader, a string or a []byte`)
	}
	if contentType != "" {
		if err := checkHeader("Content-Type", contentType); err != nil {
			return err
		}
	}
	p.raw, p.rawType = r, contentType
	return nil
}

// check refuses combinations that are not allowed: an option of one protocol in a
// call of the other, and a body with a method that has none.
func (p *payload) check(method string, protocol Protocol) error {
	switch {
	case protocol == APIv2 && p.json != nil:
		return errors.New(`option "json" is for APIv3; the fields of an APIv2 call go into "xml", or with GET into "query"`)
	case protocol == APIv3 && p.xml != nil:
		return errors.New(`option "xml" is for APIv2, whose paths start with v2/; an APIv3 call takes "json"`)
	case method != http.MethodGet && method != http.MethodHead: // a DELETE may have a body: five operations are documented so
		return nil
	}
	option := ""
	switch {
	case p.file != nil: // "json" may give its meta
		option = "file"
	case p.json != nil:
		option = "json"
	case p.xml != nil:
		option = "xml"
	case p.raw != nil:
		option = "body"
	default:
		return nil
	}
	return fmt.Errorf(`option %q cannot go with %s, which has no body; use "query"`, option, method)
}

// checkOne refuses two bodies. A file may have fields beside it, but not a raw
// body.
func (p *payload) checkOne() error {
	first := ""
	for _, body := range [...]struct {
		option string
		given  bool
	}{{"json", p.json != nil}, {"xml", p.xml != nil}, {"body", p.raw != nil}, {"file", p.file != nil && p.raw != nil}} {
		switch {
		case !body.given:
		case first == "":
			first = body.option
		default:
			return fmt.Errorf("options %q and %q are both given, a request has one body", first, body.option)
		}
	}
	return nil
}

// completeXML returns the XML body of an APIv2 call to an operation, without
// nonce_str and sign. It adds the merchant's number, so a call without fields has
// at least that.
func (p *payload) completeXML(operation, mchID string) (*xmlmap.Document, error) {
	if p.xml == nil {
		p.xml = M{}
	}
	d, err := completeFields(p.xml, operation, mchID)
	if err != nil {
		return nil, fmt.Errorf(`option "xml": %w`, err)
	}
	return d, nil
}

// completeFields does what completeXML does, for any fields.
func completeFields(fields M, operation, mchID string) (*xmlmap.Document, error) {
	delete(fields, "sign") // it is made anew
	given, err := checkMchID(mchID, func(name string) (any, bool) { v, ok := fields[name]; return v, ok && v != "" })
	if err != nil {
		return nil, err
	}
	if !given {
		fields[mchIDField(operation)] = mchID
	}
	return xmlmap.New(fields)
}

// writeBody makes the payload the body of req, which is about to enter the stack,
// in held unless it streams a file, and records in the Exchange what the stack
// must know about it. No other
// function writes a body: every later step reads these bytes, as often as it
// needs to. writeBody reads the caller's reader or file, and gives up when the
// context of req ends.
//
// If writeBody returns a file, close the file when the call is over.
func (c *call) writeBody(req *http.Request, held *body.Held, x *middleware.Exchange) (*upload, error) {
	ctx, p := req.Context(), &c.payload
	var content body.Content
	var err error
	switch {
	case p.file != nil:
		return c.writeForm(req, x)
	case p.raw != nil:
		if content.Bytes = p.rawHeld; content.Bytes == nil {
			content.Bytes, err = await(ctx, func() ([]byte, error) {
				return readWhole(watched{ctx, p.raw}, c.client.maxBodyBytes)
			}, nil)
		}
		if err == nil && c.protocol == APIv2 {
			content, err = c.completeRaw(content.Bytes)
		}
		if err != nil {
			err = &fault{kind: ErrOption, err: fmt.Errorf(`option "body": %w`, err)}
		}
	case c.fields != nil:
		content = body.Content{Bytes: c.fields.Bytes(), XML: c.fields}
	default:
		content.Bytes, err = c.encrypted(ctx, req.Header.Get("Wechatpay-Serial"))
	}
	if err != nil {
		return nil, err
	}
	x.Body = content.Bytes
	body.SetIn(held, req, content)
	return nil, nil
}

// writeForm makes the payload's file and its fields the body of req.
func (c *call) writeForm(req *http.Request, x *middleware.Exchange) (*upload, error) {
	u, err := c.payload.open(req.Context(), c.protocol)
	if err != nil {
		return nil, &fault{kind: ErrOption, err: fmt.Errorf(`option "file": %w`, err)}
	}
	var f form
	if c.protocol == APIv2 {
		f, err = v2Form(u, c.fields)
	} else {
		var fields []byte
		if fields, err = c.encrypted(req.Context(), req.Header.Get("Wechatpay-Serial")); err == nil {
			f, err = v3Form(u, c.target.operation(c.url), fields)
		}
	}
	if err == nil {
		err = f.set(req, u)
	}
	if err != nil {
		u.close(req.Context())
		return nil, err
	}
	x.Streamed, x.Signed = true, f.signed
	return u, nil
}

// completeRaw does for a raw XML body what completeXML does for fields. Any other
// body is returned unchanged; the signer refuses it unless it is multipart.
func (c *call) completeRaw(raw []byte) (body.Content, error) {
	fields, err := xmlmap.Decode(raw)
	if err != nil {
		return body.Content{Bytes: raw}, nil
	}
	d, err := completeFields(fields, c.v2Path(), c.client.mchID)
	if err != nil {
		return body.Content{}, err
	}
	return body.Content{Bytes: d.Bytes(), XML: d}, nil
}

// encrypted returns the JSON body. Its Secrets are encrypted with the platform's
// key of that serial number.
func (c *call) encrypted(ctx context.Context, serial string) ([]byte, error) {
	p := &c.payload
	if len(p.secrets.byToken) == 0 {
		return p.json, nil
	}
	key, err := c.client.platformKeys.PublicKey(ctx, serial)
	if err != nil {
		return nil, fmt.Errorf("no key to encrypt a Secret with: %w", err)
	}
	switch key.(type) {
	case *rsa.PublicKey, signer.Encrypter:
	default:
		return nil, &fault{kind: ErrConfig, err: fmt.Errorf("the platform key %q is a %T, want an *rsa.PublicKey or a signer.Encrypter to encrypt a Secret with", serial, key)}
	}
	encrypted, err := p.secrets.encrypt(p.json, key)
	if err != nil {
		return nil, &fault{kind: ErrOption, err: err}
	}
	return encrypted, nil
}

// hold reads a raw body that is in memory, so the caller may use it again. Other
// raw bodies are read when the call is sent, because reading them may take time.
func (p *payload) hold(limit int64) (err error) {
	if isInMemory(p.raw) {
		p.rawHeld, err = readWhole(p.raw, limit)
	}
	return err
}

// readWhole reads a whole raw body, because signing needs all of it.
func readWhole(r io.Reader, limit int64) ([]byte, error) {
	var buf bytes.Buffer
	n, err := buf.ReadFrom(io.LimitReader(r, max(limit, limit+1))) // the sum may overflow
	switch {
	case err != nil:
		return nil, fmt.Errorf("reading it: %w", err)
	case n > limit:
		return nil, fmt.Errorf("it is longer than the %d bytes of Config.MaxBodyBytes", limit)
	case n == 0:
		return nil, errors.New("it is empty; a reader serves one call and has to be made anew for the next")
	}
	return buf.Bytes(), nil
}

// isNil reports whether v is nil or a nil pointer, whose methods would fail.
func isNil(v any) bool {
	rv := reflect.ValueOf(v)
	return !rv.IsValid() || rv.Kind() == reflect.Pointer && rv.IsNil()
}
