package mcp

import (
	"bytes"
	"cmp"
	"context"
	"crypto/x509"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/wxchain/wechatpay/internal/platform"
	"github.com/wxchain/wechatpay/internal/shallow"
	"github.com/wxchain/wechatpay/keys"
	"github.com/wxchain/wechatpay/openapi"
	"github.com/wxchain/wechatpay/sandbox"
	"github.com/wxchain/wechatpay/signer"
)

// A signedRequest is the arguments of explain_sign_error.
type signedRequest struct {
	Method        string            `json:"method"`
	URL           string            `json:"url" jsonschema:"the URL as it was sent, with its query; or the path and query"`
	Authorization string            `json:"authorization,omitempty" jsonschema:"the header Authorization"`
	Headers       map[string]string `json:"headers,omitempty" jsonschema:"other headers, or all"`
	Body          string            `json:"body,omitempty" jsonschema:"the body as it was sent, byte for byte; 64 KiB at most"`
	Certificate   string            `json:"certificate,omitempty" jsonschema:"PEM text of the merchant's certificate apiclient_cert.pem, which is public"`
	Answer        rawJSON           `json:"answer,omitempty" jsonschema:"the body of the platform's answer of 401, whose detail says what it computed"`
	Signed        string            `json:"signed,omitempty" jsonschema:"the text that the program signed"`
}

// A checkStep is a check of a signature.
type checkStep struct {
	Name   string `json:"name"`
	State  string `json:"state" jsonschema:"ok, failed or skipped"`
	Sent   string `json:"sent,omitempty"`
	Wanted string `json:"wanted,omitempty"`
	Why    string `json:"why,omitempty"`
}

// A signedLine is a line of the text that a signature covers.
type signedLine struct {
	Line    string `json:"line" jsonschema:"method, url, timestamp, nonce or body"`
	Same    bool   `json:"same"`
	Wanted  string `json:"wanted" jsonschema:"what has to be signed; long lines show where they differ"`
	Signed  string `json:"signed,omitempty" jsonschema:"what was signed, if it is known and differs"`
	Against string `json:"against,omitempty" jsonschema:"where the other text comes from: the signature, the program, or the platform"`
}

// A signExplanation is the answer of explain_sign_error.
type signExplanation struct {
	World    string       `json:"world"`
	Verdict  string       `json:"verdict" jsonschema:"what is wrong, in a sentence"`
	Findings []string     `json:"findings" jsonschema:"everything that is wrong, or that could not be checked"`
	Checks   []checkStep  `json:"checks"`
	Lines    []signedLine `json:"lines"`
	Bytes    int          `json:"bytes" jsonschema:"the length of the text that has to be signed"`
}

// maxSignedBody is the length of the longest body that a sandbox remembers whole.
const maxSignedBody = 64 << 10

var privateKey = regexp.MustCompile(`-----BEGIN [A-Z ]*PRIVATE KEY-----`)

// explainSign says why a signature is refused.
func (w *world) explainSign(ctx context.Context, in signedRequest) (signExplanation, error) {
	req, err := in.request()
	if err != nil {
		return signExplanation{}, err
	}
	out := signExplanation{World: worldRequest, Findings: []string{}}
	target := in.target()
	a, err := platform.ParseSent(req.Header.Get("Authorization"))
	if err != nil {
		out.Findings = append(out.Findings, whyAuthorization(req.Header.Get("Authorization"))...)
	}
	body, err := platform.Signed(req.Header, []byte(in.Body))
	if err != nil {
		out.Findings = append(out.Findings, "The upload has no part meta, which is what is signed.")
	}
	message := signer.RequestMessage(in.Method, target, a.Timestamp, a.Nonce, body)
	out.Bytes = len(message)
	if err := out.open(ctx, w, in, req, a); err != nil {
		return signExplanation{}, err
	}
	if in.Signed != "" {
		out.compare("the program", string(message), in.Signed)
	}
	out.platform(in.Answer, string(message), platform.NewSignInformation(in.Method, target, a, body))
	if out.Lines == nil {
		out.Lines = compareLines("", string(message), string(message))
	}
	out.advise(req, target)
	return out, nil
}

