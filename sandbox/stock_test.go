package sandbox_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/wxchain/wechatpay"
)

// A stock goes from unactivated to running, between running and paused, and is
// stoped after its end. Start, pause and restart may be repeated:
// https://pay.weixin.qq.com/wiki/doc/apiv3/wxpay/marketing/convention/chapter3_1.shtml
func TestStockStates(t *testing.T) {
	w := newWorld(t)
	stockID := w.newStock(t, nil)
	for _, step := range []struct {
		wait  time.Duration
		call  string // start, pause or restart
		ok    bool
		state string // then
	}{
		{0, "pause", false, "unactivated"},
		{0, "restart", false, "unactivated"},
		{0, "start", true, "running"},
		{0, "start", true, "running"},
		{0, "restart", true, "running"},
		{0, "pause", true, "paused"},
		{0, "pause", true, "paused"},
		{0, "start", false, "paused"},
		{0, "restart", true, "running"},
		{30*24*time.Hour - time.Second, "pause", true, "paused"},
		{time.Second, "restart", false, "stoped"},
		{0, "start", false, "stoped"},
	} {
		w.clock.add(step.wait)
		resp, err := w.move(stockID, step.call)
		if step.ok {
			if err != nil {
				t.Fatalf("%s: %v", step.call, err)
			}
			documented(t, "POST", stockPath+"{stock_id}/"+step.call, resp)
			if at := resp.Get(step.call + "_time").String(); at != w.clock.Now().Format(time.RFC3339) {
				t.Errorf("%s: %s, want it now", step.call, resp.Bytes())
			}
		} else {
			refused(t, err, 400, "INVALID_REQUEST")
		}
		resp = w.mustCall(t, "GET", stockPath+stockID+"?stock_creator_mchid="+w.Merchant().MchID, nil)
		documented(t, "GET", stockPath+"{stock_id}", resp)
		if got := resp.Get("status").String(); got != step.state {
			t.Errorf("after %s the stock is %s, want %s", step.call, got, step.state)
		}
		if stopped := resp.Get("stop_time").Exists(); stopped != (step.state == "stoped") {
			t.Errorf("after %s: stop_time is there: %v", step.call, stopped)
		}
	}
}

// The same out_request_no creates one stock, whatever the order of its fields,
// and is refused with other data.
func TestStockIsCreatedOnce(t *testing.T) {
	w := newWorld(t)
	const path = "v3/marketing/favor/coupon-stocks"
	once := w.stock("once", nil)
	first := w.mustCall(t, "POST", path, once)
	documented(t, "POST", path, first)
	w.clock.add(time.Minute)
	if again := w.mustCall(t, "POST", path, once); string(again.Bytes()) != string(first.Bytes()) {
		t.Errorf("the second answer is %s, want %s", again.Bytes(), first.Bytes())
	}
	_, err := w.call("POST", path, w.stock("once", func(body, _, _ wechatpay.M) { body["stock_name"] = "other" }))
	refused(t, err, 400, "INVALID_REQUEST")
	if other := w.mustCall(t, "POST", path, w.stock("twice", nil)); other.Get("stock_id").String() == first.Get("stock_id").String() {
		t.Error("two numbers made one stock")
	}
}

