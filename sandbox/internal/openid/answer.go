package openid

import (
	"cmp"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"net/http"
	"regexp"
	"strconv"
	"strings"
)

// A failure is an answer that says what is wrong. Its status is 200.
type failure struct {
	Code    int    `json:"errcode"`
	Message string `json:"errmsg"`
}

// The failures that are documented.
var (
	busy       = &failure{-1, "system error"}
	badGrant   = &failure{40002, "invalid grant_type"}
	badAppID   = &failure{40013, "invalid appid"}
	badToken   = &failure{40001, "invalid credential, access_token is invalid or not latest"}
	badCode    = &failure{40029, "invalid code"}
	badSecret  = &failure{40125, "invalid appsecret"}
	codeUsed   = &failure{40163, "code been used"}
	blocked    = &failure{40226, "code blocked"}
	noAppID    = &failure{41002, "appid missing"}
	noSecret   = &failure{41004, "appsecret missing"}
	noCode     = &failure{41008, "missing code"}
	tooOften   = &failure{45011, "api minute-quota reach limit mustslower retry next minute"}
	badTicket  = &failure{40097, "invalid args"}
	knownFails = []*failure{busy, badGrant, badAppID, badToken, badCode, badSecret, codeUsed, blocked, noAppID, noSecret, noCode, tooOften}
)

// failureOf returns the failure that a fault asks for.
func failureOf(code string) *failure {
	n, err := strconv.Atoi(code)
	if err != nil {
		return busy
	}
	for _, f := range knownFails {
		if f.Code == n {
			return f
		}
	}
	return &failure{n, "failed"}
}

func (a *API) answer(f func(*http.Request) any) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		var out any
		if code := a.fail(r); code != "" {
			out = failureOf(code)
		} else {
			r.Body = http.MaxBytesReader(w, r.Body, 64<<10)
			out = f(r)
		}
		text, err := json.Marshal(out)
		if err != nil {
			text = []byte(`{"errcode":-1,"errmsg":"system error"}`)
		}
		w.Header().Set("Content-Type", "application/json; encoding=utf-8")
		_, _ = w.Write(text) // a server that is gone does not read it
	}
}

var (
	appIDs  = regexp.MustCompile(`^wx[0-9A-Za-z]{1,30}$`)
	secrets = regexp.MustCompile(`^[0-9A-Za-z_-]{1,64}$`)
)

// checkApp checks who asks. The sandbox does not know the secrets of apps, only what
// they can look like.
func checkApp(appID, secret string) *failure {
	switch {
	case appID == "":
		return noAppID
	case !appIDs.MatchString(appID):
		return badAppID
	case secret == "":
		return noSecret
	case !secrets.MatchString(secret):
		return badSecret
	}
	return nil
}

// redeemed checks a request that redeems a code.
func (a *API) redeemed(r *http.Request, field string, fromLogin bool) (code, *failure) {
	appID, text := r.FormValue("appid"), r.FormValue(field)
	no := checkApp(appID, r.FormValue("secret"))
	switch {
	case no != nil:
		return code{}, no
	case r.FormValue("grant_type") != "authorization_code":
		return code{}, badGrant
	case text == "":
		return code{}, noCode
	}
	return a.redeem(text, appID, fromLogin)
}

// An accessToken is the answer with the openid of a page's user.
type accessToken struct {
	AccessToken  string `json:"access_token"`
	ExpiresIn    int    `json:"expires_in"`
	RefreshToken string `json:"refresh_token"`
	OpenID       string `json:"openid"`
	Scope        string `json:"scope"`
	UnionID      string `json:"unionid,omitempty"`
}

func (a *API) accessToken(r *http.Request) any {
	c, no := a.redeemed(r, "code", false)
	if no != nil {
		return no
	}
	made := accessToken{a.sum("access", c.openID+c.appID), codeTimes, a.sum("refresh", c.openID+c.appID), c.openID, c.scope, ""}
	if c.scope == scopeUserInfo {
		made.UnionID = unionID(c.openID)
	}
	return made
}

// A session is the answer with the openid of a mini program's user.
type session struct {
	OpenID     string `json:"openid"`
	SessionKey string `json:"session_key"`
	UnionID    string `json:"unionid"`
}

func (a *API) session(r *http.Request) any {
	c, no := a.redeemed(r, "js_code", true)
	if no != nil {
		return no
	}
	key, err := hex.DecodeString(a.sum("session", c.openID))
	if err != nil {
		return busy
	}
	return session{c.openID, base64.StdEncoding.EncodeToString(key), unionID(c.openID)}
}

// unionID returns the number that a user has for all apps of a company.
func unionID(openID string) string { return "u" + strings.TrimPrefix(openID, "o") }

func (a *API) token(r *http.Request) any {
	return a.tokenFor(r.FormValue("grant_type"), r.FormValue("appid"), r.FormValue("secret"))
}

func (a *API) stableToken(r *http.Request) any {
	var body struct {
		Grant  string `json:"grant_type"`
		AppID  string `json:"appid"`
		Secret string `json:"secret"`
	}
	_ = json.NewDecoder(r.Body).Decode(&body) // what is missing is refused
	return a.tokenFor(body.Grant, body.AppID, body.Secret)
}

func (a *API) tokenFor(grant, appID, secret string) any {
	if no := checkApp(appID, secret); no != nil {
		return no
	}
	if grant != "client_credential" {
		return badGrant
	}
	return map[string]any{"access_token": a.Token(appID), "expires_in": codeTimes}
}

func (a *API) ticket(r *http.Request) any {
	token := r.FormValue("access_token")
	appID, _, _ := strings.Cut(token, "_")
	if token != a.Token(appID) {
		return badToken
	}
	if cmp.Or(r.FormValue("type"), "jsapi") != "jsapi" {
		return badTicket
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	if len(a.tickets) >= maxCodes {
		clear(a.tickets)
	}
	a.tickets[appID] = true
	return map[string]any{"errcode": 0, "errmsg": "ok", "ticket": a.ticketOf(appID), "expires_in": codeTimes}
}
