package wire

import (
	"bytes"
	"compress/gzip"
	"net/http"
	"regexp"
	"strconv"

	"github.com/wxchain/wechatpay/openapi"
)

// The types of bodies.
const (
	TypeJSON = "application/json; charset=utf-8"
	TypeXML  = "text/xml; charset=utf-8"
)

// A Reply is an answer before it is signed.
type Reply struct {
	Status      int
	ContentType string
	Body        []byte
	Code        string // of a refusal
	Example     bool   // the sandbox has no rules for the operation
}

// ExampleHeader is the header of answers that are examples. Its value is "example".
const ExampleHeader = "Wechatpay-Sandbox"

// Write writes a reply.
func (out Reply) Write(w http.ResponseWriter) {
	out.WriteHead(w)
	_, _ = w.Write(out.Body) // a client that is gone does not read it
}

// WriteHead writes the status and the header of a reply.
func (out Reply) WriteHead(w http.ResponseWriter) {
	if len(out.Body) > 0 {
		w.Header().Set("Content-Type", out.ContentType)
		w.Header().Set("Content-Length", strconv.Itoa(len(out.Body)))
	}
	if out.Example {
		w.Header().Set(ExampleHeader, "example")
	}
	w.WriteHeader(out.Status)
}

// ExampleStatus returns the status of the example of an operation's answer.
func ExampleStatus(op *openapi.Operation) int {
	if len(op.Responses) == 0 {
		return http.StatusNoContent
	}
	return op.Responses[0].Status
}

var origin = regexp.MustCompile(`https?://[\w.:@%\[\]-]*/?`)

// LeadHere returns text whose URLs lead to the sandbox at base. The URLs of the
// documentation's examples lead to the platform, to which a program must not send
// the requests of a test.
func LeadHere(base, text string) string { return origin.ReplaceAllLiteralString(text, base) }

// Zip returns a file as it is with the tar_type GZIP.
func Zip(text []byte) ([]byte, error) {
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	if _, err := w.Write(text); err != nil {
		return nil, err
	}
	err := w.Close()
	return b.Bytes(), err
}