// request returns the request as it was sent.
func (in signedRequest) request() (*http.Request, error) {
	if err := in.check(); err != nil {
		return nil, err
	}
	u, err := url.ParseRequestURI(in.target())
	if err != nil {
		return nil, errors.New("url: it has a wrong escape, such as a % without two digits")
	}
	u.Scheme, u.Host = "http", "sandbox.invalid"
	req, err := http.NewRequest(in.Method, u.String(), strings.NewReader(in.Body))
	if err != nil {
		return nil, errors.New("method or url: cannot be sent")
	}
	req.RequestURI = in.target()
	for name, value := range in.Headers {
		req.Header.Set(name, value)
	}
	if in.Authorization != "" {
		req.Header.Set("Authorization", strings.TrimSpace(strings.TrimPrefix(in.Authorization, "Authorization:")))
	}
	if in.Body != "" && req.Header.Get("Content-Type") == "" {
		req.Header.Set("Content-Type", "application/json")
	}
	return req, nil
}

// check checks the parts of the request.
func (in signedRequest) check() error {
	for _, field := range [...]struct{ name, text string }{{"certificate", in.Certificate}, {"body", in.Body}, {"signed", in.Signed}} {
		if privateKey.MatchString(field.text) {
			return fmt.Errorf("%s is a private key, which must never leave its machine: replace that key, and pass the certificate", field.name)
		}
	}
	target := in.target()
	switch {
	case len(in.Body) > maxSignedBody:
		return fmt.Errorf("body is longer than %d bytes", maxSignedBody)
	case in.Method == "" || strings.ContainsFunc(in.Method, func(r rune) bool { return r < 'A' || r > 'z' }):
		return errors.New("method: want the method as it was sent, such as GET")
	case !strings.HasPrefix(target, "/") || strings.ContainsFunc(target, func(r rune) bool { return r <= ' ' || r == 0x7f }):
		return errors.New("url: want the URL as it was sent, such as https://api.mch.weixin.qq.com/v3/certificates, without spaces")
	}
	return nil
}

// whyAuthorization returns what is wrong with a header Authorization that cannot be read.
func whyAuthorization(header string) (all []string) {
	if header == "" {
		return []string{"The header Authorization is missing."}
	}
	for _, name := range [...]string{"mchid", "nonce_str", "timestamp", "serial_no", "signature"} {
		_, rest, found := strings.Cut(header, name+`="`)
		value, _, _ := strings.Cut(rest, `"`)
		switch {
		case !found:
			all = append(all, "The header Authorization has no "+name+`="…", in double quotes.`)
		case name == "timestamp" && isNumber(value) && len(value) == 13:
			all = append(all, "The timestamp is in milliseconds. It must be in seconds.")
		case name == "timestamp" && (!isNumber(value) || len(value) > 12):
			all = append(all, "The timestamp is not a number of seconds since 1970.")
		}
	}
	if all == nil {
		all = []string{"The header Authorization does not have the form of the platform: the scheme, one space, then the five fields mchid, nonce_str, timestamp, serial_no and signature, each once, with commas between them."}
	}
	return all
}

// target returns the path and the query as they were sent.
func (in signedRequest) target() string {
	rest := in.URL
	if _, after, ok := strings.Cut(rest, "://"); ok {
		rest = after
		i := strings.IndexAny(rest, "/?")
		if i < 0 {
			return "/"
		}
		rest = rest[i:]
	}
	rest, _, _ = strings.Cut(rest, "#")
	if strings.HasPrefix(rest, "?") {
		rest = "/" + rest
	}
	return rest
}

// open checks the signature with the merchant's certificate, in a sandbox for this one
// request.
func (e *signExplanation) open(ctx context.Context, w *world, in signedRequest, req *http.Request, a platform.Authorization) error {
	e.Checks = []checkStep{}
	config, err := w.keys()
	if err != nil {
		return err
	}
	switch {
	case in.Certificate != "":
		cert, err := certificateOf(in.Certificate)
		if err != nil {
			return err
		}
		config.Merchants = []sandbox.Merchant{merchantOf(cmp.Or(a.MchID, cert.Subject.CommonName, sandbox.DefaultMchID), cert)}
		if name := cert.Subject.CommonName; isNumber(name) && a.MchID != "" && name != a.MchID {
			e.Findings = append(e.Findings, fmt.Sprintf("The certificate is that of the merchant %s, but Authorization names the merchant %s.", cut(name, 32), cut(a.MchID, 32)))
		}
	case a.MchID != config.Merchants[0].MchID:
		e.Findings = append(e.Findings, "The signature itself was not opened: that needs the merchant's certificate, in certificate.")
		return nil
	}
	at := sentAt(a.Timestamp)
	config.Clock = func() time.Time { return at }
	config.Demo = false
	server, err := sandbox.New(config)
	if err != nil {
		return fmt.Errorf("certificate: %w", err)
	}
	defer server.Close()
	server.ServeHTTP(httptest.NewRecorder(), serverRequest(ctx, req))
	page, err := server.RequestPage(sandbox.Query{Limit: 1})
	if err != nil || len(page.Items) == 0 {
		return err
	}
	x, err := server.Exchange(page.Items[0].ID)
	if err != nil {
		return err
	}
	e.Checks = stepsOf(x.Signature)
	for _, c := range e.Checks {
		if c.State == "failed" {
			e.Findings = append(e.Findings, c.Why)
		}
	}
	e.Findings = append(e.Findings, x.Signature.Changes...)
	if x.Signature.Fits != "" {
		e.Lines = linesOf(x.Signature)
	}
	return nil
}

