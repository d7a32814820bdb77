package notify

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/tidwall/gjson"

	"github.com/wxchain/wechatpay/cipher"
	"github.com/wxchain/wechatpay/signer"
)

// maxBody is how long a notification may be, in bytes.
const maxBody = 1 << 20

// Parse reads the notification that a request brings. It is verified before
// anything is read from it: the headers, the timestamp, which may be 300 s off,
// the serial and the signature; of APIv2 the field sign, or that req_info opens.
// Then it is decrypted. The error is an [*Error].
//
// Whoever parses answers too, within 5 seconds, and sees to notifications that
// come again, which [Receiver.Handler] does otherwise. The signature of APIv3 is
// good for 300 s; one of APIv2 is good for ever.
func (r *Receiver) Parse(req *http.Request) (*Notification, error) {
	n, _, err := r.parse(nil, req)
	return n, err
}

// parse also tells in which protocol to answer.
func (r *Receiver) parse(w http.ResponseWriter, req *http.Request) (n *Notification, v2 bool, err error) {
	if !r.made() {
		return nil, false, refuse(http.StatusInternalServerError, "the Receiver has no keys: it is made by notify.New, or by a client with PlatformKeys and APIv3Key, or APIv2Key")
	}
	v2 = r.gcm == nil
	if req.Method != http.MethodPost {
		return nil, v2, refuse(http.StatusMethodNotAllowed, "a notification comes by POST, not by %.20q", req.Method)
	}
	body, err := readBody(w, req, r.timeout)
	if err != nil {
		return nil, v2, err
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

func readBody(w http.ResponseWriter, req *http.Request, within time.Duration) ([]byte, error) {
	if req.Body == nil {
		return nil, nil
	}
	if w != nil { // a body that trickles in must not hold up the answer
		deadline := http.NewResponseController(w)
		if deadline.SetReadDeadline(time.Now().Add(within)) == nil {
			defer deadline.SetReadDeadline(time.Time{})
		}
	}
	if req.ContentLength > maxBody {
		return nil, refuse(http.StatusRequestEntityTooLarge, "the body has %d bytes, at most %d are read", req.ContentLength, maxBody)
	}
	var buf bytes.Buffer
	// What the header promises is believed up to 16 KiB.
	buf.Grow(int(min(max(req.ContentLength, 0), 16<<10)) + bytes.MinRead)
	_, err := buf.ReadFrom(http.MaxBytesReader(w, req.Body, maxBody))
	var tooLong *http.MaxBytesError
	switch {
	case errors.As(err, &tooLong):
		return nil, refuse(http.StatusRequestEntityTooLarge, "the body has more than the %d bytes that are read", maxBody)
	case err != nil:
		return nil, refuse(http.StatusBadRequest, "reading the body: %w", err)
	}
	return buf.Bytes(), nil
}

// envelope is the body of a notification of APIv3.
type envelope struct {
	ID         string        `json:"id"`
	CreateTime string        `json:"create_time"`
	EventType  string        `json:"event_type"`
	Summary    string        `json:"summary"`
	Resource   cipher.Sealed `json:"resource"`
}

func (r *Receiver) parseV3(ctx context.Context, seal signer.Seal, body []byte) (*Notification, error) {
	if err := seal.Verify(ctx, r.keys, r.clock(), body); err != nil {
		return nil, unverified(err)
	}
	malformed := func(format string, args ...any) error {
		return refuse(http.StatusBadRequest, "the body is signed, but not a notification: %w", fmt.Errorf(format, args...))
	}
	var e envelope
	if err := json.Unmarshal(body, &e); err != nil {
		return nil, malformed("%w", err)
	}
	if e.ID == "" || e.EventType == "" {
		return nil, malformed("id or event_type is missing")
	}
	text, err := r.gcm.Open(e.Resource)
	switch {
	case errors.Is(err, cipher.ErrDecrypt):
		return nil, refuse(http.StatusInternalServerError, "notification %s does not open with APIv3Key: %w", e.ID, err)
	case err != nil:
		return nil, malformed("resource: %w", err)
	case !gjson.ValidBytes(text):
		return nil, malformed("resource: what it encrypts is not JSON")
	}
	n := &Notification{ID: e.ID, EventType: e.EventType, Summary: e.Summary, Resource: text, Raw: body}
	if t, err := time.Parse(time.RFC3339, e.CreateTime); err == nil {
		n.CreateTime = t
	}
	return n, nil
}
