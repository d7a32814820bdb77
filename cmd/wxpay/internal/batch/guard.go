package batch

import (
	"fmt"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/tidwall/gjson"

	"github.com/wxchain/wechatpay/cmd/wxpay/internal/shared/item"
	"github.com/wxchain/wechatpay/cmd/wxpay/internal/shared/operation"
	"github.com/wxchain/wechatpay/cmd/wxpay/internal/shared/term"
	"github.com/wxchain/wechatpay/openapi"
)

// A guard knows from the catalogue what a second request of an operation does.
type guard struct {
	method string
	known  bool // the operation is in the catalogue
	repeat openapi.Repeat
	byCode bool // the call charges the user whose code the shop has scanned, so it is queried and not repeated
}

// newGuard returns the guard of an operation. op is nil if the catalogue lacks
// the operation.
func newGuard(method string, op *openapi.Operation) guard {
	g := guard{method: method}
	if op == nil {
		return g
	}
	g.known, g.repeat = true, op.Repeat
	operation.EachField(op.Body(), "", func(name string, _ openapi.Property) {
		switch name[strings.LastIndexByte(name, '.')+1:] {
		case "auth_code", "face_code":
			g.byCode = true
		}
	})
	return g
}

// merchantNumber matches the names of the numbers by which the platform
// recognizes a request. It is used for operations that the catalogue lacks.
var merchantNumber = regexp.MustCompile(`^(\w+_)?out_\w*(no|number)$|_request_no$|^(partner_trade_no|mch_billno|business_code|out_contract_code)$`)

// repeats reports whether a call with these items can be sent twice without
// taking effect twice.
func (g guard) repeats(items []item.Item) bool {
	if !g.known {
		return g.method == http.MethodGet || g.method == http.MethodPut || g.method == http.MethodDelete ||
			slices.ContainsFunc(items, func(i item.Item) bool {
				return i.Kind != item.Query && merchantNumber.MatchString(i.Name) && hasText(i.Decoded())
			})
	}
	if g.repeat.Class == openapi.RepeatHarmless {
		return true
	}
	return g.repeat.Safe() && (g.repeat.Number == "" || g.number(items) != "")
}

func hasText(v any) bool { return v != nil && v != "" }

// number returns the merchant's number in items, or "". If there are several,
// as in the elements of a list, it returns the first one, or "" if any element
// lacks a number.
func (g guard) number(items []item.Item) string {
	return valueOf(items, g.repeat.Number, g.repeat.Where)
}

// valueOf returns the value that items set for a name in the catalogue's
// notation: a dot leads into an object, and [] into a list.
func valueOf(items []item.Item, name, where string) string {
	for _, i := range items {
		if (i.Kind == item.Query) != (where == "query") || where == "header" {
			continue
		}
		if i.Name == name {
			if v := i.Decoded(); hasText(v) {
				return fmt.Sprint(v)
			}
			return ""
		}
		rest, inside := strings.CutPrefix(name, i.Name)
		if !inside || rest[0] != '.' && rest[0] != '[' {
			continue
		}
		path := strings.TrimPrefix(strings.ReplaceAll(rest, "[]", ".#"), ".")
		found := gjson.Get(i.Value, path)
		if !found.IsArray() {
			return found.String()
		}
		list := found.Array()
		holder := gjson.Get(i.Value, strings.TrimSuffix(path[:strings.LastIndexByte(path, '#')+1], "."))
		if len(list) == 0 || int(holder.Int()) != len(list) ||
			slices.ContainsFunc(list, func(r gjson.Result) bool { return r.String() == "" }) {
			return ""
		}
		return list[0].String()
	}
	return ""
}

// isKept reports whether the ledger must record when a call was first sent and
// whether it may have been done.
func (g guard) isKept(safe bool) bool {
	_, forgets := g.repeat.Until(time.Time{})
	return !safe || g.isRefusedTwice() || forgets
}

// isRefusedTwice reports whether the refusal of a second request may mean that
// the first request was done.
func (g guard) isRefusedTwice() bool {
	return !g.known && g.method != http.MethodGet || g.repeat.Class == openapi.RepeatErrorSaysDone
}

// margin is the time between the last request for a number and the moment when
// the platform may forget that number.
const margin = time.Minute

// isForgotten reports whether, at now, the platform may have forgotten the
// number of a call that was first sent at first.
func (g guard) isForgotten(first, now time.Time) bool {
	until, forgets := g.repeat.Until(first)
	return forgets && !now.Before(until.Add(-margin))
}

// query says how to look up the outcome of a call.
func (g guard) query(items []item.Item) string {
	with := ""
	if number := g.number(items); number != "" {
		with = fmt.Sprintf(" with %s %s", g.repeat.Number, term.Visible(cutTo(number, 64)))
	}
	switch {
	case g.repeat.Query != "":
		return "query it by " + g.repeat.Query + with
	case with != "":
		return "query it" + with
	}
	return "look it up"
}

// cutTo shortens s to the first characters, as many as most says.
func cutTo(s string, most int) string {
	if r := []rune(s); len(r) > most {
		return string(r[:most]) + "…"
	}
	return s
}

// order returns the order that a call is for if calls for one order must be
// spaced apart. Otherwise it returns "".
func (g guard) order(items []item.Item) string {
	for _, name := range g.repeat.Order {
		for _, i := range items {
			if v := i.Decoded(); i.Name == name && hasText(v) {
				return fmt.Sprintf("%s %v", name, v)
			}
		}
	}
	return ""
}
