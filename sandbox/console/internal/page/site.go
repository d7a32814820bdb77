// Package page is what all pages of a sandbox share: the layout, the style, the
// languages, and the guards against pages of other sites.
package page

import (
	"bytes"
	"cmp"
	"crypto/rand"
	"crypto/subtle"
	"embed"
	"encoding/json"
	"errors"
	"fmt"
	"html/template"
	"io/fs"
	"maps"
	"mime"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/wxchain/wechatpay/internal/quote"
)

// policy is the Content-Security-Policy of every page: nothing is fetched from
// elsewhere, and no script or style is inside a page.
const policy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; " +
	"font-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"

// maxForm is the largest form that a page sends, in bytes, without a file.
const maxForm = 256 << 10

//go:embed static base.html error.html
var files embed.FS

// A Site is the pages of one sandbox.
type Site struct {
	token  string            // that forms of these pages carry
	texts  map[string]string // Chinese by English
	nav    []Link
	shared []shared
	cross  *http.CrossOriginProtection
	errors *Template
}

// A Link is an entry of the navigation.
type Link struct{ Text, Href string }

// NewSite returns the pages of one sandbox, without any.
func NewSite() *Site {
	s := &Site{token: rand.Text(), texts: maps.Clone(texts), cross: http.NewCrossOriginProtection()}
	s.errors = s.Parse(files, "error.html")
	return s
}

// AddTexts adds the Chinese texts of a room, by their English.
func (s *Site) AddTexts(zh map[string]string) { maps.Copy(s.texts, zh) }

// AddLink adds an entry to the navigation.
func (s *Site) AddLink(text, href string) { s.nav = append(s.nav, Link{text, href}) }

// AddTemplates adds the templates of a file, with functions for a language, to those that
// the pages which are parsed later use.
func (s *Site) AddTemplates(folder fs.FS, name string, funcs func(lang string) template.FuncMap) {
	s.shared = append(s.shared, shared{folder, name, funcs})
}

// A Handler answers a request, or returns an error, which is shown as a page.
type Handler func(http.ResponseWriter, *http.Request) error

// An Error is an error with the status that its page has.
type Error struct {
	Status int
	Text   string
}

func (e *Error) Error() string { return e.Text }

// NotFound returns the error that something does not exist.
func NotFound(format string, args ...any) error {
	return &Error{http.StatusNotFound, fmt.Sprintf(format, args...)}
}

// Handle adds a page, or what a form leads to. A request that changes something
// must come from a page of this site and carry its token.
func (s *Site) Handle(mux *http.ServeMux, pattern string, h Handler) {
	s.HandleFile(mux, pattern, 0, h)
}

// HandleFile does what Handle does, for a form that may carry a file of at most maxFile
// bytes.
func (s *Site) HandleFile(mux *http.ServeMux, pattern string, maxFile int64, h Handler) {
	mux.Handle(pattern, s.guard(s.checked(maxFile, h)))
}

// HandleOpened does what Handle does for a page that a page of another site opens and
// hears from. Every answer keeps the two together, also one that only chooses a language.
func (s *Site) HandleOpened(mux *http.ServeMux, pattern string, h Handler) {
	h = s.checked(0, h)
	mux.Handle(pattern, s.guard(func(w http.ResponseWriter, r *http.Request) error {
		KeepOpener(w)
		return h(w, r)
	}))
}

// KeepOpener lets the page that opened a window hear from it.
func KeepOpener(w http.ResponseWriter) { w.Header().Set("Cross-Origin-Opener-Policy", "unsafe-none") }

// checked returns a handler that chooses a language or a theme if a reader asks for it,
// and refuses a change that does not come from a form of this site.
func (s *Site) checked(maxFile int64, h Handler) Handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		if isRead(r) {
			if s.choose(w, r) {
				return nil
			}
			return h(w, r)
		}
		if err := s.check(w, r, maxFile); err != nil {
			return err
		}
		return h(w, r)
	}
}

// HandleMissing answers the addresses below a path that have no page: with a page to who
// reads HTML, and in JSON to others.
func (s *Site) HandleMissing(mux *http.ServeMux, path string) {
	s.Handle(mux, "GET "+path, func(w http.ResponseWriter, r *http.Request) error {
		text := s.Text(Lang(r), "There is no page %s", quote.Text(r.URL.Path))
		if readsHTML(r) {
			return &Error{http.StatusNotFound, text}
		}
		body, err := json.Marshal(map[string]string{"code": "RESOURCE_NOT_EXISTS", "message": text})
		if err != nil {
			return err
		}
		w.Header().Set("Content-Type", "application/json; charset=utf-8")
		w.WriteHeader(http.StatusNotFound)
		_, _ = w.Write(body) // a client that is gone does not read it
		return nil
	})
}

