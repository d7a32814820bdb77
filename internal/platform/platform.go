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
	"regexp"
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

var (
	authorizationForm  = regexp.MustCompile(`^(\S+) (\w+="[^"[:cntrl:]]*"(?:, ?\w+="[^"[:cntrl:]]*")*)$`)
	authorizationField = regexp.MustCompile(`(\w+)="([^"]*)"`)
	timestampForm      = regexp.MustCompile(`^\d{1,12}$`)
)

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
	var m []string
	if len(header) <= maxAuthorization {
		m = authorizationForm.FindStringSubmatch(header)
	}
	if m == nil {
		return Authorization{}, errAuthorization
	}
	fields := make(map[string]string, 5)
	pairs := authorizationField.FindAllStringSubmatch(m[2], -1)
	for _, pair := range pairs {
		fields[pair[1]] = pair[2]
	}
	a := Authorization{m[1], fields["mchid"], fields["nonce_str"], fields["timestamp"], fields["serial_no"], fields["signature"]}
	if len(schemes) == 0 {
		schemes = []string{signer.SchemeRSA}
	}
	if !slices.Contains(schemes, a.Scheme) {
		return a, fmt.Errorf("authorization scheme %q is not %s", a.Scheme, strings.Join(schemes, " or "))
	}
	for _, name := range [...]string{"mchid", "nonce_str", "timestamp", "serial_no", "signature"} {
		if _, ok := fields[name]; !ok {
			return Authorization{}, errAuthorization
		}
	}
	if n := len(a.Nonce); n == 0 || n > maxNonce {
		return Authorization{}, fmt.Errorf("nonce_str has %d bytes, want 1 to %d", n, maxNonce)
	}
	if len(pairs) != 5 || !timestampForm.MatchString(a.Timestamp) {
		return Authorization{}, errAuthorization
	}
	return a, nil
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
