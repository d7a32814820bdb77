package doctor

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/wxchain/wechatpay/cmd/wxpay/internal/shared/exit"
	"github.com/wxchain/wechatpay/cmd/wxpay/internal/shared/lang"
	"github.com/wxchain/wechatpay/cmd/wxpay/internal/shared/term"
	"github.com/wxchain/wechatpay/internal/platform"
	"github.com/wxchain/wechatpay/internal/shallow"
	"github.com/wxchain/wechatpay/internal/skew"
	"github.com/wxchain/wechatpay/middleware"
	"github.com/wxchain/wechatpay/signer"
)

const (
	doctorTimeout = 15 * time.Second // for each call
	maxAnswer     = 1 << 20          // bytes
)

// An answer is the outcome of GET v3/certificates.
type answer struct {
	status    int
	header    http.Header
	body      []byte
	skew      time.Duration // how far this machine's clock is ahead of the platform's
	dated     bool
	signed    platform.Authorization // as sent
	requested *url.URL
}

// ask calls GET v3/certificates through a transport. It does not follow
// redirects.
func (c *checkup) ask(ctx context.Context, transport http.RoundTripper) (*answer, error) {
	u, err := url.Parse(c.base())
	if err != nil {
		return nil, err
	}
	exchange := &middleware.Exchange{}
	ctx, cancel := context.WithTimeout(middleware.WithExchange(ctx, exchange), doctorTimeout)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, u.JoinPath("v3/certificates").String(), nil)
	if err != nil {
		return nil, err
	}
	req.Header.Set("Accept", "application/json")
	req.Header.Set("User-Agent", "wxpay-doctor")
	if isPublicKeyID(c.PlatformKeyID) {
		req.Header.Set("Wechatpay-Serial", c.PlatformKeyID) // asks the platform to sign with this key
	}
	before := c.now()
	resp, err := transport.RoundTrip(req)
	if err != nil {
		return nil, err
	}
	defer resp.Body.Close()
	after := c.now()
	a := &answer{status: resp.StatusCode, header: resp.Header, requested: req.URL}
	a.skew, a.dated = skew.Of(resp.Header, before, after)
	if sent := exchange.Sent(); sent != nil && sent.Header.Get("Authorization") != "" {
		a.requested = sent.URL
		if a.signed, err = platform.ParseSent(sent.Header.Get("Authorization")); err != nil {
			return nil, err
		}
	}
	a.body, err = io.ReadAll(io.LimitReader(resp.Body, maxAnswer))
	return a, err
}

// lost returns a finding about a call without an answer.
func lost(err error) finding {
	mend := lang.Phrase("look at the network, the firewall and HTTPS_PROXY")
	if errors.As(err, new(*net.DNSError)) {
		mend = "look at this machine's DNS, and at base_url"
	}
	return bad(exit.Network, err, mend)
}

func checkConnection(ctx context.Context, c *checkup) finding {
	a, err := c.ask(ctx, middleware.Guard(c.transport))
	if err != nil {
		return lost(err)
	}
	c.greeting = a
	if !shallow.ValidJSON(a.body) {
		return bad(exit.Network, lang.Sprintf("%s answers %d, and not with JSON: it is not the platform", c.base(), a.status),
			lang.Phrase("look at base_url and HTTPS_PROXY"))
	}
	return fine("%s answers", c.base())
}

// checkClock holds this machine's clock against the platform's.
//
// https://pay.weixin.qq.com/doc/v3/merchant/4012365342
func checkClock(_ context.Context, c *checkup) finding {
	ahead := c.greeting.skew
	text := lang.Sprintf("this machine's clock is %d s ahead of the platform's, and at most %d are allowed", int(ahead.Seconds()), int(signer.MaxSkew.Seconds()))
	if ahead < 0 {
		text = lang.Sprintf("this machine's clock is %d s behind the platform's, and at most %d are allowed", int(-ahead.Seconds()), int(signer.MaxSkew.Seconds()))
	}
	const mend lang.Phrase = "set it, best by NTP"
	switch {
	case !c.greeting.dated:
		return skipped("the answer has no Date")
	case skew.IsCritical(ahead):
		return bad(exit.Usage, text, mend)
	case skew.IsNotable(ahead):
		return fine("%s", text).but(mend)
	}
	return fine("within %d s of the platform's", int(ahead.Abs().Seconds())+1)
}