// sentAt returns the time at which a request says that it was sent, as the sandbox checks
// its signature whenever that was.
func sentAt(timestamp string) time.Time {
	seconds, err := strconv.ParseInt(timestamp, 10, 64)
	if err != nil || len(timestamp) != 10 {
		return time.Now()
	}
	return time.Unix(seconds, 0)
}

func isNumber(text string) bool { return text != "" && strings.Trim(text, "0123456789") == "" }

// certificateOf parses PEM text. It never reads a file.
func certificateOf(text string) (*x509.Certificate, error) {
	if !strings.Contains(text, "-----BEGIN CERTIFICATE-----") {
		return nil, errors.New("certificate: want the PEM text of apiclient_cert.pem, with its line -----BEGIN CERTIFICATE-----")
	}
	cert, err := keys.Certificate(text)
	if err != nil {
		return nil, errors.New("certificate: not a certificate in PEM")
	}
	return cert, nil
}

// merchantOf returns a merchant of whom only the certificate is known.
func merchantOf(mchID string, cert *x509.Certificate) sandbox.Merchant {
	serial, _ := keys.SerialNo(cert) // a certificate that was parsed has one
	const key = "no key of 32 bytes is known here"
	return sandbox.Merchant{MchID: mchID, Certificate: cert, SerialNo: serial, Signer: noSigner(serial), APIv3Key: key, APIv2Key: key[1:] + "."}
}

// A noSigner is a signer of a merchant whose private key is elsewhere. It is the serial
// number.
type noSigner string

func (noSigner) Scheme() string     { return signer.SchemeRSA }
func (s noSigner) SerialNo() string { return string(s) }
func (noSigner) Sign(context.Context, []byte) ([]byte, error) {
	return nil, errors.New("the private key is not known here")
}

// stepsOf returns the checks of a signature, without the signature.
func stepsOf(s sandbox.SignatureCheck) []checkStep {
	all := []checkStep{}
	for _, c := range s.Checks {
		sent := cut(strings.ToValidUTF8(c.Sent, "�"), maxShown)
		switch c.Name {
		case "authorization":
			sent = withoutSignature(sent)
		case "encoding", "sign":
			if sent != "" {
				sent = leftOut
			}
		}
		all = append(all, checkStep{c.Name, c.State, sent, cut(c.Wanted, maxShown), cut(c.Why, maxShown)})
	}
	return all
}

// linesOf returns the lines of the text that was to be signed, beside the one that was.
func linesOf(s sandbox.SignatureCheck) []signedLine {
	if s.Fits == "" || strings.Count(s.Expected, "\n") < 4 {
		return nil // of APIv2, in one line, or not known
	}
	return compareLines("the signature", s.Expected, s.Fits)
}

// messageLines are the lines of the text that a request's signature covers.
var messageLines = [...]string{"method", "url", "timestamp", "nonce", "body"}

// compareLines compares two texts line by line. The body is the rest.
func compareLines(against, wanted, signed string) (all []signedLine) {
	here, there := splitMessage(wanted), splitMessage(signed)
	for i, name := range messageLines {
		line := signedLine{Line: name, Same: here[i] == there[i], Wanted: around(here[i], 0)}
		if !line.Same {
			at := differAt(here[i], there[i])
			line.Wanted, line.Signed, line.Against = around(here[i], at), around(there[i], at), against
		}
		all = append(all, line)
	}
	return all
}

