package console

import (
	"embed"
	"net/http"

	"github.com/wxchain/wechatpay/sandbox/console/internal/page"
)

//go:embed pages
var pages embed.FS

// A console is the pages of one sandbox.
type console struct {
	site    *page.Site
	sandbox Sandbox
	now     *page.Template
}

// register adds the pages of the console.
func register(mux *http.ServeMux, site *page.Site, s Sandbox) {
	site.AddTexts(texts)
	site.AddLink("Now", "/")
	c := &console{site: site, sandbox: s, now: site.Parse(pages, "pages/now.html")}
	site.Handle(mux, "GET /{$}", c.showNow)
}

func (c *console) showNow(w http.ResponseWriter, r *http.Request) error {
	return c.site.Render(w, r, c.now, nil)
}
