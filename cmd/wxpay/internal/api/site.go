package api

import (
	"bytes"
	"cmp"
	"embed"
	"encoding/json"
	"encoding/xml"
	"errors"
	"fmt"
	"html/template"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/tidwall/pretty"

	"github.com/wxchain/wechatpay/cmd/wxpay/internal/shared/exit"
	"github.com/wxchain/wechatpay/cmd/wxpay/internal/shared/gotypes"
	"github.com/wxchain/wechatpay/cmd/wxpay/internal/shared/operation"
	"github.com/wxchain/wechatpay/cmd/wxpay/internal/shared/settings"
	"github.com/wxchain/wechatpay/cmd/wxpay/internal/shared/term"
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
		Args:    cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			var configured settings.Settings
			if err := configured.Load(); err != nil {
				return err
			}
			n, err := writeSite(args[0], base, configured.MchID, slices.Collect(openapi.Operations()))
			if err != nil {
				return err
			}
			_, err = fmt.Fprintf(cmd.OutOrStdout(), "wrote %d pages; open %s\n", n, filepath.Join(args[0], "index.html"))
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
		if u, err := url.Parse(base); err != nil || u.Scheme == "" || u.Host == "" {
			return 0, exit.Misuse(fmt.Errorf("--url %q is not the URL of a website, such as https://pay.example.com/api/", term.Cut(base)))
		}
		base = strings.TrimSuffix(base, "/") + "/"
	}
	if err := prepareSite(dir); err != nil {
		return 0, err
	}
	pages, err := template.New("").Funcs(template.FuncMap{"bounds": bounds, "type": typeOf, "fields": fieldsOf}).ParseFS(siteFiles, "site/*.html")
	if err != nil {
		return 0, err
	}
	w := siteWriter{dir: dir, pages: pages, base: base}
	index := siteIndex{Count: len(operations)}
	taken := make(map[string]string)
	for _, op := range operations {
		page := newSitePage(op, mchID)
		if other, ok := taken[page.File]; ok {
			return 0, fmt.Errorf("%s and %s would both be the page %s", other, op, page.File)
		}
		taken[page.File] = op.String()
		w.page(filepath.Join("ops", page.File), "operation.html", page)
		index.add(page)
	}
	index.sort()
	w.page("index.html", "index.html", index)
	w.search(index)
	for _, name := range []string{"site.css", "site.js"} {
		text, err := siteFiles.ReadFile("site/" + name)
		w.note(err)
		w.file(name, text)
	}
	w.sitemap()
	return len(w.urls), w.err
}

