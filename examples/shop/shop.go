package main

import (
	"context"
	"crypto/rand"
	"embed"
	"encoding/json"
	"errors"
	"fmt"
	"html/template"
	"log"
	"net/http"
	"net/url"
	"sync"

	"github.com/wxchain/wechatpay"
	"github.com/wxchain/wechatpay/internal/qrcode"
	"github.com/wxchain/wechatpay/notify"
)

const (
	appID = "wxd678efh567hg6787"
	price = 1880 // fen
)

//go:embed pages
var pages embed.FS

var templates = template.Must(template.ParseFS(pages, "pages/*.html"))

// A shop sells tea. It keeps its orders in memory.
type shop struct {
	client         *wechatpay.Client
	mchID          string
	self, platform string // URLs: its own, and the one of the sandbox
	mu             sync.Mutex
	paid           map[string]bool // by out_trade_no
}

func newShop(client *wechatpay.Client, mchID, self, platform string) *shop {
	return &shop{client: client, mchID: mchID, self: self, platform: platform, paid: make(map[string]bool)}
}

func (s *shop) handler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /{$}", func(w http.ResponseWriter, _ *http.Request) { show(w, "index.html", nil) })
	mux.HandleFunc("GET /login", s.login)
	mux.HandleFunc("POST /orders/{way}", s.order)
	mux.HandleFunc("GET /orders/{no}", s.shown)
	mux.HandleFunc("GET /orders/{no}/state", s.state)
	mux.HandleFunc("GET /pay.js", func(w http.ResponseWriter, r *http.Request) { http.ServeFileFS(w, r, pages, "pages/pay.js") })
	mux.Handle("POST /wechatpay/notify", s.notified())
	return http.NewCrossOriginProtection().Handler(mux)
}

func show(w http.ResponseWriter, name string, data any) {
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	if err := templates.ExecuteTemplate(w, name, data); err != nil {
		log.Print(err)
	}
}

func fail(w http.ResponseWriter, err error) {
	log.Print(err)
	http.Error(w, "下单失败，请稍后再试 / try again later", http.StatusBadGateway)
}

// order places an order and leads to where the user pays.
func (s *shop) order(w http.ResponseWriter, r *http.Request) {
	no, ctx := "tea_"+rand.Text()[:20], r.Context()
	switch r.PathValue("way") {
	case "native":
		resp, err := s.place(ctx, "native", no, nil)
		if err != nil {
			fail(w, err)
			return
		}
		s.showCode(w, no, resp.Get("code_url").String())
	case "h5":
		resp, err := s.place(ctx, "h5", no, wechatpay.M{
			"scene_info": wechatpay.M{"payer_client_ip": "127.0.0.1", "h5_info": wechatpay.M{"type": "Wap"}}})
		if err != nil {
			fail(w, err)
			return
		}
		back := url.QueryEscape(s.self + "orders/" + no)
		http.Redirect(w, r, resp.Get("h5_url").String()+"&redirect_url="+back, http.StatusSeeOther)
	case "jsapi":
		s.orderJSAPI(w, r, no)
	default:
		http.NotFound(w, r)
	}
}

