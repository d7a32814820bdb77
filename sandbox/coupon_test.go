package sandbox_test

import (
	"errors"
	"fmt"
	"net/url"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/wxchain/wechatpay"
	"github.com/wxchain/wechatpay/internal/inprocess"
	"github.com/wxchain/wechatpay/sandbox"
)

// Coupons are sent while their stock runs, within its limits.
func TestSendRules(t *testing.T) {
	type edit = func(body, rule, use wechatpay.M)
	type send struct {
		openID string
		set    wechatpay.M
		status int // 200 if it is sent
		code   string
	}
	sent := func(openID string, set wechatpay.M) send { return send{openID, set, 200, ""} }
	value := func(amount, minimum int) wechatpay.M {
		return wechatpay.M{"coupon_value": amount, "coupon_minimum": minimum}
	}
	for name, test := range map[string]struct {
		edit  edit
		moves []string
		wait  time.Duration
		sends []send
	}{
		"not started": {nil, nil, 0, []send{{"a", nil, 400, "INVALID_REQUEST"}}},
		"paused":      {nil, []string{"start", "pause"}, 0, []send{{"a", nil, 400, "INVALID_REQUEST"}}},
		"restarted":   {nil, []string{"start", "pause", "restart"}, 0, []send{sent("a", nil)}},
		"over":        {nil, []string{"start"}, 30 * 24 * time.Hour, []send{{"a", nil, 400, "INVALID_REQUEST"}}},
		"too early": {func(body, _, _ wechatpay.M) {
			body["available_begin_time"] = start.Add(time.Second).Format(time.RFC3339)
		},
			[]string{"start"}, 0, []send{{"a", nil, 400, "INVALID_REQUEST"}}},
		"two for a user": {nil, []string{"start"}, 0, []send{
			sent("a", nil), sent("a", nil), {"a", nil, 403, "RULE_LIMIT"}, sent("b", nil)}},
		"max_coupons": {func(_, rule, _ wechatpay.M) { rule["max_coupons"], rule["max_amount"] = 3, 300 }, []string{"start"}, 0, []send{
			sent("a", nil), sent("a", nil), sent("b", nil), {"b", nil, 403, "NOT_ENOUGH"}, {"c", nil, 403, "NOT_ENOUGH"}}},
		"max_coupons of any value": {func(body, rule, use wechatpay.M) { onSending(body, rule, use); rule["max_coupons"] = 2 }, []string{"start"}, 0, []send{
			sent("a", value(1, 1)), sent("b", value(2, 2)), {"c", value(1, 1), 403, "NOT_ENOUGH"}}},
		"max_amount_by_day": {func(_, rule, _ wechatpay.M) { rule["max_amount_by_day"] = 250 }, []string{"start"}, 0, []send{
			sent("a", nil), sent("b", nil), {"c", nil, 403, "NOT_ENOUGH"}}},
		"value of a fixed one": {nil, []string{"start"}, 0, []send{
			{"a", value(100, 200), 400, "PARAM_ERROR"}, {"a", wechatpay.M{"coupon_minimum": 200}, 400, "PARAM_ERROR"}}},
		"max_amount": {onSending, []string{"start"}, 0, []send{
			sent("a", value(600, 600)), {"a", value(401, 900), 403, "NOT_ENOUGH"}, sent("a", value(400, 900)), {"b", value(1, 1), 403, "NOT_ENOUGH"}}},
		"value on sending": {onSending, []string{"start"}, 0, []send{
			{"a", nil, 400, "PARAM_ERROR"}, {"a", value(0, 1), 400, "PARAM_ERROR"}, {"a", value(2, 1), 400, "PARAM_ERROR"}, sent("a", value(2, 2))}},
		"of nobody": {nil, []string{"start"}, 0, []send{
			{"a", wechatpay.M{"stock_id": "404"}, 404, "RESOURCE_NOT_EXISTS"},
			{"a", wechatpay.M{"stock_creator_mchid": "1"}, 404, "RESOURCE_NOT_EXISTS"},
			{"a", wechatpay.M{"out_request_no": "a b"}, 400, "PARAM_ERROR"}}},
		"of another appid": {nil, []string{"start"}, 0, []send{
			sent("a", nil), {"a", wechatpay.M{"appid": "wx1"}, 400, "INVALID_REQUEST"}, sent("b", wechatpay.M{"appid": "wx1"})}},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			stockID := w.newStock(t, test.edit)
			for _, how := range test.moves {
				if _, err := w.move(stockID, how); err != nil {
					t.Fatal(err)
				}
			}
			w.clock.add(test.wait)
			count := int64(0)
			for i, send := range test.sends {
				body := w.sending(stockID, fmt.Sprintf("rule-%d", i))
				for name, v := range send.set {
					body[name] = v
				}
				resp, err := w.call("POST", userPath+send.openID+"/coupons", body)
				if send.status != 200 {
					refused(t, err, send.status, send.code)
					continue
				}
				if err != nil {
					t.Fatalf("sending %d: %v", i, err)
				}
				count++
				documented(t, "POST", userPath+"{openid}/coupons", resp)
			}
			resp := w.mustCall(t, "GET", stockPath+stockID+"?stock_creator_mchid="+w.Merchant().MchID, nil)
			if got := resp.Get("distributed_coupons").Int(); got != count {
				t.Errorf("%d coupons are counted, want %d", got, count)
			}
		})
	}
}