// prepareSite makes the folder of a site, or empties one of an earlier run.
func prepareSite(dir string) error {
	entries, err := os.ReadDir(dir)
	switch {
	case errors.Is(err, os.ErrNotExist), err == nil && len(entries) == 0:
	case err != nil:
		return err
	default:
		if _, err := os.Stat(filepath.Join(dir, siteMark)); err != nil {
			return exit.Misuse(fmt.Errorf("%s is not empty and not a site of an earlier run; name another folder", dir))
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
func (w *siteWriter) search(index siteIndex) {
	type entry struct {
		File  string `json:"f"`
		Call  string `json:"c"`
		Title string `json:"t"`
		Words string `json:"w"`
	}
	var entries []entry
	for _, p := range index.all {
		entries = append(entries, entry{p.File, p.Op.String(), p.Op.Title, strings.Join(p.words(), " ")})
	}
	text, err := json.Marshal(entries)
	w.note(err)
	w.file("search.js", []byte("window.wxpayCalls = "+string(text)+";\n"))
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
	Products []siteProduct
	all      []sitePage
}

// A siteProduct is a product with its calls.
type siteProduct struct {
	Name  string
	Pages []sitePage
}

func (x *siteIndex) add(p sitePage) {
	x.all = append(x.all, p)
	name := "其他 · other"
	if len(p.Op.Tags) > 0 {
		name = p.Op.Tags[0]
	}
	i := slices.IndexFunc(x.Products, func(of siteProduct) bool { return of.Name == name })
	if i < 0 {
		i = len(x.Products)
		x.Products = append(x.Products, siteProduct{Name: name})
	}
	x.Products[i].Pages = append(x.Products[i].Pages, p)
}

func (x *siteIndex) sort() {
	slices.SortFunc(x.Products, func(a, b siteProduct) int { return cmp.Compare(a.Name, b.Name) })
}

// A sitePage is the page of an operation.
type sitePage struct {
	Op     *openapi.Operation
	File   string
	Root   string // the way to the first page
	Repeat string
	Limits []string
	Tables []siteTable
	Errors []openapi.ErrorCode
	Code   []siteCode
	Body   string // an example of the body
	Answer string // and of the answer
	Types  string // Go types
}

// A siteTable is a table of fields.
type siteTable struct {
	Name   string
	Fields []siteField
}

// A siteField is a field, as deep in its table as the objects that it is in.
type siteField struct {
	Depth    int
	Name     string
	Required bool
	Schema   *openapi.Schema
	OneOf    string // if it is not a field, but says of which fields one is needed
}

// A siteCode is the call in a language.
type siteCode struct {
	Name  string
	Calls []spelling
}

func newSitePage(op *openapi.Operation, mchID string) sitePage {
	s := newSample(op, mchID)
	p := sitePage{Op: op, File: slug(op), Root: "../", Errors: op.Errors()}
	var repeat strings.Builder
	showRepeat(&repeat, op)
	p.Repeat = strings.TrimPrefix(strings.TrimSpace(repeat.String()), "repetition: ")
	for _, l := range op.RateLimits() {
		p.Limits = append(p.Limits, rateLimit(l))
	}
	p.table("路径 · Path", parameterFields(operation.PathParameters(op)))
	p.table("查询参数 · Query", append(parameterFields(op.Query), oneOf(0, op.QueryOneOf)...))
	p.table("请求头 · Headers", parameterFields(op.Headers))
	p.table("表单 · Form", parameterFields(op.Form))
	if body := op.Body(); body != nil {
		p.table("请求体 · Body", fieldsOf(body, 0))
	}
	for _, r := range op.Responses {
		if r.Body != nil {
			p.table(fmt.Sprintf("应答 · Answer %d", r.Status), fieldsOf(r.Body, 0))
		}
	}
	if example := openapi.Example(op, 0); example != nil {
		p.Body = string(pretty.Pretty(example))
	}
	for _, r := range op.Responses {
		if example := openapi.Example(op, r.Status); example != nil && p.Answer == "" {
			p.Answer = string(pretty.Pretty(example))
		}
	}
	p.code(s)
	if source, err := gotypes.Source("wxpay", []gotypes.Item{{Operation: op}}); err == nil {
		p.Types = string(source)
	}
	return p
}

// code adds the call in each language that can make it.
func (p *sitePage) code(s sample) {
	if calls, err := s.inGo(); err == nil {
		p.Code = append(p.Code, siteCode{"Go", calls})
	}
	if calls, err := s.inPHP(); err == nil {
		p.Code = append(p.Code, siteCode{"PHP", calls})
	}
	p.Code = append(p.Code, siteCode{"wxpay", []spelling{{"命令行 · command line", s.wxpayCall()}}})
	if call, err := s.curlCall(); err == nil {
		p.Code = append(p.Code, siteCode{"curl", []spelling{{"curl", call}}})
	}
}

func (p *sitePage) table(name string, fields []siteField) {
	if len(fields) > 0 {
		p.Tables = append(p.Tables, siteTable{name, fields})
	}
}

// words are what the page is found by.
func (p *sitePage) words() []string {
	words := append(slices.Clone(p.Op.Tags), p.Op.Roles...)
	for _, t := range p.Tables {
		for _, f := range t.Fields {
			words = append(words, f.Name)
		}
	}
	slices.Sort(words)
	return slices.Compact(words)
}

func parameterFields(list []openapi.Parameter) (fields []siteField) {
	for i := range list {
		fields = append(fields, siteField{Name: list[i].Name, Required: list[i].Required, Schema: &list[i].Schema})
		fields = append(fields, fieldsOf(&list[i].Schema, 1)...)
	}
	return fields
}

// fieldsOf returns the fields of an object, or of the objects in an array.
func fieldsOf(s *openapi.Schema, depth int) (fields []siteField) {
	for s.Items != nil {
		s = s.Items
	}
	for _, property := range s.Properties {
		fields = append(fields, siteField{Depth: depth, Name: property.Name, Required: property.Required, Schema: property.Schema})
		fields = append(fields, fieldsOf(property.Schema, depth+1)...)
	}
	return append(fields, oneOf(depth, s.OneOf)...)
}

func oneOf(depth int, groups []openapi.OneOf) (fields []siteField) {
	for _, group := range groups {
		fields = append(fields, siteField{Depth: depth, OneOf: fmt.Sprint(group)})
	}
	return fields
}
