package middleware

import (
	"context"
	"crypto/sha1"
	"crypto/subtle"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"net/http"

	"github.com/wxchain/wechatpay/internal/body"
	"github.com/wxchain/wechatpay/internal/quote"
	"github.com/wxchain/wechatpay/signer"
)

// Verifier returns a middleware that verifies answers with the platform's public keys.
// A 2xx answer must have a valid signature. Its body is not passed on before that,
// unless [Exchange].Stream is set. Any other answer is verified if it has a signature,
// and [Exchange.Answer] reports the result. If an answer does not verify, the error is
// a [*signer.VerifyError].
//
// The platform does not sign the files of bills and receipts (v3/billdownload/file,
// v3/transferdownload/signfile, …) and the images of complaints
// (v3/merchant-service/images/{media_id}). They are accepted without a signature. The
// signature of an overseas statement (hk/v3/statements, v3/global/statements) covers
// the SHA-1 digest in the header Wechatpay-Statement-Sha1, which must match the body.
//
// The template of the call ([Exchange].Template) decides which of these rules applies.
// The template must spell out everything but the media_id, so the value of a variable
// never makes an answer acceptable. If a request has no template, its whole path counts
// as spelled out. Give it a template if parts of the path come from outside.
//
// https://pay.weixin.qq.com/doc/v3/merchant/4013053249
func Verifier(keys signer.PublicKeys, opts ...Option) Middleware {
	return checked(verifier{keys, newSettings(opts)}.check)
}

// checked hands on the answers that pass a check.
func checked(check func(*http.Request, *http.Response) error) Middleware {
	return func(next http.RoundTripper) http.RoundTripper {
		return roundTripper(func(req *http.Request) (*http.Response, error) {
			resp, err := roundTrip(next, req)
			if err != nil {
				return nil, err
			}
			if err := check(req, resp); err != nil {
				return nil, err
			}
			return resp, nil
		})
	}
}

type verifier struct {
	keys signer.PublicKeys
	settings
}

// check decides what must hold for resp, and sees to it now or, when the body
// is streamed, at the body's end.
func (v verifier) check(req *http.Request, resp *http.Response) error {
	ctx := req.Context()
	x := ExchangeOf(ctx)
	x.setAnswer(resp, false)

	ok := resp.StatusCode >= 200 && resp.StatusCode <= 299
	kind := kindOf(req, "")
	if ok && x.Stream {
		return v.stream(ctx, x, resp, kind)
	}

	answer, err := ReadBody(resp, v.maxBytes)
	if err != nil {
		return err
	}
	resp.Body = body.Hold(body.Content{Bytes: answer}) // whoever is outside reads it again
	seal := signer.SealOf(resp.Header.Get)
	switch {
	case !ok: // signed over its body, if at all
		x.setAnswer(resp, seal.Signature != "" && seal.Verify(ctx, v.keys, v.clock(), answer) == nil)
		return nil
	case kind == fileAnswer:
		return nil
	case kind == digestAnswer:
		digest, err := v.statement(ctx, resp.Header, seal)
		if err != nil {
			return err
		}
		sum := sha1.Sum(answer)
		if err := matchStatement(digest, sum[:]); err != nil {
			return err
		}
	default:
		if err := seal.Verify(ctx, v.keys, v.clock(), answer); err != nil {
			return err
		}
	}
	x.setAnswer(resp, true)
	return nil
}

func (v verifier) stream(ctx context.Context, x *Exchange, resp *http.Response, kind answerKind) error {
	if kind == fileAnswer {
		return nil
	}
	seal := signer.SealOf(resp.Header.Get)
	body := &streamed{ReadCloser: resp.Body, verified: func() { x.setAnswer(resp, true) }}
	var err error
	if kind == digestAnswer {
		var digest string
		digest, err = v.statement(ctx, resp.Header, seal)
		h := sha1.New()
		body.sum, body.verify = h, func() error { return matchStatement(digest, h.Sum(nil)) }
	} else {
		var d *signer.Digest
		if d, err = seal.Stream(ctx, v.keys, v.clock()); err == nil {
			body.sum, body.verify = d, d.Verify
		}
	}
	if err != nil {
		resp.Body.Close()
		resp.Body = http.NoBody
		return err
	}
	resp.Body = body
	return nil
}

const statementHeader = "Wechatpay-Statement-Sha1"

// statement returns the digest of an overseas statement, once it is shown to be
// the platform's.
func (v verifier) statement(ctx context.Context, h http.Header, seal signer.Seal) (digest string, err error) {
	if digest = h.Get(statementHeader); digest == "" {
		return "", &signer.VerifyError{Reason: signer.ReasonHeader, Err: errors.New(
			statementHeader + " is missing: a statement is signed over this digest of it")}
	}
	return digest, seal.Verify(ctx, v.keys, v.clock(), []byte(`{"sha1":"`+digest+`"}`))
}

func matchStatement(digest string, sum []byte) error {
	want, err := hex.DecodeString(digest)
	if err != nil || subtle.ConstantTimeCompare(want, sum) != 1 {
		return &signer.VerifyError{Reason: signer.ReasonSignature, Err: fmt.Errorf(
			"the statement's SHA-1 is %x, but %s says %s: it was cut short or changed on its way", sum, statementHeader, quote.Text(digest))}
	}
	return nil
}

// streamed is a body that is verified as it goes by.
type streamed struct {
	io.ReadCloser
	sum      io.Writer // a hash, which never fails
	verify   func() error
	verified func()
	done     error
}

func (s *streamed) Read(p []byte) (int, error) {
	if s.done != nil {
		return 0, s.done
	}
	n, err := s.ReadCloser.Read(p)
	s.sum.Write(p[:n])
	if err == io.EOF {
		if bad := s.verify(); bad != nil {
			err = bad
		} else {
			s.verified()
		}
	}
	s.done = err
	return n, err
}