// Even if many ask at once, no more coupons are sent than the stock has.
func TestCouponsAreNotOversold(t *testing.T) {
	w := newWorld(t)
	stockID := w.running(t, nil)
	var sent, over atomic.Int64
	var wg sync.WaitGroup
	for i := range 8 {
		wg.Go(func() {
			for j := range 4 {
				_, err := w.call("POST", fmt.Sprintf("%suser-%d-%d/coupons", userPath, i, j), w.sending(stockID, fmt.Sprintf("at-once-%d-%d", i, j)))
				if e := (*wechatpay.Error)(nil); errors.As(err, &e) && e.Code == "NOT_ENOUGH" {
					over.Add(1)
				} else if err != nil {
					t.Error(err)
				} else {
					sent.Add(1)
				}
			}
		})
	}
	wg.Wait()
	if sent.Load() != 10 || over.Load() != 22 {
		t.Errorf("%d were sent and %d refused, want 10 and 22", sent.Load(), over.Load())
	}
}

// The daily budget is available again on the next day.
func TestDailyBudget(t *testing.T) {
	w := newWorld(t)
	stockID := w.running(t, func(_, rule, _ wechatpay.M) { rule["max_amount_by_day"] = 100 })
	w.send(t, stockID, "a")
	_, err := w.call("POST", userPath+"b/coupons", w.sending(stockID, "b"))
	refused(t, err, 403, "NOT_ENOUGH")
	w.clock.add(24 * time.Hour)
	w.mustCall(t, "POST", userPath+"b/coupons", w.sending(stockID, "b"))
}

// The same out_request_no sends one coupon, even when the stock runs no more,
// and is refused with other data and for another user.
func TestCouponIsSentOnce(t *testing.T) {
	w := newWorld(t)
	stockID := w.running(t, nil)
	body := w.sending(stockID, "once")
	first := w.mustCall(t, "POST", userPath+"a/coupons", body)
	if _, err := w.move(stockID, "pause"); err != nil {
		t.Fatal(err)
	}
	if again := w.mustCall(t, "POST", userPath+"a/coupons", body); string(again.Bytes()) != string(first.Bytes()) {
		t.Errorf("the second answer is %s, want %s", again.Bytes(), first.Bytes())
	}
	_, err := w.call("POST", userPath+"b/coupons", body)
	refused(t, err, 400, "INVALID_REQUEST")
	body["stock_id"] = w.running(t, nil)
	_, err = w.call("POST", userPath+"a/coupons", body)
	refused(t, err, 400, "INVALID_REQUEST")
}