// https://pay.weixin.qq.com/wiki/doc/apiv3/wxpay/marketing/convention/chapter3_1.shtml
func TestStockRules(t *testing.T) {
	w := newWorld(t)
	const max = "/stock_use_rule/max_"
	later := func(d time.Duration) string { return start.Add(d).Format(time.RFC3339) }
	between := func(begin, end time.Duration) func(body, _, _ wechatpay.M) {
		return func(body, _, _ wechatpay.M) {
			body["available_begin_time"], body["available_end_time"] = later(begin), later(end)
		}
	}
	for name, test := range map[string]struct {
		edit  func(body, rule, use wechatpay.M)
		field string // at fault, or "" if it is right
	}{
		"as it is":             {nil, ""},
		"nine Chinese":         {func(body, _, _ wechatpay.M) { body["stock_name"] = "一二三四五六七八九" }, ""},
		"ten Chinese":          {func(body, _, _ wechatpay.M) { body["stock_name"] = "一二三四五六七八九十" }, "/stock_name"},
		"twenty letters":       {func(body, _, _ wechatpay.M) { body["stock_name"] = "abcdefghijklmnopqrst" }, ""},
		"twenty-one letters":   {func(body, _, _ wechatpay.M) { body["stock_name"] = "abcdefghijklmnopqrstu" }, "/stock_name"},
		"a bar":                {func(body, _, _ wechatpay.M) { body["stock_name"] = "a|b" }, "/stock_name"},
		"a bad number":         {func(body, _, _ wechatpay.M) { body["out_request_no"] = "a b" }, "/out_request_no"},
		"another's":            {func(body, _, _ wechatpay.M) { body["belong_merchant"] = "1" }, "/belong_merchant"},
		"90 days":              {func(body, _, _ wechatpay.M) { body["available_end_time"] = later(90 * 24 * time.Hour) }, ""},
		"more than 90 days":    {func(body, _, _ wechatpay.M) { body["available_end_time"] = later(90*24*time.Hour + time.Second) }, "/available_end_time"},
		"no time":              {func(body, _, _ wechatpay.M) { body["available_begin_time"] = "2018-06-08" }, "/available_begin_time"},
		"ends as it begins":    {func(body, _, _ wechatpay.M) { body["available_end_time"] = body["available_begin_time"] }, "/available_end_time"},
		"begins too early":     {between(-time.Minute-time.Second, time.Hour), "/available_begin_time"},
		"began as it was sent": {between(-time.Minute, time.Hour), ""},
		"begins now":           {between(0, time.Hour), ""},
		"begins in a year":     {between(365*24*time.Hour, 366*24*time.Hour), ""},
		"begins too late":      {between(365*24*time.Hour+time.Second, 366*24*time.Hour), "/available_begin_time"},
		"no coupons":           {func(_, rule, _ wechatpay.M) { rule["max_coupons"] = 0 }, max + "coupons"},
		"no money":             {func(_, rule, _ wechatpay.M) { rule["max_amount"] = 0 }, max + "amount"},
		"no product":           {func(_, rule, _ wechatpay.M) { rule["max_amount"] = 1001 }, max + "amount"},
		"other product":        {func(_, rule, _ wechatpay.M) { rule["max_amount"] = 2000 }, max + "amount"},
		"more a day than all":  {func(_, rule, _ wechatpay.M) { rule["max_amount_by_day"] = 1001 }, max + "amount_by_day"},
		"none for a user":      {func(_, rule, _ wechatpay.M) { rule["max_coupons_per_user"] = 0 }, max + "coupons_per_user"},
		"too many for a user":  {func(_, rule, _ wechatpay.M) { rule["max_coupons_per_user"] = 11 }, max + "coupons_per_user"},
		"cheaper than coupon": {func(_, _, use wechatpay.M) {
			use["fixed_normal_coupon"] = wechatpay.M{"coupon_amount": 100, "transaction_minimum": 99}
		}, "/coupon_use_rule/fixed_normal_coupon/transaction_minimum"},
		"no fixed value":       {func(_, _, use wechatpay.M) { delete(use, "fixed_normal_coupon") }, ""},
		"value on sending":     {onSending, ""},
		"fixed and on sending": {func(body, _, _ wechatpay.M) { body["stock_type"] = "RANDOM" }, "/coupon_use_rule/fixed_normal_coupon"},
		"a discount":           {func(body, _, _ wechatpay.M) { body["stock_type"] = "DISCOUNT" }, "/stock_type"},
		"an hour for a coupon": {func(_, _, use wechatpay.M) {
			use["coupon_available_time"] = wechatpay.M{"available_time_after_receive": 60}
		}, ""},
		"no time for a coupon": {func(_, _, use wechatpay.M) {
			use["coupon_available_time"] = wechatpay.M{"available_time_after_receive": 0}
		}, "/coupon_use_rule/coupon_available_time/available_time_after_receive"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := w.call("POST", "v3/marketing/favor/coupon-stocks", w.stock(fmt.Sprintf("rules-%d", len(w.Requests())), test.edit))
			if test.field == "" {
				if err != nil {
					t.Fatal(err)
				}
				return
			}
			if got := refused(t, err, 400, "PARAM_ERROR").Detail.Get("field").String(); got != test.field {
				t.Errorf("the field is %q, want %q", got, test.field)
			}
		})
	}
}