// splitMessage returns the lines of a text. Missing ones are empty, and so is a body
// without its newline at the end.
func splitMessage(text string) [len(messageLines)]string {
	var lines [len(messageLines)]string
	copy(lines[:], strings.SplitN(text, "\n", len(lines)))
	last := len(lines) - 1
	if body, ok := strings.CutSuffix(lines[last], "\n"); ok {
		lines[last] = body
	} else if strings.Count(text, "\n") >= last {
		lines[last] += "(without the newline at the end)"
	}
	return lines
}

// differAt returns the first byte in which two texts differ.
func differAt(a, b string) int {
	for i := range min(len(a), len(b)) {
		if a[i] != b[i] {
			return i
		}
	}
	return min(len(a), len(b))
}

// around returns a text as it is, or if it is long the part around a byte.
func around(text string, at int) string {
	const before, after = 60, 140
	if len(text) <= before+after {
		return strings.ToValidUTF8(text, "�")
	}
	from := max(0, min(at-before, len(text)-before-after))
	to := min(len(text), from+before+after)
	shown := strings.ToValidUTF8(text[from:to], "")
	if from > 0 {
		shown = fmt.Sprintf("…(from byte %d) %s", from, shown)
	}
	if to < len(text) {
		shown += fmt.Sprintf("… (%d bytes in all)", len(text))
	}
	return shown
}

// compare adds the lines that differ from another text.
func (e *signExplanation) compare(against, wanted, other string) {
	lines := compareLines(against, wanted, other)
	var differ []string
	for _, l := range lines {
		if !l.Same {
			differ = append(differ, l.Line)
		}
	}
	if differ == nil {
		e.Findings = append(e.Findings, fmt.Sprintf("The text of %s is what has to be signed.", against))
		return
	}
	e.Findings = append(e.Findings, fmt.Sprintf("The text of %s differs in: %s.", against, strings.Join(differ, ", ")))
	e.Lines = append(e.Lines, lines...)
}

// platform compares what the platform says that it computed.
//
// https://pay.weixin.qq.com/doc/v3/merchant/4012365342
func (e *signExplanation) platform(answer rawJSON, message string, ours platform.SignInformation) {
	raw := bytes.TrimSpace(answer)
	if len(raw) == 0 {
		return
	}
	if text := ""; raw[0] == '"' && json.Unmarshal(raw, &text) == nil {
		raw = []byte(text)
	}
	var theirs platform.SignInformation
	info := shallow.ParseJSON(raw).Get("detail.sign_information")
	if json.Unmarshal([]byte(info.Raw), &theirs) != nil || theirs.Truncated == "" {
		e.Findings = append(e.Findings, "The answer has no detail.sign_information, so it does not say what the platform computed.")
		return
	}
	e.compare("the platform", ours.Truncated, theirs.Truncated)
	if ours.Length != theirs.Length {
		e.Findings = append(e.Findings, fmt.Sprintf("The platform computed %d bytes; this request has %d: something changes the request on its way, such as a proxy, a gateway or a base URL with a path, or the body that was sent is another one.", theirs.Length, len(message)))
	}
}

// advise says what is wrong in a sentence.
func (e *signExplanation) advise(req *http.Request, target string) {
	if openapi.Match(req.Method, req.URL.EscapedPath()) == nil {
		finding := "No operation has this method and path"
		if i := strings.Index(target, "/v3/"); i > 0 {
			finding += "; the platform never sees the prefix " + cut(target[:i], 64) + ": sign the path that the platform receives"
		} else if nearest := openapi.Nearest(req.Method, req.URL.EscapedPath()); nearest != nil {
			finding += "; did you mean " + nearest.String() + "?"
		}
		e.Findings = append(e.Findings, finding)
	}
	for i, f := range e.Findings {
		e.Findings[i] = cut(f, maxShown)
	}
	const mostFindings = 12
	e.Findings = e.Findings[:min(len(e.Findings), mostFindings)]
	passed := 0
	for _, c := range e.Checks {
		if c.State == "failed" {
			e.Verdict = cmp.Or(e.Verdict, c.Why)
		}
		if c.State == "ok" {
			passed++
		}
	}
	switch {
	case e.Verdict != "":
	case len(e.Checks) > 0 && passed == len(e.Checks):
		e.Verdict = "The signature is right for this request and this certificate. If the platform refuses it, the request changed on its way, its timestamp was more than five minutes from the platform's clock, or its nonce was used before."
	case len(e.Findings) > 0:
		e.Verdict = e.Findings[0]
	default:
		e.Verdict = "Nothing wrong was found."
	}
}