// checkSignature makes the signed call. It only checks whether the platform
// accepted the signature.
func checkSignature(ctx context.Context, c *checkup) finding {
	merchant, err := c.Signer()
	if err != nil {
		return bad(exit.Usage, err, mendKey)
	}
	signing := middleware.Signer(c.MchID, merchant, middleware.Clock(c.now))(middleware.Guard(c.transport))
	a, err := c.ask(ctx, signing)
	if err != nil {
		return lost(err)
	}
	c.answer = a
	if a.status == http.StatusUnauthorized {
		return a.signError()
	}
	return fine("the platform accepts it")
}

// refusal returns the platform's message about a refused call.
func (a *answer) refusal() lang.Message {
	said := shallow.ParseJSON(a.body)
	text := lang.Sprintf("%d %s: %s", a.status, term.Printable(said.Get("code").String()), term.Printable(said.Get("message").String()))
	if id := a.header.Get("Request-ID"); id != "" {
		text = lang.Sprintf("%s (Request-ID %s)", text, term.Printable(id))
	}
	return text
}

func checkCall(_ context.Context, c *checkup) finding {
	code := shallow.ParseJSON(c.answer.body).Get("code").String()
	switch status := c.answer.status; {
	case status == http.StatusOK:
		return fine("GET v3/certificates: 200")
	case status == http.StatusNotFound && code == "RESOURCE_NOT_EXISTS":
		return fine("GET v3/certificates: 404 RESOURCE_NOT_EXISTS, as merchants are answered that have the platform public key alone")
	case status >= 500 || status == http.StatusTooManyRequests:
		return bad(exit.Failed, lang.Sprintf("GET v3/certificates: %s", c.answer.refusal()), lang.Phrase("try again later"))
	}
	return bad(exit.Failed, lang.Sprintf("GET v3/certificates: %s", c.answer.refusal()), lang.Phrase("ask the platform's support, with the Request-ID"))
}

// checkAnswer verifies the answer to the signed call.
func checkAnswer(ctx context.Context, c *checkup) finding {
	seal := signer.SealOf(c.answer.header.Get)
	if c.answer.status != http.StatusOK && seal.Signature == "" {
		return skipped("an answer of %d, which is not signed", c.answer.status)
	}
	known, err := c.PublicKeys(ctx)
	if err != nil {
		return bad(exit.Code(err), err, mendPublicKey)
	}
	if err := seal.Verify(ctx, known, c.now(), c.answer.body); err != nil {
		return bad(exit.Verify, err, c.mendVerify(seal))
	}
	return fine("it is the platform's: signed by %s", seal.Serial)
}

func (c *checkup) mendVerify(seal signer.Seal) lang.Text {
	switch {
	case isPublicKeyID(seal.Serial) && strings.EqualFold(seal.Serial, c.PlatformKeyID):
		return lang.Sprintf("pub_key.pem is not the key of this id; %s", mendPublicKey)
	case isPublicKeyID(seal.Serial):
		return lang.Sprintf("set platform_public_key_id and platform_public_key; %s", mendPublicKey)
	case c.APIv3Key == "" && seal.Serial != "":
		return lang.Sprintf("the platform signs with a certificate for this merchant: set WECHATPAY_APIV3_KEY, to download it; or see whether %s is this merchant's", c.PlatformKeyID)
	}
	return lang.Phrase("see what stands between this machine and the platform, such as a proxy")
}
