package signer_test

import (
	"context"
	"crypto"
	"encoding/base64"
	"fmt"
	"strconv"
	"testing"
	"time"

	"github.com/wxchain/wechatpay/internal/vectors"
	"github.com/wxchain/wechatpay/signer"
)

const signedAt = 1790000001

// sealed is a good seal on body.
func sealed(t testing.TB, timestamp, body string) signer.Seal {
	t.Helper()
	return signer.Seal{
		Timestamp: timestamp,
		Nonce:     "n1",
		Serial:    serial,
		Signature: base64.StdEncoding.EncodeToString(sign(t, signer.ResponseMessage(timestamp, "n1", []byte(body)))),
	}
}

// inPieces verifies body as it streams by, n bytes at a time.
func inPieces(ctx context.Context, s signer.Seal, keys signer.PublicKeys, now time.Time, body []byte, n int) error {
	d, err := s.Stream(ctx, keys, now)
	if err != nil {
		return err
	}
	for len(body) > 0 {
		n := min(n, len(body))
		if m, err := d.Write(body[:n]); m != n || err != nil {
			return fmt.Errorf("Write(%d bytes) = %d, %w", n, m, err)
		}
		body = body[n:]
	}
	return d.Verify()
}

func TestSeal(t *testing.T) {
	const at, body = "1790000001", `{"coupon_id":"9867041","名":"值"}`
	good := sealed(t, at, body)
	edit := func(f func(*signer.Seal)) signer.Seal {
		s := good
		f(&s)
		return s
	}
	now := time.Unix(signedAt, 0)
	tests := []struct {
		name   string
		seal   signer.Seal
		now    time.Time
		body   string
		reason string // "" for a seal that holds
		want   string // in the text of the error
	}{
		{"good", good, now, body, "", ""},
		{"no body", sealed(t, at, ""), now, "", "", ""},

		{"no timestamp", edit(func(s *signer.Seal) { s.Timestamp = "" }), now, body, signer.ReasonHeader, "Wechatpay-Timestamp"},
		{"no nonce", edit(func(s *signer.Seal) { s.Nonce = "" }), now, body, signer.ReasonHeader, "Wechatpay-Nonce"},
		{"no serial", edit(func(s *signer.Seal) { s.Serial = "" }), now, body, signer.ReasonHeader, "Wechatpay-Serial"},
		{"no signature", edit(func(s *signer.Seal) { s.Signature = "" }), now, body, signer.ReasonHeader, "Wechatpay-Signature"},
		{"no seal", signer.Seal{}, now, body, signer.ReasonHeader, "missing"},

		{"timestamp in words", sealed(t, "now", body), now, body, signer.ReasonHeader, `"now"`},
		{"timestamp with a fraction", sealed(t, "1790000001.0", body), now, body, signer.ReasonHeader, `"1790000001.0"`},
		{"timestamp with a space", sealed(t, " 1790000001", body), now, body, signer.ReasonHeader, `" 1790000001"`},
		{"timestamp past int64", sealed(t, "99999999999999999999", body), now, body, signer.ReasonHeader, "99999999999999999999"},

		{"300 s old", good, now.Add(300 * time.Second), body, "", ""},
		{"300 s ahead", good, now.Add(-300 * time.Second), body, "", ""},
		{"301 s old", good, now.Add(301 * time.Second), body, signer.ReasonTimestamp, "is 301 s behind"},
		{"301 s ahead", good, now.Add(-301 * time.Second), body, signer.ReasonTimestamp, "is 301 s ahead of"},
		{"timestamp in milliseconds", sealed(t, "1790000001000", body), now, body, signer.ReasonTimestamp, "1790000001000"},
		{"largest timestamp", sealed(t, "9223372036854775807", body), now, body, signer.ReasonTimestamp, "9223372036854775807"},
		{"smallest timestamp", sealed(t, "-9223372036854775808", body), now, body, signer.ReasonTimestamp, "-9223372036854775808"},

		{"unknown serial", edit(func(s *signer.Seal) { s.Serial = "NOPE" }), now, body, signer.ReasonSerial, "unknown serial"},

		{"probe", edit(func(s *signer.Seal) { s.Signature = "WECHATPAY/SIGNTEST/" + s.Signature }), now, body, signer.ReasonSignature, "probe"},
		{"not base64", edit(func(s *signer.Seal) { s.Signature = "%" + s.Signature[1:] }), now, body, signer.ReasonSignature, "not base64"},
		{"URL base64", edit(func(s *signer.Seal) { s.Signature = "-_-_" + s.Signature[4:] }), now, body, signer.ReasonSignature, "not base64"},
		{"short signature", edit(func(s *signer.Seal) { s.Signature = s.Signature[:340] }), now, body, signer.ReasonSignature, "does not match"},
		{"body longer", good, now, body + " ", signer.ReasonSignature, "does not match"},
		{"body cut", good, now, body[:len(body)-1], signer.ReasonSignature, "does not match"},
		{"no body where one is signed", good, now, "", signer.ReasonSignature, "does not match"},
		{"other nonce", edit(func(s *signer.Seal) { s.Nonce = "n2" }), now, body, signer.ReasonSignature, "does not match"},
		{"other timestamp", edit(func(s *signer.Seal) { s.Timestamp = "1790000002" }), now, body, signer.ReasonSignature, "does not match"},
	}
	keys := only(serial, vectors.MerchantKey(t).Public())
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			errs := map[string]error{"Verify": tt.seal.Verify(t.Context(), keys, tt.now, []byte(tt.body))}
			for _, n := range []int{1, 7, 1 << 20} {
				errs["Stream by "+strconv.Itoa(n)] = inPieces(t.Context(), tt.seal, keys, tt.now, []byte(tt.body), n)
			}
			for how, err := range errs {
				if tt.reason == "" {
					if err != nil {
						t.Errorf("%s: %v", how, err)
					}
					continue
				}
				checkRefusal(t, err, tt.reason, tt.want)
				if err.Error() != errs["Verify"].Error() {
					t.Errorf("%s says %q, Verify %q", how, err, errs["Verify"])
				}
			}
		})
	}
}

// The store may be far away: what can be refused without it is.
func TestSealAsksForNoKeyInVain(t *testing.T) {
	keys := store(func(context.Context, string) (crypto.PublicKey, error) {
		t.Error("the key store was asked")
		return nil, signer.ErrUnknownSerial
	})
	good := sealed(t, "1790000001", "{}")
	stale, probe, headless := good, good, good
	stale.Timestamp = "1789990001"
	probe.Signature = "WECHATPAY/SIGNTEST/" + good.Signature
	headless.Nonce = ""
	for _, s := range []signer.Seal{stale, probe, headless} {
		if err := s.Verify(t.Context(), keys, time.Unix(signedAt, 0), []byte("{}")); err == nil {
			t.Errorf("%+v was accepted", s)
		}
	}
}
