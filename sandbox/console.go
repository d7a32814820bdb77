package sandbox

import (
	"net/http"

	"github.com/wxchain/wechatpay/sandbox/internal/control"
)

// A console is the pages for browsers, or none.
type console struct {
	mux *http.ServeMux
	http.Handler
}

func newConsole(pages func(*Server) *http.ServeMux, s *Server, hosts control.Hosts) console {
	if pages == nil {
		return console{}
	}
	mux := pages(s)
	return console{mux, hosts.Guard(mux)}
}

// has reports whether a request is for a page.
func (c console) has(r *http.Request) bool {
	if c.mux == nil {
		return false
	}
	_, pattern := c.mux.Handler(r)
	return pattern != ""
}