// A coupon is SENDED, then USED by a payment, or EXPIRED when its time is over.
func TestCouponStates(t *testing.T) {
	w := newWorld(t)
	m := w.Merchant().MchID
	stockID := w.running(t, func(_, _, use wechatpay.M) {
		use["coupon_available_time"] = wechatpay.M{"available_time_after_receive": 60}
	})
	used, expired := w.send(t, stockID, "a"), w.send(t, stockID, "a")
	paid := w.paid(t, "paid-with", 200)

	for name, fails := range map[string]func() error{
		"no coupon":           func() error { return w.UseCoupon(m, "404", paid) },
		"no transaction":      func() error { return w.UseCoupon(m, used, "404") },
		"another merchant":    func() error { return w.UseCoupon("1", used, paid) },
		"too small a payment": func() error { return w.UseCoupon(m, used, w.paid(t, "too-small", 199)) },
	} {
		if fails() == nil {
			t.Errorf("%s: the coupon was used", name)
		}
	}
	if got := w.coupon(t, "a", used); got.Get("status").String() != "SENDED" || got.Get("consume_information").Exists() ||
		got.Get("normal_coupon_information").Raw != `{"coupon_amount":100,"transaction_minimum":200}` {
		t.Errorf("before: %s", got.Bytes())
	}
	w.clock.add(time.Hour - time.Second)
	if err := w.UseCoupon(m, used, paid); err != nil {
		t.Fatal(err)
	}
	if err := w.UseCoupon(m, used, paid); err == nil {
		t.Error("the coupon was used twice")
	}
	w.clock.add(time.Second)
	if err := w.UseCoupon(m, expired, paid); err == nil {
		t.Error("a coupon was used that has expired")
	}
	got := w.coupon(t, "a", used)
	if got.Get("status").String() != "USED" || got.Get("consume_information.transaction_id").String() != paid ||
		got.Get("consume_information.consume_mchid").String() != m ||
		got.Get("consume_information.consume_time").String() != w.clock.Now().Add(-time.Second).Format(time.RFC3339) {
		t.Errorf("after: %s", got.Bytes())
	}
	if got := w.coupon(t, "a", expired); got.Get("status").String() != "EXPIRED" {
		t.Errorf("in the end: %s", got.Bytes())
	}
}

// A coupon can be used only at the merchants that its stock names.
func TestCouponIsTakenBy(t *testing.T) {
	w := newWorld(t)
	m := w.Merchant().MchID
	couponID := w.send(t, w.running(t, func(_, _, use wechatpay.M) { use["available_merchants"] = []string{"1900000001"} }), "a")
	if err := w.UseCoupon(m, couponID, w.paid(t, "not-taken", 200)); err == nil {
		t.Error("it was used at a merchant that does not take it")
	}
}

// A coupon of another user than the one who paid is refused. A payment that names no
// user is that of the coupon's, and then of nobody else.
func TestCouponIsOfPayer(t *testing.T) {
	w := newWorld(t)
	m := w.Merchant().MchID
	stock := w.running(t, func(_, rule, _ wechatpay.M) { rule["max_coupons_per_user"] = 3 })
	send := func(openID string) string { return w.send(t, stock, openID) }
	order := func(number, path string, payer wechatpay.M) string {
		body := w.order(number, 1000)
		if payer != nil {
			body["payer"] = payer
		}
		w.mustCall(t, "POST", path, body)
		return number
	}
	pay := func(number string, by sandbox.Payment) string {
		id, err := w.PayWith(m, number, by)
		if err != nil {
			t.Fatal(err)
		}
		return id
	}
	w.mustCall(t, "POST", combinePath+"native", w.combination(w.part("", "for_two_1", 1000), w.part("", "for_two_2", 1000)))
	pay(combineNumber, sandbox.Payment{})
	hers := send("she")
	named := pay(order("for_him", "v3/pay/transactions/jsapi", wechatpay.M{"openid": "he"}), sandbox.Payment{})
	for name, id := range map[string]string{
		"of an order that names him":  named,
		"that he paid":                pay(order("by_him", native, nil), sandbox.Payment{OpenID: "he"}),
		"that the test user paid":     pay(order("by_test_user", native, nil), sandbox.Payment{OpenID: sandbox.TestUser}),
		"with a coupon of his":        pay(order("with_his", native, nil), sandbox.Payment{CouponIDs: []string{send("he")}}),
		"of a part of a combined one": w.combined(t).Get("sub_orders.0.transaction_id").String(),
	} {
		if err := w.UseCoupon(m, hers, id); err == nil || !strings.Contains(err.Error(), `not for "she"`) {
			t.Errorf("a payment %s: %v", name, err)
		}
	}
	if got := w.coupon(t, "she", hers).Get("status").String(); got != "SENDED" {
		t.Errorf("the coupon is %s", got)
	}
	if err := w.UseCoupon(m, send("he"), named); err != nil {
		t.Error(err)
	}
	anyone := pay(order("for_anyone", native, nil), sandbox.Payment{})
	if err := w.UseCoupon(m, hers, anyone); err != nil {
		t.Fatal(err)
	}
	if got := w.query(t, "v3/pay/transactions/id/"+anyone).Get("payer.openid").String(); got != "she" {
		t.Errorf("the payer is %q", got)
	}
	for _, other := range []string{"someone", sandbox.TestUser} {
		if err := w.UseCoupon(m, send(other), anyone); err == nil {
			t.Errorf("the coupon of %s paid a part of what she paid", other)
		}
	}
}

