package page

import (
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
)

// A View is what the layout shows. Pages find their own data in Data.
type View struct {
	Lang  string // of the page
	Theme string // light, dark, or "" for that of the system
	Path  string
	Nav   []Link
	Token string
	Data  any

	query string // without the parameters that choose
	Kept  bool   // GET has the page too, so that it can be shown in another language
}

// The names of the cookies, which are also those of the parameters that set them. These
// come first in a query.
const (
	langCookie  = "lang"
	themeCookie = "theme"
)

// choices are the values that a cookie can have.
var choices = map[string][]string{langCookie: {Chinese, English}, themeCookie: {"light", "dark", "auto"}}

// cookieTime is how long a choice lasts.
const cookieTime = 365 * 24 * time.Hour

func (s *Site) view(r *http.Request, data any) View {
	v := View{Lang: Lang(r), Path: r.URL.Path, Nav: s.nav, Token: s.token, Data: data, Kept: isRead(r)}
	_, v.query = chosenBy(r.URL.RawQuery)
	if theme := chosen(r, themeCookie); theme != "auto" {
		v.Theme = theme
	}
	return v
}

// With returns the address of the page with a parameter that chooses.
func (v View) With(name, value string) string {
	to := url.URL{Path: v.Path, RawQuery: name + "=" + value}
	if v.query != "" {
		to.RawQuery += "&" + v.query
	}
	return to.String()
}

// HTMLLang is the language of the page as HTML names it.
func (v View) HTMLLang() string { return htmlLang(v.Lang) }

func htmlLang(lang string) string {
	if lang == Chinese {
		return "zh-CN"
	}
	return "en"
}

// In reports whether the page belongs to an entry of the navigation.
func (v View) In(l Link) bool {
	return v.Path == l.Href || strings.HasSuffix(l.Href, "/") && l.Href != "/" && strings.HasPrefix(v.Path, l.Href)
}

// chosenBy returns what the parameters choose with which a query begins, by the name of
// the cookie, and the rest of the query as it is. A parameter that comes later belongs to
// the page, or to an address in the query that was not encoded.
func chosenBy(query string) (chosen map[string]string, rest string) {
	chosen = make(map[string]string)
	for query != "" {
		first, rest, _ := strings.Cut(query, "&")
		name, value, _ := strings.Cut(first, "=")
		if !slices.Contains(choices[name], value) {
			break
		}
		chosen[name], query = value, rest
	}
	return chosen, query
}

// choose sets the language or the theme that a parameter asks for, and reports
// whether it did. The browser then asks for the page again.
func (s *Site) choose(w http.ResponseWriter, r *http.Request) bool {
	chosen, rest := chosenBy(r.URL.RawQuery)
	if len(chosen) == 0 {
		return false
	}
	for name, value := range chosen {
		http.SetCookie(w, &http.Cookie{Name: name, Value: value, Path: "/", MaxAge: int(cookieTime.Seconds()), HttpOnly: true, SameSite: http.SameSiteLaxMode})
	}
	to := url.URL{Path: r.URL.Path, RawQuery: rest}
	http.Redirect(w, r, to.String(), http.StatusSeeOther)
	return true
}

// isRead reports whether a request changes nothing.
func isRead(r *http.Request) bool { return r.Method == http.MethodGet || r.Method == http.MethodHead }

// chosen returns the value of a cookie, if it is one that can be chosen.
func chosen(r *http.Request, name string) string {
	c, err := r.Cookie(name)
	if err != nil || !slices.Contains(choices[name], c.Value) {
		return ""
	}
	return c.Value
}

// Lang returns the language of a request: what its user chose, or else what its
// browser prefers, or English.
func Lang(r *http.Request) string {
	if lang := chosen(r, langCookie); lang != "" {
		return lang
	}
	best, most := English, 0.0
	for part := range strings.SplitSeq(r.Header.Get("Accept-Language"), ",") {
		tag, q, found := strings.Cut(strings.ReplaceAll(part, " ", ""), ";q=")
		weight := 1.0
		if found {
			weight, _ = strconv.ParseFloat(q, 64) // what is no number has no weight
		}
		lang, _, _ := strings.Cut(strings.ToLower(tag), "-")
		if (lang == Chinese || lang == English) && weight > most {
			best, most = lang, weight
		}
	}
	return best
}
