package sandbox

import (
	"cmp"
	"net/http"

	"github.com/wxchain/wechatpay/sandbox/internal/openid"
)

// newOpenID returns what gives pages and mini programs the openid of a test user.
// Faults answer with their Code as errcode.
func (s *Server) newOpenID() *openid.API {
	return openid.New(s.clock, func(r *http.Request) string {
		f := s.faults.take(r.Method, r.URL.EscapedPath())
		switch f.Kind {
		case FaultDelay:
			s.pause(r.Context(), f.Delay)
		case FaultRefuse, FaultCut:
			panic(http.ErrAbortHandler)
		case FaultTooMany:
			return "45011"
		case FaultError, FaultUnavailable:
			return "-1"
		case FaultCode:
			return cmp.Or(f.Code, "-1")
		}
		return ""
	})
}
