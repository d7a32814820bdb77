package openid

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
)

// The scopes.
const (
	scopeBase     = "snsapi_base"
	scopeUserInfo = "snsapi_userinfo"
)

const maxState = 128 // bytes

// A problem is why WeChat shows an error page in place of authorizing.
type problem struct {
	code   int
	zh, en string
}

// order is the order of the parameters, which WeChat insists on.
var order = []string{"appid", "redirect_uri", "response_type", "scope", "state"}

// authorize gives the page of a browser a code of its user. WeChat asks the user first
// for snsapi_userinfo; here the user agrees.
func (a *API) authorize(w http.ResponseWriter, r *http.Request) {
	q := r.URL.Query()
	to, err := url.Parse(q.Get("redirect_uri"))
	if p := problemOf(r.URL.RawQuery, q); p != nil {
		refuse(w, *p)
		return
	}
	if err != nil || to.Host == "" || to.Scheme != "http" && to.Scheme != "https" {
		refuse(w, problem{10003, "redirect_uri域名与后台配置不一致", "redirect_uri is not the URL of a page, with http or https; it must be encoded as a part of a URL"})
		return
	}
	user := userOf(r)
	http.SetCookie(w, &http.Cookie{Name: Cookie, Value: user, Path: "/", HttpOnly: true, SameSite: http.SameSiteLaxMode})
	back := url.Values{"code": {a.give(q.Get("appid"), user, q.Get("scope"))}, "state": {q.Get("state")}}
	to.RawQuery = strings.TrimPrefix(without(to.RawQuery, "code", "state")+"&"+back.Encode(), "&")
	w.Header().Set("Cache-Control", "no-store")
	http.Redirect(w, r, to.String(), http.StatusFound)
}

// without returns a query without some parameters. The others stay as they are written,
// in their order.
func without(query string, names ...string) string {
	parts := slices.DeleteFunc(strings.Split(query, "&"), func(part string) bool {
		name, _, _ := strings.Cut(part, "=")
		return slices.Contains(names, name)
	})
	return strings.Join(parts, "&")
}

// userOf returns the user of a browser.
func userOf(r *http.Request) string {
	if c, err := r.Cookie(Cookie); err == nil && OpenIDs.MatchString(c.Value) {
		return c.Value
	}
	return User
}

// problemOf returns what is wrong with the parameters, or nil.
func problemOf(raw string, q url.Values) *problem {
	switch scope := q.Get("scope"); {
	case q.Get("appid") == "":
		return &problem{10012, "appid不能为空", "appid is missing"}
	case !appIDs.MatchString(q.Get("appid")):
		return &problem{0, "AppID参数错误", "appid is not that of an official account, such as wxd678efh567hg6787"}
	case q.Get("redirect_uri") == "":
		return &problem{10011, "redirect_uri不能为空", "redirect_uri is missing"}
	case scope == "":
		return &problem{10010, "scope不能为空", "scope is missing"}
	case q.Get("state") == "":
		return &problem{10013, "state不能为空", "state is missing"}
	case scope != scopeBase && scope != scopeUserInfo:
		return &problem{10005, "此公众号并没有这些scope的权限", "scope is " + scopeBase + " or " + scopeUserInfo}
	case len(q.Get("state")) > maxState:
		return &problem{10013, "state不能超过128字节", "state has more than 128 bytes"}
	case q.Get("response_type") != "code":
		return &problem{0, "参数错误", "response_type is code"}
	case !slices.Equal(namesOf(raw), order):
		return &problem{0, "参数错误", "WeChat takes the parameters in this order alone: " + strings.Join(order, ", ")}
	}
	return nil
}

// namesOf returns the names of those parameters that have an order.
func namesOf(raw string) (names []string) {
	for part := range strings.SplitSeq(raw, "&") {
		name, _, _ := strings.Cut(part, "=")
		if slices.Contains(order, name) {
			names = append(names, name)
		}
	}
	return names
}

func refuse(w http.ResponseWriter, p problem) {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.Header().Set("X-Content-Type-Options", "nosniff")
	w.Header().Set("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'")
	w.WriteHeader(http.StatusBadRequest)
	text := p.zh
	if p.code != 0 {
		text = fmt.Sprintf("%s，错误码：%d", p.zh, p.code)
	}
	fmt.Fprintf(w, "%s\n\n%s.\n", text, p.en)
}