// readsHTML reports whether a request asks for HTML, as a browser does.
func readsHTML(r *http.Request) bool {
	for part := range strings.SplitSeq(strings.Join(r.Header.Values("Accept"), ","), ",") {
		if kind, params, err := mime.ParseMediaType(part); err == nil && kind == "text/html" {
			q, err := strconv.ParseFloat(cmp.Or(params["q"], "1"), 64)
			return err == nil && q > 0
		}
	}
	return false
}

// Open adds what pages of other sites may use too. It must not change anything.
func (s *Site) Open(mux *http.ServeMux, pattern string, h Handler) { mux.Handle(pattern, s.guard(h)) }

// guard sets the headers that every answer has, and shows errors.
func (s *Site) guard(h Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		set := w.Header().Set
		set("Content-Security-Policy", policy)
		set("X-Content-Type-Options", "nosniff")
		set("Referrer-Policy", "same-origin")
		set("Cross-Origin-Opener-Policy", "same-origin")
		set("Cache-Control", "no-store")
		if err := h(w, r); err != nil {
			s.fail(w, r, err)
		}
	})
}

// check refuses a request that does not come from a form of this site.
func (s *Site) check(w http.ResponseWriter, r *http.Request, maxFile int64) error {
	if err := s.cross.Check(r); err != nil {
		return &Error{http.StatusForbidden, "a page of another site may not use the sandbox"}
	}
	if !strings.HasPrefix(r.Header.Get("Content-Type"), "multipart/form-data") {
		maxFile = 0
	}
	r.Body = http.MaxBytesReader(w, r.Body, maxForm+maxFile)
	token := r.Header.Get("X-Token")
	if token == "" {
		err := readForm(r, maxFile)
		if tooLong := (*http.MaxBytesError)(nil); errors.As(err, &tooLong) {
			return &Error{http.StatusRequestEntityTooLarge, fmt.Sprintf("the form has more than %d bytes: shorten its body, or choose a smaller file", tooLong.Limit)}
		}
		if err != nil {
			return &Error{http.StatusBadRequest, "the form: " + err.Error()}
		}
		token = r.PostForm.Get("token")
	}
	if subtle.ConstantTimeCompare([]byte(token), []byte(s.token)) != 1 {
		return &Error{http.StatusForbidden, "the form is not one of this sandbox, or the sandbox was restarted: reload the page"}
	}
	return nil
}

// readForm reads a form into memory, with a file if it may carry one.
func readForm(r *http.Request, maxFile int64) error {
	if maxFile > 0 {
		return r.ParseMultipartForm(maxForm + maxFile)
	}
	return r.ParseForm()
}

// fail shows an error.
func (s *Site) fail(w http.ResponseWriter, r *http.Request, err error) {
	status := http.StatusBadRequest
	if e := (*Error)(nil); errors.As(err, &e) {
		status = e.Status
	}
	s.write(w, r, status, s.errors, err.Error())
}

// Render shows a page. data is .Data of its template.
func (s *Site) Render(w http.ResponseWriter, r *http.Request, t *Template, data any) error {
	s.write(w, r, http.StatusOK, t, data)
	return nil
}

// write writes a page. A template that fails is a mistake in the template.
func (s *Site) write(w http.ResponseWriter, r *http.Request, status int, t *Template, data any) {
	v := s.view(r, data)
	var b bytes.Buffer
	if err := t.in[v.Lang].ExecuteTemplate(&b, "base.html", v); err != nil {
		http.Error(w, "the page: "+err.Error(), http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.Header().Set("Content-Language", htmlLang(v.Lang))
	w.WriteHeader(status)
	_, _ = w.Write(b.Bytes()) // a browser that is gone does not read it
}

// Back ends a POST: the browser goes on to the path in the field back of the form,
// or to otherwise.
func (s *Site) Back(w http.ResponseWriter, r *http.Request, otherwise string) error {
	to := r.PostFormValue("back")
	if u, err := url.Parse(to); err != nil || u.Host != "" || u.Scheme != "" || !strings.HasPrefix(to, "/") ||
		strings.HasPrefix(to, "//") || strings.ContainsAny(to, "\\\r\n\t") {
		to = otherwise
	}
	http.Redirect(w, r, to, http.StatusSeeOther)
	return nil
}

// Static serves the files of a folder. The paths of both end in a slash.
func (s *Site) Static(mux *http.ServeMux, path string, all fs.FS, folder string) {
	s.Open(mux, "GET "+path+"{name}", func(w http.ResponseWriter, r *http.Request) error {
		name := r.PathValue("name")
		data, err := fs.ReadFile(all, folder+name)
		if err != nil {
			return NotFound("there is no file %q", name)
		}
		w.Header().Set("Cache-Control", "no-cache")
		w.Header().Set("ETag", etag(data))
		http.ServeContent(w, r, name, time.Time{}, bytes.NewReader(data))
		return nil
	})
}

// Common serves what all pages use, and answers addresses without a page.
func (s *Site) Common(mux *http.ServeMux) {
	s.Static(mux, "/console/static/", files, "static/")
	s.HandleMissing(mux, "/console/")
	s.HandleMissing(mux, "/cashier/")
}
