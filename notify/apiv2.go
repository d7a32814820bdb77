package notify

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"

	"github.com/wxchain/wechatpay/cipher"
	"github.com/wxchain/wechatpay/internal/quote"
	"github.com/wxchain/wechatpay/internal/xmlmap"
	"github.com/wxchain/wechatpay/signer"
)

// apiv2 takes the notifications of APIv2. It returns the key, which as a field
// would be shown when a Receiver is printed as part of something else.
type apiv2 func() string

func startsXML(body []byte) bool {
	body = bytes.TrimLeft(bytes.TrimPrefix(body, []byte("\ufeff")), " \t\r\n")
	return bytes.HasPrefix(body, []byte("<"))
}

// parse reads a notification of APIv2. What it says, be it FAIL, is for the
// function to look at.
//
// https://pay.weixin.qq.com/wiki/doc/api/jsapi.php?chapter=9_7
func (a apiv2) parse(body []byte) (*Notification, error) {
	fields, err := xmlmap.Decode(body)
	if err != nil {
		return nil, &Error{http.StatusBadRequest, err}
	}
	var id string
	if fields["sign"] == nil && fields["req_info"] != nil {
		id, err = a.openRefund(fields)
	} else {
		id, err = a.openSigned(fields)
	}
	if err != nil {
		return nil, err
	}
	resource := xmlmap.AppendJSON(make([]byte, 0, len(body)), fields)
	return &Notification{ID: id, Resource: resource, Raw: body}, nil
}

// openSigned verifies fields, opens what is encrypted of them, and returns the
// ID of the notification.
func (a apiv2) openSigned(fields map[string]any) (id string, err error) {
	texts := make(map[string]string, len(fields))
	for name, value := range fields {
		text, ok := value.(string)
		if !ok {
			// The sign is over texts. Who adds fields to what he has seen must
			// not be believed.
			return "", unverified(&signer.VerifyError{Reason: signer.ReasonSignature, Err: fmt.Errorf(
				"the field %s repeats or holds others: no sign covers that", quote.Text(name))})
		}
		texts[name] = text
	}
	if err := signer.V2Verify(a(), texts); err != nil {
		return "", unverified(err)
	}
	if texts["return_code"] == "" {
		// What is signed in the open, a URL or what a page pays with, has the
		// same kind of sign, but no return_code.
		return "", unverified(&signer.VerifyError{Reason: signer.ReasonSignature, Err: errors.New(
			"the field return_code is missing: the sign holds, but it is not that of a notification")})
	}
	if texts["req_info"] != "" {
		if _, err := a.openReqInfo(fields); err != nil {
			return "", &Error{http.StatusInternalServerError, err}
		}
	}
	return signedID(texts), nil
}

// signedID is the hash of what is signed, less nonce_str. That is taken out of
// the joined text: two sets of fields that have one signature, as a free text
// x&b=2 has with x and b=2, must have one ID.
func signedID(texts map[string]string) string {
	message := signer.V2Message(texts)
	signed := make([]byte, 0, len(message)+1)
	for pair := range strings.SplitSeq(message, "&") {
		if !strings.HasPrefix(pair, "nonce_str=") {
			signed = append(append(signed, pair...), '&')
		}
	}
	return hexHash(bytes.TrimSuffix(signed, []byte("&")))
}

func hexHash(text []byte) string {
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:])
}

// refundFields are those that a refund notification has beside what it
// encrypts.
//
// https://pay.weixin.qq.com/wiki/doc/api/jsapi.php?chapter=9_16
var refundFields = [...]string{"appid", "mch_id", "nonce_str", "req_info", "return_code", "return_msg", "sub_appid", "sub_mch_id"}

// openRefund opens a refund notification, which nothing signs. That req_info
// opens shows that req_info is the platform's. Anybody could have written the
// other fields, so that none stays that might be taken for an order's.
func (a apiv2) openRefund(fields map[string]any) (id string, err error) {
	opened, err := a.openReqInfo(fields)
	if err != nil {
		return "", unverified(&signer.VerifyError{Reason: signer.ReasonSignature, Err: err})
	}
	maps.DeleteFunc(fields, func(name string, value any) bool {
		_, isText := value.(string)
		return name != "req_info" && !(isText && slices.Contains(refundFields[:], name))
	})
	return hexHash(xmlmap.AppendJSON(nil, opened)), nil
}

// openReqInfo puts what req_info encrypts in its place.
func (a apiv2) openReqInfo(fields map[string]any) (map[string]any, error) {
	reqInfo, ok := fields["req_info"].(string)
	if !ok {
		return nil, errors.New("req_info repeats, or holds other fields")
	}
	text, err := cipher.DecryptECB(a(), reqInfo)
	if err != nil {
		return nil, fmt.Errorf("APIv2Key: %w", err)
	}
	opened, err := xmlmap.Decode(text)
	if err != nil || len(opened) == 0 {
		// The text of err shows what was encrypted.
		return nil, fmt.Errorf("APIv2Key: req_info %w to the XML of a refund", cipher.ErrDecrypt)
	}
	fields["req_info"] = opened
	return opened, nil
}
