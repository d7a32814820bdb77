package notify

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"time"

	"github.com/tidwall/gjson"

	"github.com/wxchain/wechatpay/cipher"
	"github.com/wxchain/wechatpay/internal/quote"
	"github.com/wxchain/wechatpay/internal/shallow"
	"github.com/wxchain/wechatpay/signer"
)

// maxBody is how long a notification may be, in bytes.
const maxBody = 1 << 20

// Parse reads the notification in a request. It first verifies the headers, the
// timestamp (±300 s), the serial number and the signature; for APIv2, the field sign,
// or that req_info decrypts. Then it decrypts the notification. The error is an
// [*Error].
//
// Parse puts the body back into req, whatever it returns. So another Receiver can
// try: that of another merchant at the same URL, or one with the next APIv3 key.
//
// The caller of Parse answers the request within 5 seconds and handles repeated
// notifications, which [Receiver.Handler] does for you. A signature of APIv3 is valid
// for 300 s, a signature of APIv2 forever. Parse waits for the body as long as the
// server does, so set the ReadTimeout of [http.Server].
func (r *Receiver) Parse(req *http.Request) (*Notification, error) {
	n, _, err := r.parse(req, func() {})
	return n, err
}

// parse also reports in which protocol to answer. It calls arrived once the whole
// body has been read.
func (r *Receiver) parse(req *http.Request, arrived func()) (n *Notification, v2 bool, err error) {
	if err := r.fault(); err != nil {
		return nil, false, &Error{http.StatusInternalServerError, err}
	}
	v2 = r.gcm == nil
	if req.Method != http.MethodPost {
		return nil, v2, refuse(http.StatusMethodNotAllowed, "a notification comes by POST, not by %s", quote.Text(req.Method))
	}
	body, err := readBody(req)
	if err != nil {
		return nil, v2, err
	}
	arrived()
	if n := req.ContentLength; len(body) == 0 || int64(len(body)) < n {
		return nil, v2, errBody(len(body), n)
	}
	seal := signer.SealOf(req.Header.Get)
	bare := seal == signer.Seal{}
	switch isXML := startsXML(body); {
	case bare && r.apiv2 != nil && (isXML || r.gcm == nil):
		n, err = r.apiv2.parse(body)
		return n, true, err
	case bare && isXML:
		return nil, true, unverified(&signer.VerifyError{Reason: signer.ReasonHeader, Err: errors.New(
			"the Wechatpay headers are missing; if this is a notification of APIv2, APIv2Key is needed to take it")})
	case r.gcm == nil:
		return nil, false, refuse(http.StatusUnauthorized, "%w", &signer.VerifyError{Reason: signer.ReasonSerial, Err: errors.New(
			"the request has the headers of an APIv3 notification; Keys and APIv3Key are needed to take it")})
	}
	n, err = r.parseV3(req.Context(), seal, body)
	return n, false, err
}

// readBody reads the body of req, and puts it back.
func readBody(req *http.Request) ([]byte, error) {
	if req.Body == nil {
		return nil, nil
	}
	if req.ContentLength > maxBody {
		return nil, refuse(http.StatusRequestEntityTooLarge, "the body has %d bytes, at most %d are read", req.ContentLength, maxBody)
	}
	var buf bytes.Buffer
	// What the header promises is believed up to 16 KiB.
	buf.Grow(int(min(max(req.ContentLength, 0), 16<<10)) + bytes.MinRead)
	_, err := buf.ReadFrom(io.LimitReader(req.Body, maxBody+1))
	body, whole := buf.Bytes(), err == nil && buf.Len() <= maxBody
	again := &replayed{Closer: req.Body}
	again.read.Reset(body)
	if !whole {
		again.rest = req.Body
	}
	req.Body = again
	switch {
	case errors.Is(err, http.ErrBodyReadAfterClose):
		return nil, errBody(0, 0)
	case err != nil:
		return nil, refuse(http.StatusBadRequest, "reading the body: %w", err)
	case !whole:
		return nil, refuse(http.StatusRequestEntityTooLarge, "the body has more than the %d bytes that are read", maxBody)
	}
	return body, nil
}

