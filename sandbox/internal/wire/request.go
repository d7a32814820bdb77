// Package wire has the HTTP parts that both protocols of a sandbox share: a
// request as it arrives, the reply, a refusal, and the check against the
// catalogue.
package wire

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/wxchain/wechatpay/openapi"
)

// The largest bodies, in bytes. The platform takes images of 2 MiB and videos of
// 5 MiB.
const (
	maxBody   = 1 << 20
	maxUpload = 6 << 20
)

// A Request is a request as it arrived.
type Request struct {
	Ctx    context.Context
	Now    time.Time        // by the clock of the sandbox
	Wall   time.Time        // of day
	Clock  func() time.Time // the clock of the caller, which the answer follows
	Method string
	Target string // raw, as it is signed
	Path   string // escaped
	Query  string // raw
	Header http.Header
	Body   []byte
	Peer   []byte // the client certificate, or nil
	TLS    bool
	Base   string // the URL of the sandbox, as the request names it

	Fault *Fault // nil if it meets none
	ID    uint64 // in the list of requests, once it is answered

	Op     *openapi.Operation // nil if the catalogue lacks it
	Scheme string             // of its Authorization, or "" if that is not one of this platform
	MchID  string             // once it is authenticated
}

// Receive reads a request. The Request is never nil.
func Receive(w http.ResponseWriter, r *http.Request, now time.Time, wall func() time.Time) (*Request, error) {
	in := &Request{
		Ctx:    r.Context(),
		Now:    now,
		Wall:   wall(),
		Clock:  wall,
		Method: r.Method,
		Target: r.RequestURI,
		Path:   r.URL.EscapedPath(),
		Query:  r.URL.RawQuery,
		Header: r.Header,
		TLS:    r.TLS != nil,
		Base:   "http://" + r.Host + "/",
	}
	if in.TLS {
		in.Base = "https://" + r.Host + "/"
	}
	if !strings.HasPrefix(in.Target, "/") {
		in.Target = r.URL.RequestURI() // sent as to a proxy, or by no network
	}
	if in.TLS && len(r.TLS.PeerCertificates) > 0 {
		in.Peer = r.TLS.PeerCertificates[0].Raw
	}
	in.Op = openapi.Match(in.Method, in.Path)

	limit := int64(maxBody)
	if in.Op != nil && len(in.Op.Form) > 0 {
		limit = maxUpload
	}
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, limit))
	if tooLong := (*http.MaxBytesError)(nil); errors.As(err, &tooLong) {
		return in, &Refusal{Status: http.StatusRequestEntityTooLarge, Code: "INVALID_REQUEST",
			Message: fmt.Sprintf("the body is longer than %d bytes", tooLong.Limit)}
	}
	if err != nil {
		return in, &Refusal{Status: http.StatusBadRequest, Code: "INVALID_REQUEST", Message: "the body ended too early"}
	}
	in.Body = body
	return in, nil
}

// Host returns the host of the sandbox, as the request names it.
func (in *Request) Host() string {
	_, host, _ := strings.Cut(strings.TrimSuffix(in.Base, "/"), "://")
	return host
}

// IsV2 reports whether the request is one of APIv2.
func (in *Request) IsV2() bool { return in.Op != nil && strings.HasPrefix(in.Op.Template, "v2/") }

// IsUpload reports whether the body is a form with files.
func (in *Request) IsUpload() bool {
	return strings.HasPrefix(strings.ToLower(in.Header.Get("Content-Type")), "multipart/form-data")
}

// Vars returns the variables of the path by name.
func (in *Request) Vars() map[string]string {
	vars := make(map[string]string)
	path := strings.TrimPrefix(strings.TrimPrefix(in.Path, "/"), "v2/")
	for segment := range strings.SplitSeq(strings.TrimPrefix(in.Op.Template, "v2/"), "/") {
		var value string
		value, path, _ = strings.Cut(path, "/")
		if name, ok := strings.CutPrefix(segment, "{"); ok {
			text, err := url.PathUnescape(value)
			if err != nil {
				text = value
			}
			vars[strings.TrimSuffix(name, "}")] = text
		}
	}
	return vars
}

// Nothing returns the refusal of a path that the platform lacks, or does not
// serve by this method.
func (in *Request) Nothing(h http.Header) error {
	for _, method := range [...]string{"GET", "POST", "PUT", "PATCH", "DELETE"} {
		if openapi.Match(method, in.Path) != nil {
			h.Add("Allow", method)
		}
	}
	if h.Get("Allow") == "" {
		return &Refusal{Status: http.StatusNotFound, Code: "RESOURCE_NOT_EXISTS", Message: "there is nothing at " + in.Path}
	}
	return &Refusal{Status: http.StatusMethodNotAllowed, Code: "INVALID_REQUEST", Message: in.Method + " is not for this path"}
}