// Coupons are listed by what they are, oldest first, to who has to do with
// them.
func TestCouponList(t *testing.T) {
	var other sandbox.Merchant
	w := newWorld(t, func(c *sandbox.Config) {
		for _, mchID := range []string{sandbox.DefaultMchID, "1900000001"} {
			m, err := sandbox.KeyedMerchant(mchID, start)
			if err != nil {
				t.Fatal(err)
			}
			c.Merchants, other = append(c.Merchants, m), m
		}
	})
	m := w.Merchant().MchID
	one := w.running(t, nil)
	two := w.running(t, func(_, _, use wechatpay.M) { use["available_merchants"] = []string{m, other.MchID} })
	var ids []string
	for _, stockID := range []string{one, two, one, two} {
		ids = append(ids, w.send(t, stockID, "a"))
		w.clock.add(time.Minute)
	}
	w.send(t, one, "a%2Fb") // another user
	if err := w.UseCoupon(m, ids[1], w.paid(t, "listed", 200)); err != nil {
		t.Fatal(err)
	}
	theirs := w.Client(func(c *wechatpay.Config) {
		c.Transport = inprocess.Transport(w.Server)
		c.MchID, c.SerialNo, c.PrivateKey = other.MchID, other.SerialNo, other.PrivateKey
		c.APIv3Key, c.APIv2Key, c.ClientCert = other.APIv3Key, other.APIv2Key, nil
	})
	list := func(client *wechatpay.Client, openID, query string) (*wechatpay.Response, error) {
		q, err := url.ParseQuery("appid=" + appID + "&" + query)
		if err != nil {
			t.Fatal(err)
		}
		return client.Chain(userPath+"{openid}/coupons").Get(t.Context(), wechatpay.Options{"openid": openID}, wechatpay.Query(q))
	}
	for _, test := range []struct {
		client *wechatpay.Client
		query  string
		total  int64
		want   []string
	}{
		{w.client, "creator_mchid=" + m, 4, ids},
		{w.client, "sender_mchid=" + m + "&limit=3", 4, ids[:3]},
		{w.client, "sender_mchid=" + m + "&limit=3&offset=1", 4, ids[3:]},
		{w.client, "creator_mchid=" + m + "&stock_id=" + one, 2, []string{ids[0], ids[2]}},
		{w.client, "creator_mchid=" + m + "&status=USED", 4, ids}, // chapter3_9.shtml: those that can be used too
		{w.client, "creator_mchid=" + m + "&status=SENDED&stock_id=" + two, 1, ids[3:]},
		{w.client, "creator_mchid=" + m + "&sender_mchid=1", 0, nil},
		{w.client, "creator_mchid=" + m + "&sender_mchid=" + m + "&status=SENDED", 3, []string{ids[0], ids[2], ids[3]}},
		{w.client, "creator_mchid=" + m + "&business_type=MULTIUSE", 0, nil},
		{w.client, "available_mchid=" + m + "&business_type=MULTIUSE", 0, nil},
		{w.client, "available_mchid=" + m, 3, []string{ids[0], ids[2], ids[3]}},
		{w.client, "available_mchid=" + m + "&status=USED&stock_id=" + two + "&offset=1&limit=1", 3, []string{ids[0], ids[2], ids[3]}},
		{w.client, "available_mchid=" + m + "&sender_mchid=1", 0, nil},
		{w.client, "creator_mchid=" + m + "&available_mchid=" + other.MchID, 4, ids},
		{w.client, "creator_mchid=" + m + "&available_mchid=" + m + "&stock_id=" + one + "&limit=1&offset=1", 2, ids[2:3]},
		{theirs, "available_mchid=" + other.MchID, 1, ids[3:]},
		{theirs, "sender_mchid=" + other.MchID, 0, nil},
	} {
		resp, err := list(test.client, "a", test.query)
		if err != nil {
			t.Errorf("%s: %v", test.query, err)
			continue
		}
		documented(t, "GET", userPath+"{openid}/coupons", resp)
		var got []string
		for _, id := range resp.Get("data.#.coupon_id").Array() {
			got = append(got, id.Str)
		}
		if fmt.Sprint(got) != fmt.Sprint(test.want) || resp.Get("total_count").Int() != test.total {
			t.Errorf("%s: %d coupons, %v, want %d, %v", test.query, resp.Get("total_count").Int(), got, test.total, test.want)
		}
	}
	for _, query := range []string{"", "available_mchid=" + other.MchID, "creator_mchid=" + m + "&limit=101"} {
		_, err := list(w.client, "a", query)
		refused(t, err, 400, "PARAM_ERROR")
	}
	_, err := theirs.Chain(userPath+"a/coupons/"+ids[0]).Get(t.Context(), wechatpay.Query(wechatpay.M{"appid": appID}))
	refused(t, err, 404, "RESOURCE_NOT_EXISTS")
	if _, err := theirs.Chain(userPath+"a/coupons/"+ids[1]).Get(t.Context(), wechatpay.Query(wechatpay.M{"appid": appID})); err != nil {
		t.Error(err)
	}
	_, err = theirs.Chain(userPath+"a/coupons").Post(t.Context(), wechatpay.JSON(w.sending(one, "theirs")))
	refused(t, err, 403, "REQUEST_BLOCKED")
	_, err = w.call("GET", userPath+"b/coupons/"+ids[0]+"?appid="+appID, nil)
	refused(t, err, 404, "RESOURCE_NOT_EXISTS")
}