// Stocks are listed by state and time, ten a page, oldest first; the goods and
// merchants of one by up to fifty.
func TestStockLists(t *testing.T) {
	w := newWorld(t)
	m := w.Merchant().MchID
	var ids []string
	for i := range 12 {
		ids = append(ids, w.newStock(t, func(_, _, use wechatpay.M) {
			use["available_items"], use["available_merchants"] = []string{"7", "8", "9"}, []string{m, "1900000001"}
		}))
		if i%2 == 0 {
			if _, err := w.move(ids[i], "start"); err != nil {
				t.Fatal(err)
			}
		}
		w.clock.add(time.Hour)
	}
	for _, test := range []struct {
		query string
		total int64
		want  []string
	}{
		{"offset=0&limit=10", 12, ids[:10]},
		{"offset=1&limit=10", 12, ids[10:]},
		{"offset=2&limit=10", 12, nil},
		{"offset=1&limit=2&status=running", 6, []string{ids[4], ids[6]}},
		{"offset=0&limit=10&status=paused", 0, nil},
		{"offset=0&limit=10&create_start_time=2018-06-08T11:30:00%2B08:00&create_end_time=2018-06-08T12:30:00%2B08:00", 2, ids[1:3]},
	} {
		resp := w.mustCall(t, "GET", stockPath[:len(stockPath)-1]+"?stock_creator_mchid="+m+"&"+test.query, nil)
		documented(t, "GET", "v3/marketing/favor/stocks", resp)
		var got []string
		for _, id := range resp.Get("data.#.stock_id").Array() {
			got = append(got, id.Str)
		}
		if fmt.Sprint(got) != fmt.Sprint(test.want) || resp.Get("total_count").Int() != test.total {
			t.Errorf("%s: %d stocks, %v, want %d, %v", test.query, resp.Get("total_count").Int(), got, test.total, test.want)
		}
	}
	for query, status := range map[string]int{
		"offset=0&limit=11": 400, "offset=0&limit=0": 400, "offset=-1&limit=1": 400, "offset=0&limit=1&create_end_time=now": 400,
	} {
		_, err := w.call("GET", stockPath[:len(stockPath)-1]+"?stock_creator_mchid="+m+"&"+query, nil)
		refused(t, err, status, "PARAM_ERROR")
	}
	for list, want := range map[string]string{"/items": `["9"]`, "/merchants": `[]`} {
		resp := w.mustCall(t, "GET", stockPath+ids[0]+list+"?offset=1&limit=2&stock_creator_mchid="+m, nil)
		documented(t, "GET", stockPath+"{stock_id}"+list, resp)
		if got := resp.Get("data").Raw; got != want || resp.Get("stock_id").String() != ids[0] {
			t.Errorf("%s: %s, want data %s", list, resp.Bytes(), want)
		}
	}
}

// A stock that does not exist, or belongs to another merchant, is refused.
func TestStockNotFound(t *testing.T) {
	w := newWorld(t)
	stockID := w.newStock(t, nil)
	_, err := w.move("404", "start")
	refused(t, err, 404, "RESOURCE_NOT_EXISTS")
	_, err = w.call("POST", stockPath+stockID+"/start", wechatpay.M{"stock_creator_mchid": "1"})
	refused(t, err, 400, "PARAM_ERROR")
	_, err = w.call("GET", stockPath+stockID+"?stock_creator_mchid=1", nil)
	refused(t, err, 400, "PARAM_ERROR")
	_, err = w.call("GET", stockPath+"404/use-flow", nil)
	refused(t, err, 404, "RESOURCE_NOT_EXISTS")
}

// A stock that its creator stops stays stopped, from the first time on.
func TestStopStock(t *testing.T) {
	w := newWorld(t)
	stockID := w.running(t, nil)
	w.clock.add(time.Hour)
	resp, err := w.move(stockID, "stop")
	if err != nil {
		t.Fatal(err)
	}
	documented(t, "POST", stockPath+"{stock_id}/stop", resp)
	at := resp.Get("stop_time").Str
	w.clock.add(time.Hour)
	if _, err := w.move(stockID, "stop"); err != nil {
		t.Error(err)
	}
	for _, how := range []string{"start", "pause", "restart"} {
		_, err := w.move(stockID, how)
		refused(t, err, 400, "INVALID_REQUEST")
	}
	got := w.mustCall(t, "GET", stockPath+stockID+"?stock_creator_mchid="+w.Merchant().MchID, nil)
	if got.Get("status").Str != "stoped" || got.Get("stop_time").Str != at {
		t.Errorf("the stock is %s, want it stoped at %s", got.Bytes(), at)
	}
	if _, err := w.call("POST", userPath+"a/coupons", w.sending(stockID, "after")); err == nil {
		t.Error("a coupon of a stopped stock was sent")
	}
}
