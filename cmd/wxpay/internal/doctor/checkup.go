package doctor

import (
	"context"
	"crypto"
	"crypto/x509"
	"encoding/json"
	"net/http"
	"time"

	"github.com/wxchain/wechatpay/cmd/wxpay/internal/shared/exit"
	"github.com/wxchain/wechatpay/cmd/wxpay/internal/shared/lang"
	"github.com/wxchain/wechatpay/cmd/wxpay/internal/shared/settings"
)

// A state is the result of a check.
type state int

const (
	unchecked state = iota
	right
	doubtful // correct, but something should be fixed
	wrong
)

// MarshalJSON writes true, false or null.
func (s state) MarshalJSON() ([]byte, error) {
	if s == unchecked {
		return []byte("null"), nil
	}
	return json.Marshal(s != wrong)
}

// A finding is what a check found.
type finding struct {
	Check   string       `json:"check"`
	OK      state        `json:"ok"`
	Message lang.Message `json:"message"` // has several lines if there is something to compare
	Mend    lang.Message `json:"mend"`
	code    int          // exit code if the state is wrong

	isMissing bool // a setting is missing
}

func fine(format string, args ...any) finding {
	return finding{OK: right, Message: lang.Sprintf(format, args...)}
}

func skipped(format string, args ...any) finding {
	return finding{Message: lang.Sprintf(format, args...)}
}

// but turns a finding into a doubtful one that suggests mend.
func (f finding) but(mend lang.Text) finding {
	f.OK, f.Mend = doubtful, lang.Sprintf("%s", mend)
	return f
}

// bad returns a finding of something wrong. what is an error or a text.
func bad(code int, what any, mend lang.Text) finding {
	return finding{OK: wrong, Message: lang.Sprintf("%v", what), Mend: lang.Sprintf("%s", mend), code: code}
}

// A check examines one thing.
type check struct {
	name   string
	online bool
	needs  []string // these checks must have found no error
	after  []string // if these checks ran, they must have found no error
	look   func(context.Context, *checkup) finding
}

// checks lists the checks in order. Each check follows those that it needs.
func checks() []check {
	merchant := []string{"mchid", "private_key", "serial_no", "base_url", "connection", "clock"}
	return []check{
		{name: "configuration", look: checkConfiguration},
		{name: "mchid", look: checkMchID},
		{name: "private_key_file", look: checkPrivateKeyFile},
		{name: "private_key", needs: []string{"private_key_file"}, look: checkPrivateKey},
		{name: "certificate", look: checkCertificate},
		{name: "certificate_in_force", needs: []string{"certificate"}, look: checkCertificateInForce},
		{name: "key_pair", needs: []string{"private_key", "certificate"}, look: checkKeyPair},
		{name: "apiv3_key", look: checkAPIv3Key},
		{name: "apiv2_key", look: checkAPIv2Key},
		{name: "platform_public_key_id", look: checkPlatformKeyID},
		{name: "platform_public_key", look: checkPlatformKey},
		{name: "base_url", look: checkBaseURL},
		{name: "connection", online: true, needs: []string{"base_url"}, look: checkConnection},
		{name: "clock", online: true, needs: []string{"connection"}, look: checkClock},
		{name: "serial_no", look: checkSerialNo},
		{name: "signature", online: true, needs: merchant, after: []string{"certificate_in_force", "key_pair"}, look: checkSignature},
		{name: "call", online: true, needs: []string{"signature"}, look: checkCall},
		{name: "platform_certificates", online: true, needs: []string{"call", "apiv3_key"}, look: checkPlatformCertificates},
		{name: "answer", online: true, needs: []string{"call"},
			after: []string{"platform_public_key_id", "platform_public_key", "apiv3_key", "platform_certificates"}, look: checkAnswer},
	}
}

// A publicKey is a key that can be compared.
type publicKey interface{ Equal(crypto.PublicKey) bool }

// A checkup is a run of the checks, with the data that they share.
type checkup struct {
	*settings.Settings
	origins   lang.Clauses // where the settings come from
	broken    error        // why some settings could not be read
	offline   bool
	waits     bool // offline only until the settings are right
	now       func() time.Time
	transport *http.Transport
	findings  []finding

	key      publicKey         // of the merchant's private key; nil unless that is correct
	cert     *x509.Certificate // the merchant's certificate; nil if it could not be read
	greeting *answer           // to an unsigned call
	answer   *answer           // to the signed call
}

func newCheckup(s settings.Settings, offline bool, now func() time.Time, transport *http.Transport) *checkup {
	c := &checkup{Settings: &s, offline: offline, now: now, transport: transport}
	c.origins, c.broken = s.Trace()
	return c
}

func (c *checkup) run(ctx context.Context) {
	states := make(map[string]state)
	for _, check := range checks() {
		f := c.perform(ctx, check, states)
		f.Check = check.name
		states[check.name] = f.OK
		c.findings = append(c.findings, f)
	}
}

func (c *checkup) perform(ctx context.Context, check check, states map[string]state) finding {
	switch {
	case check.online && c.waits:
		return skipped("the settings above come first")
	case check.online && c.offline:
		return skipped("it needs the network, which --offline leaves out")
	}
	for _, name := range check.needs {
		switch states[name] {
		case wrong:
			return skipped("%s is wrong", name)
		case unchecked:
			return skipped("%s was not checked", name)
		}
	}
	for _, name := range check.after {
		if states[name] == wrong {
			return skipped("%s is wrong", name)
		}
	}
	return check.look(ctx, c)
}

// need returns a finding about the missing settings among those with these
// names. It reports true if no setting is missing.
func (c *checkup) need(names ...string) (missing finding, ok bool) {
	err := c.Need(names...)
	switch {
	case err == nil:
		return finding{}, true
	case c.broken != nil:
		return skipped("it is not set in what could be read of the configuration"), false
	}
	missing = bad(exit.Usage, err, lang.Phrase("set it; wxpay init asks for it"))
	missing.isMissing = true
	return missing, false
}
