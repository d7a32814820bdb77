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

	query url.Values
}

// The names of the cookies, which are also those of the parameters that set them.
const (
	langCookie  = "lang"
	themeCookie = "theme"
)

// choices are the values that a cookie can have.
var choices = map[string][]string{langCookie: {Chinese, English}, themeCookie: {"light", "dark", "auto"}}

// cookieTime is how long a choice lasts.
const cookieTime = 365 * 24 * time.Hour

func (s *Site) view(r *http.Request, data any) View {
	v := View{Lang: Lang(r), Path: r.URL.Path, Nav: s.nav, Token: s.token, Data: data, query: r.URL.Query()}
	if theme := chosen(r, themeCookie); theme != "auto" {
		v.Theme = theme
	}
	return v
}

// With returns the address of the page with a parameter set.
func (v View) With(name, value string) string {
	query := make(url.Values, len(v.query)+1)
	for k, all := range v.query {
		query[k] = all
	}
	query.Set(name, value)
	return v.Path + "?" + query.Encode()
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

// choose sets the language or the theme that a parameter asks for, and reports
// whether it did. The browser then asks for the page again.
func (s *Site) choose(w http.ResponseWriter, r *http.Request) bool {
	query := r.URL.Query()
	set := false
	for name, values := range choices {
		if value := query.Get(name); slices.Contains(values, value) {
			http.SetCookie(w, &http.Cookie{Name: name, Value: value, Path: "/", MaxAge: int(cookieTime.Seconds()), HttpOnly: true, SameSite: http.SameSiteLaxMode})
			set = true
		}
		query.Del(name)
	}
	if !set {
		return false
	}
	to := url.URL{Path: r.URL.Path, RawQuery: query.Encode()}
	http.Redirect(w, r, to.String(), http.StatusSeeOther)
	return true
}

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
		tag, q, found := strings.Cut(strings.TrimSpace(part), ";q=")
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