// Sent coupons are there when the store is opened again.
func TestCouponsInFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "state.db")
	var stockID string
	var ids []string
	for range 2 {
		store, err := sandbox.OpenStore(path)
		if err != nil {
			t.Fatal(err)
		}
		w := newWorld(t, func(c *sandbox.Config) { c.Store = store })
		m := w.Merchant().MchID
		if stockID == "" {
			stockID = w.running(t, nil)
			ids = append(ids, w.send(t, stockID, "a"))
			if err := w.UseCoupon(m, ids[0], w.paid(t, "in-file", 200)); err != nil {
				t.Fatal(err)
			}
			w.clock.add(time.Second)
			ids = append(ids, w.send(t, stockID, "a"))
		}
		resp := w.mustCall(t, "GET", userPath+"a/coupons?appid="+appID+"&creator_mchid="+m, nil)
		if got := resp.Get("data.#.coupon_id").Raw; got != fmt.Sprintf("[%q,%q]", ids[0], ids[1]) || resp.Get("data.0.status").String() != "USED" {
			t.Errorf("the coupons are %s, want %q", resp.Bytes(), ids)
		}
		_, err = w.call("POST", userPath+"a/coupons", w.sending(stockID, "third"))
		refused(t, err, 403, "RULE_LIMIT")
		if _, text := w.flow(t, stockID, "use-flow"); len(records(t, text)) != 2 {
			t.Errorf("use-flow is %q", text)
		}
		if err := store.Close(); err != nil {
			t.Fatal(err)
		}
	}
}
