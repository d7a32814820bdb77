// Package platform is the platform's side of a signed call: it checks what a
// merchant sends and signs answers. The test kit and the sandbox share it.
package platform

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"mime"
	"mime/multipart"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/wxchain/wechatpay/signer"
)

// An Authorization is a parsed Authorization header.
type Authorization struct {
	Scheme, MchID, Nonce, Timestamp, SerialNo, Signature string
}

// maxNonce is the longest nonce, in bytes. A limit is needed because nonces are
// remembered. SDKs send 32.
const maxNonce = 128

// maxAuthorization limits the header, in bytes. It is far above what any header
// needs.
const maxAuthorization = 4 << 10

var errAuthorization = errors.New("Authorization is missing or not of the form SCHEME mchid=…,nonce_str=…,timestamp=…,serial_no=…,signature=…")

// ParseAuthorization parses the header of a request. SDKs send its five fields in
// different orders. Each field must occur once, and other fields are refused. The
// scheme must be that of RSA, or one of schemes if there are any.
func ParseAuthorization(header string, schemes ...string) (Authorization, error) {
	if len(header) > maxAuthorization {
		return Authorization{}, errAuthorization
	}
	scheme, rest, _ := strings.Cut(header, " ")
	values, once, ok := parseFields(rest)
	if !ok || scheme == "" || strings.ContainsAny(scheme, "\t\n\f\r") {
		return Authorization{}, errAuthorization
	}
	a := Authorization{scheme, values[0], values[1], values[2], values[3], values[4]}
	if len(schemes) == 0 {
		schemes = []string{signer.SchemeRSA}
	}
	if !slices.Contains(schemes, a.Scheme) {
		return a, fmt.Errorf("authorization scheme %q is not %s", a.Scheme, strings.Join(schemes, " or "))
	}
	if !once || len(a.Timestamp) > 12 || !isDigits(a.Timestamp) {
		return Authorization{}, errAuthorization
	}
	if n := len(a.Nonce); n == 0 || n > maxNonce {
		return Authorization{}, fmt.Errorf("nonce_str has %d bytes, want 1 to %d", n, maxNonce)
	}
	return a, nil
}

// authorizationFields are the fields of the header, in the order of [Authorization].
var authorizationFields = [...]string{"mchid", "nonce_str", "timestamp", "serial_no", "signature"}

// parseFields parses name="value", separated by commas with or without one space. It
// returns the values of authorizationFields, whether there are these fields and no
// others, each once, and whether text has that form.
func parseFields(text string) (values [len(authorizationFields)]string, once, ok bool) {
	var seen [len(authorizationFields)]bool
	n := 0
	for {
		name, value, rest, ok := cutField(text)
		if !ok {
			return values, false, false
		}
		n++
		if i := slices.Index(authorizationFields[:], name); i >= 0 {
			values[i], seen[i] = value, true
		}
		if rest == "" {
			return values, n == len(seen) && !slices.Contains(seen[:], false), true
		}
		if text, ok = strings.CutPrefix(rest, ","); !ok {
			return values, false, false
		}
		text = strings.TrimPrefix(text, " ")
	}
}

// cutField cuts name="value" from the start of text.
func cutField(text string) (name, value, rest string, ok bool) {
	name, rest, ok = strings.Cut(text, `="`)
	if !ok || name == "" || strings.ContainsFunc(name, func(r rune) bool { return !isWord(r) }) {
		return "", "", "", false
	}
	value, rest, ok = strings.Cut(rest, `"`)
	return name, value, rest, ok && !strings.ContainsFunc(value, func(r rune) bool { return r < ' ' || r == 0x7f })
}

func isWord(r rune) bool {
	return r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || r == '_'
}

func isDigits(text string) bool { return text != "" && strings.Trim(text, "0123456789") == "" }

// ParseSent parses the header of a request that this program sent, in any scheme.
func ParseSent(header string) (Authorization, error) {
	scheme, _, _ := strings.Cut(header, " ")
	return ParseAuthorization(header, scheme)
}

// Signed returns what the signature of a request covers: its body, or the part
// meta of an upload.
func Signed(h http.Header, body []byte) ([]byte, error) {
	mediaType, params, err := mime.ParseMediaType(h.Get("Content-Type"))
	if err != nil || mediaType != "multipart/form-data" {
		return body, nil
	}
	r := multipart.NewReader(bytes.NewReader(body), params["boundary"])
	for {
		part, err := r.NextPart()
		if err != nil {
			return nil, fmt.Errorf("the upload has no part meta: %w", err)
		}
		if part.FormName() == "meta" {
			return io.ReadAll(part)
		}
	}
}

// Verify checks the signature of a request, over its target and body (see
// [Signed]) as they arrived, with the merchants' keys, by serial number.
func Verify(ctx context.Context, merchants signer.PublicKeys, method, target string, a Authorization, body []byte) error {
	signature, err := base64.StdEncoding.DecodeString(a.Signature)
	if err != nil {
		return errors.New("the signature is not base64")
	}
	return signer.Verify(ctx, merchants, a.SerialNo, signer.RequestMessage(method, target, a.Timestamp, a.Nonce, body), signature)
}

// CheckTime returns an error if the timestamp is too far from now.
func (a Authorization) CheckTime(now time.Time) error {
	seconds, err := strconv.ParseInt(a.Timestamp, 10, 64)
	if err != nil {
		return err
	}
	if d := now.Sub(time.Unix(seconds, 0)); d > signer.MaxSkew || d < -signer.MaxSkew {
		return fmt.Errorf("timestamp %d is %v from now, at most %v are allowed", seconds, d.Round(time.Second), signer.MaxSkew)
	}
	return nil
}

// Sign writes into h the signature of an answer with this body, made at
// timestamp, in seconds.
func Sign(ctx context.Context, s signer.Signer, h http.Header, timestamp string, body []byte) error {
	nonce := rand.Text()
	signature, err := s.Sign(ctx, signer.ResponseMessage(timestamp, nonce, body))
	if err != nil {
		return err
	}
	h.Set("Wechatpay-Timestamp", timestamp)
	h.Set("Wechatpay-Nonce", nonce)
	h.Set("Wechatpay-Serial", s.SerialNo())
	h.Set("Wechatpay-Signature-Type", s.Scheme())
	h.Set("Wechatpay-Signature", base64.StdEncoding.EncodeToString(signature))
	return nil
}
