package middleware

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"unicode"

	"github.com/wxchain/wechatpay/internal/apiv2"
	"github.com/wxchain/wechatpay/internal/body"
	"github.com/wxchain/wechatpay/internal/uritemplate"
	"github.com/wxchain/wechatpay/signer"
)

// An answerKind says what of a successful answer the platform signs, and what
// the answer is if that is nothing.
type answerKind int

const (
	signedAnswer answerKind = iota // the body
	digestAnswer                   // APIv3: a digest in a header, which the body must match
	fileAnswer                     // APIv3: nothing of a file
	textAnswer                     // APIv2: nothing of a text, such as a bill; XML if there is none
	pageAnswer                     // APIv2: nothing of a page for a user, or of a redirect to it
	jsonAnswer                     // APIv2: nothing of a JSON object
	xmlAnswer                      // APIv2: nothing of XML
)

// isLong reports whether an answer may be long, so that a call streams it.
func (kind answerKind) isLong() bool { return kind == textAnswer || kind == pageAnswer }

// kindOf returns the kind of the answer to a request. The template of the call
// decides, never the value of a variable: whoever chooses a value must not
// choose an operation whose answers nobody can verify. protocol is what the
// templates of a protocol start with but the path that is sent does not.
func kindOf(req *http.Request, protocol string) answerKind {
	x := ExchangeOf(req.Context())
	path := x.operation(req.URL)
	template, _ := uritemplate.CutQuery(strings.TrimPrefix(x.Template, "/"))
	if n := len(protocol); len(template) >= n && strings.EqualFold(template[:n], protocol) {
		template = protocol + template[n:] // v2 is selected in either case
	}
	if x.Template == "" {
		template = protocol + path
	}
	if protocol != "" { // APIv2 takes a slash at the end for none
		template, path = strings.TrimSuffix(template, "/"), strings.TrimSuffix(path, "/")
	}
	for _, op := range &unsignedOperations {
		if !strings.HasPrefix(template, op.start) {
			continue
		}
		start, ok := strings.CutPrefix(op.start, protocol)
		if !ok || !strings.HasPrefix(path, start) {
			continue // a middleware may have sent the request elsewhere
		}
		asked, sent := template[len(op.start):], path[len(start):]
		if op.variable && asked != "" && isFileID(sent) || !op.variable && asked == "" && sent == "" {
			return op.kind
		}
	}
	return signedAnswer
}

// isFileID reports whether the end of an escaped path names a file. An ID is
// base64 and may hold slashes, but nothing by which a server could come to
// another path, and images/upload is an operation.
func isFileID(escaped string) bool {
	id, err := url.PathUnescape(escaped)
	if err != nil || strings.Trim(id, "/") == "" || strings.ContainsAny(id, `\%;`) ||
		strings.ContainsFunc(id, func(r rune) bool { return unicode.IsSpace(r) || unicode.IsControl(r) }) {
		return false
	}
	for segment := range strings.SplitSeq(id, "/") {
		if segment == "." || segment == ".." || strings.EqualFold(segment, "upload") {
			return false
		}
	}
	return true
}

// checkUnsigned reports a body that cannot be what the platform sends as an
// answer of that kind: the page of a proxy is none.
func checkUnsigned(kind answerKind, answer *body.Held) (err error) {
	b := answer.Bytes
	switch {
	case kind == pageAnswer, kind == textAnswer && !apiv2.StartsAsXML(b):
		return nil
	case kind == jsonAnswer && !apiv2.StartsAsXML(b):
		if start := strings.TrimLeft(string(b[:min(len(b), 16)]), " \t\r\n"); !strings.HasPrefix(start, "{") || !json.Valid(b) {
			return notPlatforms(errors.New("it is not a JSON object"))
		}
		return nil
	}
	if answer.XML, err = answer.Document(); err != nil {
		return notPlatforms(err)
	}
	if code, _ := answer.XML.Fields()["return_code"].(string); code == "" {
		return notPlatforms(errors.New("it has no return_code"))
	}
	return nil
}

// notPlatforms is the error of an answer that the platform did not write.
func notPlatforms(err error) error {
	return &signer.VerifyError{Reason: signer.ReasonSignature, Err: fmt.Errorf("the answer cannot be the platform's: %w", err)}
}
