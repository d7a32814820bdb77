// Package openid gives pages and mini programs the openid of a test user, as the
// servers open.weixin.qq.com and api.weixin.qq.com do.
//
// https://developers.weixin.qq.com/doc/offiaccount/OA_Web_Apps/Wechat_webpage_authorization.html,
// https://developers.weixin.qq.com/miniprogram/dev/OpenApiDoc/user-login/code2Session.html,
// https://developers.weixin.qq.com/doc/offiaccount/OA_Web_Apps/JS-SDK.html
package openid

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"regexp"
	"sync"
	"time"
)

// User is the test user of a browser that has chosen none.
const User = "oUpF8uMuAJO_M2pxb1Q9zNjWeS6o"

// Cookie is the cookie with the openid of the user who is logged in to a browser.
const Cookie = "wxpay_sandbox_openid"

// OpenIDs matches openids.
var OpenIDs = regexp.MustCompile(`^[0-9A-Za-z_-]{1,128}$`)

const (
	codeTime  = 5 * time.Minute
	codeTimes = 7200 // seconds that tokens and tickets live
	maxCodes  = 10_000
)

// An API gives openids. It is safe for concurrent use.
type API struct {
	clock  func() time.Time
	secret []byte
	mux    *http.ServeMux
	fail   func(r *http.Request) string

	mu      sync.Mutex
	codes   map[string]code
	tickets map[string]bool // the appids that asked for a ticket
}

// A code is one that a browser was given, or that was used.
type code struct {
	appID, openID, scope string
	made                 time.Time
	used                 bool
}

// New returns an API. fail returns the errcode that a request is answered with, or "".
func New(clock func() time.Time, fail func(r *http.Request) string) *API {
	a := &API{clock: clock, secret: []byte(rand.Text()), mux: http.NewServeMux(), fail: fail, codes: make(map[string]code), tickets: make(map[string]bool)}
	a.mux.HandleFunc("GET /connect/oauth2/authorize", a.authorize)
	for pattern, f := range map[string]func(*http.Request) any{
		"GET /sns/oauth2/access_token": a.accessToken, "POST /sns/oauth2/access_token": a.accessToken,
		"GET /sns/jscode2session": a.session, "POST /sns/jscode2session": a.session,
		"GET /cgi-bin/token": a.token, "POST /cgi-bin/stable_token": a.stableToken,
		"GET /cgi-bin/ticket/getticket": a.ticket,
	} {
		a.mux.HandleFunc(pattern, a.answer(f))
	}
	return a
}

// Has reports whether a request is for the API.
func (a *API) Has(r *http.Request) bool {
	_, pattern := a.mux.Handler(r)
	return pattern != ""
}

// ServeHTTP answers a request.
func (a *API) ServeHTTP(w http.ResponseWriter, r *http.Request) { a.mux.ServeHTTP(w, r) }

// give returns a new code.
func (a *API) give(appID, openID, scope string) string {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.makeRoom()
	text := (rand.Text() + rand.Text())[:32]
	a.codes[text] = code{appID, openID, scope, a.clock(), false}
	return text
}

// makeRoom forgets codes that are out of date, and if there are still too many, all.
func (a *API) makeRoom() {
	if len(a.codes) < maxCodes {
		return
	}
	for text, c := range a.codes {
		if a.isOver(c) {
			delete(a.codes, text)
		}
	}
	if len(a.codes) >= maxCodes {
		clear(a.codes)
	}
}

func (a *API) isOver(c code) bool {
	now := a.clock()
	return !now.Before(c.made.Add(codeTime)) || now.Before(c.made)
}

// redeem uses a code. A mini program's codes come from wx.login, of which the sandbox
// knows only the form; those it takes once as well.
func (a *API) redeem(text, appID string, fromLogin bool) (code, *failure) {
	a.mu.Lock()
	defer a.mu.Unlock()
	c, found := a.codes[text]
	switch {
	case !found && fromLogin && loginCode.MatchString(text):
		a.makeRoom()
		c = code{appID, User, "", a.clock(), false}
	case !found || c.appID != appID || a.isOver(c):
		return c, badCode
	case c.used:
		return c, codeUsed
	}
	used := c
	used.used = true
	a.codes[text] = used
	return c, nil
}

var loginCode = regexp.MustCompile(`^[0-9A-Za-z_-]{32}$`)

// sum returns 32 digits that only the sandbox can make.
func (a *API) sum(kind, of string) string {
	mac := hmac.New(sha256.New, a.secret)
	mac.Write([]byte(kind + "\n" + of))
	return hex.EncodeToString(mac.Sum(nil)[:16])
}

// Ticket returns the jsapi_ticket of an app, or "" if its server never asked for it:
// then it has one of the platform, which a sandbox cannot know.
func (a *API) Ticket(appID string) string {
	a.mu.Lock()
	defer a.mu.Unlock()
	if !a.tickets[appID] {
		return ""
	}
	return a.ticketOf(appID)
}

// Token returns the access_token of an app.
func (a *API) Token(appID string) string { return appID + "_" + a.sum("token", appID) }

func (a *API) ticketOf(appID string) string {
	return "sandbox_" + a.sum("ticket", appID) + a.sum("ticket2", appID)
}
