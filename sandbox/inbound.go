package sandbox

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/wxchain/wechatpay/internal/uritemplate"
	"github.com/wxchain/wechatpay/openapi"
)

// How long a body may be, in bytes: the platform takes images of 2 MiB and
// videos of 5 MiB.
const (
	maxBody   = 1 << 20
	maxUpload = 6 << 20
)

// An inbound is a request as it arrived.
type inbound struct {
	ctx    context.Context
	now    time.Time        // by the clock of the sandbox
	wall   time.Time        // of day
	clock  func() time.Time // that of who signed it, which the answer keeps to
	method string
	target string // raw, as it is signed
	path   string // escaped
	query  string // raw
	header http.Header
	body   []byte
	peer   []byte // the client certificate, or nil
	tls    bool
	base   string // the URL of the sandbox, as the request names it

	op    *openapi.Operation // nil when the catalogue has none
	mchID string             // once it is authenticated
}

// receive reads a request. What it returns is never nil.
func receive(w http.ResponseWriter, r *http.Request, now time.Time, wall func() time.Time) (*inbound, error) {
	in := &inbound{
		ctx:    r.Context(),
		now:    now,
		wall:   wall(),
		clock:  wall,
		method: r.Method,
		target: r.RequestURI,
		path:   r.URL.EscapedPath(),
		query:  r.URL.RawQuery,
		header: r.Header,
		tls:    r.TLS != nil,
		base:   "http://" + r.Host + "/",
	}
	if in.tls {
		in.base = "https://" + r.Host + "/"
	}
	if !strings.HasPrefix(in.target, "/") {
		in.target = r.URL.RequestURI() // sent as to a proxy, or by no network
	}
	if in.tls && len(r.TLS.PeerCertificates) > 0 {
		in.peer = r.TLS.PeerCertificates[0].Raw
	}
	in.op = openapi.Match(in.method, in.path)

	limit := int64(maxBody)
	if in.op != nil && len(in.op.Form) > 0 {
		limit = maxUpload
	}
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, limit))
	if tooLong := (*http.MaxBytesError)(nil); errors.As(err, &tooLong) {
		return in, &refusal{Status: http.StatusRequestEntityTooLarge, Code: "INVALID_REQUEST",
			Message: fmt.Sprintf("the body is longer than %d bytes", tooLong.Limit)}
	}
	if err != nil {
		return in, &refusal{Status: http.StatusBadRequest, Code: "INVALID_REQUEST", Message: "the body ended too early"}
	}
	in.body = body
	return in, nil
}

func (in *inbound) isV2() bool { return in.op != nil && strings.HasPrefix(in.op.Template, "v2/") }

func (in *inbound) isUpload() bool {
	return strings.HasPrefix(strings.ToLower(in.header.Get("Content-Type")), "multipart/form-data")
}

// vars are the variables of the path, by name.
func (in *inbound) vars() map[string]string {
	vars := make(map[string]string)
	path := strings.TrimPrefix(strings.TrimPrefix(in.path, "/"), "v2/")
	for segment := range strings.SplitSeq(strings.TrimPrefix(in.op.Template, "v2/"), "/") {
		var value string
		value, path, _ = strings.Cut(path, "/")
		if name, ok := uritemplate.Variable(segment); ok {
			text, err := url.PathUnescape(value)
			if err != nil {
				text = value
			}
			vars[name] = text
		}
	}
	return vars
}
