package api

import (
	"bytes"
	"cmp"
	"embed"
	"encoding/json"
	"encoding/xml"
	"errors"
	"html/template"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/wxchain/wechatpay/cmd/wxpay/internal/shared/cli"
	"github.com/wxchain/wechatpay/cmd/wxpay/internal/shared/exit"
	"github.com/wxchain/wechatpay/cmd/wxpay/internal/shared/lang"
	"github.com/wxchain/wechatpay/cmd/wxpay/internal/shared/settings"
	"github.com/wxchain/wechatpay/cmd/wxpay/internal/shared/term"
	"github.com/wxchain/wechatpay/internal/explain"
	"github.com/wxchain/wechatpay/openapi"
)

func newSite() *cobra.Command {
	var base string
	cmd := &cobra.Command{
		Use:   "site DIR",
		Short: "Write a website with a page for each call",
		Long: `site writes a static website into DIR: a page for each call that the platform
documents, with its fields, its errors, and the call in Go, PHP, curl and wxpay; and
a page that finds calls as you type. The pages need no server and no network: open
index.html. Any static host can serve them. DIR must be empty or not exist, or hold a
site of an earlier run.`,
		Example: "  wxpay api site public --url https://pay.example.com/api/",
		Args:    cli.OneArg,
		RunE: func(cmd *cobra.Command, args []string) error {
			var configured settings.Settings
			if err := configured.Load(); err != nil {
				return err
			}
			n, err := writeSite(args[0], base, configured.MchID, slices.Collect(openapi.Operations()))
			if err != nil {
				return err
			}
			_, err = lang.From(cmd.Context()).Fprintf(cmd.OutOrStdout(), "wrote %d pages; open %s\n", n, filepath.Join(args[0], "index.html"))
			return err
		},
	}
	cmd.Flags().StringVar(&base, "url", "", "`URL` under which the site will be served, for its sitemap")
	return cmd
}

//go:embed site
var siteFiles embed.FS

// siteMark is a file that only a site has, so that a later run may replace it.
const siteMark = "wxpay-site.txt"

// writeSite writes the site of operations and returns how many pages it has.
func writeSite(dir, base, mchID string, operations []*openapi.Operation) (int, error) {
	if base != "" {
		u, err := url.Parse(base)
		if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" || u.RawQuery != "" || u.Fragment != "" {
			return 0, exit.Misuse(lang.Errorf("--url %q is not the URL of a website, such as https://pay.example.com/api/", term.Cut(base)))
		}
		base = strings.TrimSuffix(u.String(), "/") + "/"
	}
	if err := prepareSite(dir); err != nil {
		return 0, err
	}
	funcs := explain.Funcs(explain.Text.Both)
	funcs["file"] = fileOf
	pages, err := template.New("").Funcs(funcs).ParseFS(explain.Files, "*.html")
	if err == nil {
		pages, err = pages.ParseFS(siteFiles, "site/*.html")
	}
	if err != nil {
		return 0, err
	}
	w := siteWriter{dir: dir, pages: pages, base: base}
	caller := callerOf(mchID)
	data := newSearchData()
	taken := make(map[string]string)
	for _, op := range operations {
		page, file := caller.Page(op), fileOf(op)
		if other, ok := taken[file]; ok {
			return 0, lang.Errorf("%s and %s would both be the page %s", other, op, file)
		}
		taken[file] = op.String()
		w.page(filepath.Join("ops", file), "page.html", page)
		data.add(file, op)
	}
	w.page("index.html", "index.html", siteIndex{len(operations), explain.Products(operations)})
	w.search(data)
	for _, name := range []string{"site.css", "find.js", "site.js"} {
		text, err := siteFiles.ReadFile("site/" + name)
		w.note(err)
		w.file(name, text)
	}
	w.sitemap()
	return len(w.urls), w.err
}

// fileOf returns the file of an operation's page.
func fileOf(op *openapi.Operation) string { return explain.Slug(op) + ".html" }

// prepareSite makes the folder of a site, or empties one of an earlier run.
func prepareSite(dir string) error {
	if dir == "" { // an unset variable does not mean the current folder
		return exit.Misuse(lang.Errorf("the name of the folder is empty; name . for the current folder"))
	}
	entries, err := os.ReadDir(dir)
	switch {
	case errors.Is(err, os.ErrNotExist), err == nil && len(entries) == 0:
	case err != nil:
		return err
	default:
		if _, err := os.Stat(filepath.Join(dir, siteMark)); err != nil {
			return exit.Misuse(lang.Errorf("%s is not empty and not a site of an earlier run; name another folder", dir))
		}
		if err := os.RemoveAll(filepath.Join(dir, "ops")); err != nil {
			return err
		}
	}
	if err := os.MkdirAll(filepath.Join(dir, "ops"), 0o755); err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(dir, siteMark), []byte("A site that wxpay api site wrote, and may replace.\n"), 0o644)
}

// A siteWriter writes files until the first error.
type siteWriter struct {
	dir, base string
	pages     *template.Template
	urls      []string
	err       error
}

func (w *siteWriter) note(err error) { w.err = cmp.Or(w.err, err) }

func (w *siteWriter) file(name string, text []byte) {
	if w.err == nil {
		w.err = os.WriteFile(filepath.Join(w.dir, name), text, 0o644)
	}
}

func (w *siteWriter) page(name, from string, data any) {
	var b bytes.Buffer
	w.note(w.pages.ExecuteTemplate(&b, from, data))
	w.file(name, b.Bytes())
	w.urls = append(w.urls, w.base+filepath.ToSlash(name))
}

// search writes what the page finds calls by. It is a script, because a page that is
// opened from a file may not read other files.
func (w *siteWriter) search(data *searchData) {
	text, err := json.Marshal(data)
	w.note(err)
	w.file("search.js", []byte("window.wxpaySite = "+string(text)+";\n"))
}

// sitemap writes the sitemap. Without a URL it has paths.
func (w *siteWriter) sitemap() {
	type location struct {
		Loc string `xml:"loc"`
	}
	set := struct {
		XMLName xml.Name   `xml:"http://www.sitemaps.org/schemas/sitemap/0.9 urlset"`
		URL     []location `xml:"url"`
	}{}
	for _, u := range w.urls {
		set.URL = append(set.URL, location{u})
	}
	text, err := xml.MarshalIndent(set, "", "  ")
	w.note(err)
	w.file("sitemap.xml", append([]byte(xml.Header), text...))
}

// A siteIndex is the first page: all calls, by product.
type siteIndex struct {
	Count    int
	Products []explain.Product
}
