package openapi

import (
	"fmt"
	"time"

	"github.com/tidwall/gjson"

	"github.com/wxchain/wechatpay/internal/operation"
)

// A RepeatClass says what a second request with the same bytes does.
type RepeatClass string

// The classes.
const (
	// RepeatSameResult is the class of operations that are done once. The platform
	// recognises the second request by the merchant's number and returns the same
	// result.
	RepeatSameResult RepeatClass = "same-result"
	// RepeatErrorSaysDone is the class of operations that are done once and
	// whose second request is refused: the refusal may mean that the first
	// request was done.
	RepeatErrorSaysDone RepeatClass = "error-says-done"
	// RepeatHarmless is the class of operations that read, or set what is set
	// already. Those of GET are in it.
	RepeatHarmless RepeatClass = "harmless"
	// RepeatSecondEffect is the class of operations that are done a second time.
	RepeatSecondEffect RepeatClass = "second-effect"
	// RepeatUnknown is the class of operations whose documentation does not say
	// what a second request does.
	RepeatUnknown RepeatClass = "unknown"
)

// A Repeat says what a second request with the same bytes does, and by which number of
// the merchant the platform recognises it.
type Repeat struct {
	Class RepeatClass
	// Number is the name of the merchant's number by which the platform recognises a
	// request, such as "out_refund_no", or "". A dot leads into an object and [] into
	// an array: "schedule_items[].out_record_id".
	Number string
	// Where is the place of Number: "path", "query", "header", "json" or "xml".
	Where string
	// Also are other numbers of the request that the platform compares.
	Also []string
	// Window is the time for which the platform remembers Number, from the first
	// request. After that a second request may be done again. 0 means that the
	// documentation does not state a time.
	Window time.Duration
	// Days is the same as Window in calendar days of China; the day of the first
	// request is one of them. 0 means that the documentation states none.
	Days int
	// Interval is the shortest time between two requests with one Number.
	Interval time.Duration
	// Apart is the shortest time between two requests with different Numbers for
	// the order that one of the fields Order names.
	Apart time.Duration
	Order []string
	// Query is the operation that reports the result of a request, as
	// "GET v3/pay/transactions/out-trade-no/{out_trade_no}", or "". Operations
	// of the class [RepeatErrorSaysDone] have it if it exists.
	Query string
	// Basis is the source of these facts: "documented", "by-name" (other operations with
	// the same number are documented) or "by-nature" (a judgement, which may err).
	Basis string
	// Page is the official page, or "".
	Page string
	// Note has further facts.
	Note string
}

// Until returns the time at which the platform may forget the number of a request that
// was first sent at first, and whether the documentation states it. After that a second
// request may be done again.
func (r Repeat) Until(first time.Time) (forgotten time.Time, ok bool) {
	return operation.Forgotten(first, r.Window, r.Days)
}

// Safe reports whether you can safely send a second request with the same bytes while
// the platform remembers the number; see [Repeat.Until].
func (r Repeat) Safe() bool {
	switch r.Class {
	case RepeatSameResult, RepeatErrorSaysDone, RepeatHarmless:
		return true
	}
	return false
}

func parseRepeat(v gjson.Result) Repeat {
	duration := func(name string) time.Duration {
		text := v.Get(name).Str
		if text == "" {
			return 0
		}
		d, err := time.ParseDuration(text)
		if err != nil {
			panic(fmt.Errorf("openapi: the catalogue in this program is damaged: %w", err))
		}
		return d
	}
	return Repeat{
		Class: RepeatClass(v.Get("class").Str), Number: v.Get("number").Str, Where: v.Get("where").Str, Also: texts(v.Get("also")),
		Window: duration("window"), Days: int(v.Get("days").Int()), Interval: duration("interval"),
		Apart: duration("apart"), Order: texts(v.Get("order")),
		Query: v.Get("query").Str, Basis: v.Get("basis").Str, Page: v.Get("page").Str, Note: v.Get("note").Str,
	}
}
