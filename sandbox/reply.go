package sandbox

import (
	"crypto/rand"
	"crypto/sha1"
	"encoding/hex"
	"net/http"
	"strconv"

	"github.com/wxchain/wechatpay/internal/platform"
)

const (
	typeJSON = "application/json; charset=utf-8"
	typeXML  = "text/xml; charset=utf-8"
)

// A reply is an answer before it is signed.
type reply struct {
	status      int
	contentType string
	body        []byte
	code        string // of a refusal
}

// seal signs an answer of APIv3; one of APIv2 has its sign inside.
func (s *Server) seal(in *inbound, out *reply, h http.Header) error {
	h.Set("Request-ID", rand.Text())
	if in.isV2() {
		return nil
	}
	signed := out.body
	if in.op != nil && out.status < 300 {
		switch in.op.Template {
		case "v3/billdownload/file", "v3/merchant-service/images/{media_id}":
			return nil // the platform does not sign these
		case "hk/v3/statements", "v3/global/statements":
			sum := sha1.Sum(out.body)
			digest := hex.EncodeToString(sum[:])
			h.Set("Wechatpay-Statement-Sha1", digest)
			signed = []byte(`{"sha1":"` + digest + `"}`)
		}
	}
	return platform.Sign(in.ctx, s.signerFor(in.header.Get("Wechatpay-Serial")), h, strconv.FormatInt(in.clock().Unix(), 10), signed)
}

func (out reply) write(w http.ResponseWriter) {
	out.head(w)
	_, _ = w.Write(out.body) // who is gone does not read it
}

func (out reply) head(w http.ResponseWriter) {
	if len(out.body) > 0 {
		w.Header().Set("Content-Type", out.contentType)
		w.Header().Set("Content-Length", strconv.Itoa(len(out.body)))
	}
	w.WriteHeader(out.status)
}