// place places an order. more has the fields that only some ways to pay need.
func (s *shop) place(ctx context.Context, way, no string, more wechatpay.M) (*wechatpay.Response, error) {
	body := wechatpay.M{
		"appid": appID, "mchid": s.mchID, "description": "一杯茶", "out_trade_no": no, "notify_url": s.self + "wechatpay/notify",
		"amount": wechatpay.M{"total": price, "currency": "CNY"},
	}
	for name, value := range more {
		body[name] = value
	}
	resp, err := s.client.Chain("v3/pay/transactions/{way}").Post(ctx, wechatpay.Bind("way", way), wechatpay.JSON(body))
	if err != nil {
		return nil, fmt.Errorf("ordering %s: %w", no, err)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.paid[no] = false
	return resp, nil
}

func (s *shop) showCode(w http.ResponseWriter, no, codeURL string) {
	image, err := qrcode.SVG(codeURL)
	if err != nil {
		fail(w, err)
		return
	}
	// A user scans the code with WeChat. In the sandbox, a click scans it.
	scan := s.platform + "cashier/scan?code_url=" + url.QueryEscape(codeURL)
	show(w, "native.html", map[string]any{"No": no, "Code": template.HTML(image), "Scan": scan})
}

// orderJSAPI places an order for the user of the page, who logs in first.
func (s *shop) orderJSAPI(w http.ResponseWriter, r *http.Request, no string) {
	openID, err := r.Cookie("openid") // your own shop has a session, which no user can change
	if err != nil {
		q := "?appid=" + appID + "&redirect_uri=" + url.QueryEscape(s.self+"login") + "&response_type=code&scope=snsapi_base&state=tea"
		http.Redirect(w, r, s.platform+"connect/oauth2/authorize"+q+"#wechat_redirect", http.StatusSeeOther)
		return
	}
	resp, err := s.place(r.Context(), "jsapi", no, wechatpay.M{"payer": wechatpay.M{"openid": openID.Value}})
	if err != nil {
		fail(w, err)
		return
	}
	params, err := s.client.JSAPIParams(appID, resp.Get("prepay_id").String())
	if err != nil {
		fail(w, err)
		return
	}
	text, err := json.Marshal(params)
	if err != nil {
		fail(w, err)
		return
	}
	show(w, "jsapi.html", map[string]any{"No": no, "Params": string(text), "Bridge": s.platform + "wx.js"})
}

// login gets the openid of the user whom WeChat sends back with a code.
func (s *shop) login(w http.ResponseWriter, r *http.Request) {
	q := url.Values{"appid": {appID}, "secret": {"APPSECRET"}, "code": {r.FormValue("code")}, "grant_type": {"authorization_code"}}
	req, err := http.NewRequestWithContext(r.Context(), http.MethodGet, s.platform+"sns/oauth2/access_token?"+q.Encode(), nil)
	if err != nil {
		fail(w, err)
		return
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		fail(w, err)
		return
	}
	defer resp.Body.Close()
	var answer struct {
		OpenID  string `json:"openid"`
		Message string `json:"errmsg"`
	}
	if err := json.NewDecoder(resp.Body).Decode(&answer); err != nil || answer.OpenID == "" {
		fail(w, fmt.Errorf("logging in: %s, %w", answer.Message, err))
		return
	}
	http.SetCookie(w, &http.Cookie{Name: "openid", Value: answer.OpenID, Path: "/", HttpOnly: true, SameSite: http.SameSiteLaxMode})
	http.Redirect(w, r, "/", http.StatusSeeOther)
}

func (s *shop) isPaid(no string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.paid[no]
}

func (s *shop) shown(w http.ResponseWriter, r *http.Request) {
	no := r.PathValue("no")
	show(w, "order.html", map[string]any{"No": no, "Paid": s.isPaid(no)})
}

func (s *shop) state(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(map[string]bool{"paid": s.isPaid(r.PathValue("no"))}) // a browser that is gone does not read it
}

// notified marks orders as paid. The answer of a front-end proves nothing, the
// notification does.
func (s *shop) notified() http.Handler {
	onError := notify.OnError(func(_ context.Context, err error) { log.Print(err) })
	return s.client.Notify(onError).Handler(func(_ context.Context, n *notify.Notification) error {
		if n.EventType != "TRANSACTION.SUCCESS" {
			return nil // another event: acknowledge it
		}
		no := n.Get("out_trade_no").String()
		s.mu.Lock()
		defer s.mu.Unlock()
		if _, known := s.paid[no]; !known || n.Get("amount.total").Int() != price { // compare with your own records
			return errors.New("order " + no + " is not one of this shop, or was paid with another amount")
		}
		s.paid[no] = true
		return nil
	})
}