// replayed is a body that was read and can be read again.
type replayed struct {
	io.Closer
	read bytes.Reader
	rest io.Reader // what was not read, or nil
}

func (r *replayed) Read(p []byte) (int, error) {
	n, err := r.read.Read(p)
	if err == io.EOF && r.rest != nil {
		return r.rest.Read(p)
	}
	return n, err
}

// errBody is the error of a body of which n bytes are left.
func errBody(n int, announced int64) error {
	left := "is empty"
	if n > 0 {
		left = fmt.Sprintf("has %d of %d bytes", n, announced)
	}
	return refuse(http.StatusBadRequest, "the body %s: something read it before, such as a logger or ParseForm; "+
		"take the notification first, or put the body back", left)
}

// envelope is the body of a notification of APIv3.
type envelope struct {
	id, createTime, eventType, summary string
	resource                           cipher.Sealed
}

// parseEnvelope reads a body that is verified. The texts are parts of one copy of it.
func parseEnvelope(body []byte) (e envelope, err error) {
	if !shallow.ValidJSON(body) {
		if err := json.Unmarshal(body, new(json.RawMessage)); err != nil {
			return e, err // says what is wrong, and where
		}
		return e, errors.New("it is nested too deep")
	}
	fields := gjson.ParseBytes(body)
	if !fields.IsObject() {
		return e, errors.New("it is not a JSON object")
	}
	for _, field := range [...]struct {
		path string
		text *string
	}{
		{"id", &e.id},
		{"create_time", &e.createTime},
		{"event_type", &e.eventType},
		{"summary", &e.summary},
		{"resource.algorithm", &e.resource.Algorithm},
		{"resource.ciphertext", &e.resource.Ciphertext},
		{"resource.associated_data", &e.resource.AssociatedData},
		{"resource.nonce", &e.resource.Nonce},
	} {
		v := fields.Get(field.path)
		if v.Exists() && v.Type != gjson.String && v.Type != gjson.Null {
			return e, fmt.Errorf("%s is not a string", field.path)
		}
		*field.text = v.Str
	}
	return e, nil
}

func (r *Receiver) parseV3(ctx context.Context, seal signer.Seal, body []byte) (*Notification, error) {
	if err := seal.Verify(ctx, r.keys, r.clock(), body); err != nil {
		return nil, unverified(err)
	}
	malformed := func(format string, args ...any) error {
		return refuse(http.StatusBadRequest, "the body is signed, but not a notification: %w", fmt.Errorf(format, args...))
	}
	e, err := parseEnvelope(body)
	if err != nil {
		return nil, malformed("%w", err)
	}
	if e.id == "" || e.eventType == "" {
		return nil, malformed("id or event_type is missing")
	}
	text, err := r.open(ctx, seal.Serial, e.resource)
	switch {
	case errors.Is(err, cipher.ErrDecrypt):
		return nil, refuse(http.StatusInternalServerError, "notification %s does not open with APIv3Key: %w", quote.Plain(e.id), err)
	case err != nil:
		return nil, malformed("resource: %w", err)
	case !shallow.ValidJSON(text):
		return nil, malformed("resource: what it encrypts is not JSON")
	}
	n := &Notification{ID: e.id, EventType: e.eventType, Summary: e.summary, Resource: text, Raw: body}
	if t, err := time.Parse(time.RFC3339, e.createTime); err == nil {
		n.CreateTime = t
	}
	return n, nil
}

// open decrypts a resource. Unless the Receiver has a cipher of that name, the
// platform key that has verified the notification makes it.
func (r *Receiver) open(ctx context.Context, serial string, resource cipher.Sealed) ([]byte, error) {
	gcm := r.gcm
	if resource.Algorithm != gcm.Algorithm() {
		key, err := r.keys.PublicKey(ctx, serial)
		if err != nil {
			return nil, err
		}
		if suite, ok := key.(cipher.Sealer); ok {
			if gcm, err = r.gcmOf(suite); err != nil {
				return nil, err
			}
		}
	}
	return gcm.Open(resource)
}
