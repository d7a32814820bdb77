package v3

import (
	"fmt"
	"net/url"
	"strconv"
	"time"

	"github.com/tidwall/gjson"

	"github.com/wxchain/wechatpay/sandbox/internal/beijing"
	"github.com/wxchain/wechatpay/sandbox/internal/money"
	"github.com/wxchain/wechatpay/sandbox/internal/party"
	"github.com/wxchain/wechatpay/sandbox/internal/wire"
)

// A call is a request that is authenticated and fits its operation, as a product
// sees it, with the ledger of its transaction.
type call struct {
	*money.Ledger
	api      *API
	merchant party.Merchant
	vars     map[string]string // of the path
	query    url.Values
	body     gjson.Result // its encrypted fields in plain text
	upload   *wire.Upload // nil when the operation takes no file
	base     string       // the URL that the sandbox was called at, with a slash at its end

	status int
	answer any // what becomes the JSON of the body, a download, or nil
}

// named is a field of the body, or of the query when there is no body.
func (c *call) named(field string) string {
	if c.body.Exists() {
		return c.body.Get(field).String()
	}
	return c.query.Get(field)
}

// text is a field of the body.
func (c *call) text(field string) string { return c.body.Get(field).String() }

// checkNamed refuses the number of another merchant than who signed.
func (c *call) checkNamed(field string) error {
	if c.body.Exists() {
		return c.checkMchID("body", "/"+field, c.named(field))
	}
	return c.checkMchID("query", field, c.named(field))
}

// checkMchID refuses the number of another merchant than who signed.
func (c *call) checkMchID(location, field, mchID string) error {
	if mchID != c.merchant.MchID {
		return wire.ParamError(location, field, mchID, "it is not the merchant that signed, which is "+c.merchant.MchID)
	}
	return nil
}

// An access finds out whose orders or refunds a call is about. It refuses those
// that are not for the merchant that signed.
type access func(*call) (money.Owner, error)

// ofMerchant is for calls about the merchant's own, which name it.
func ofMerchant(c *call) (money.Owner, error) {
	return money.Owner{MchID: c.merchant.MchID}, c.checkNamed("mchid")
}

// ofSubMerchant is for calls of a partner, which name it and a sub-merchant.
func ofSubMerchant(c *call) (money.Owner, error) {
	w := money.Owner{MchID: c.merchant.MchID, SubMchID: c.named("sub_mchid")}
	if err := c.checkNamed("sp_mchid"); err != nil {
		return w, err
	}
	return w, c.Parties.CheckSub(w, c.named("sub_appid"))
}

// ofEither is for calls that name a sub-merchant when they are about it.
func ofEither(c *call) (money.Owner, error) {
	w := money.Owner{MchID: c.merchant.MchID, SubMchID: c.named("sub_mchid")}
	if w.SubMchID == "" {
		return w, nil
	}
	return w, c.Parties.CheckSub(w, c.named("sub_appid"))
}

// fingerprint tells the parameters of the body apart from others of that kind.
func (c *call) fingerprint(kind string) (string, error) { return wire.Fingerprint(kind, c.body.Raw) }

// fen is an amount of the body, which must be a whole number.
func fen(field string, v gjson.Result) (int64, error) {
	if n := v.Int(); v.Num == float64(n) {
		return n, nil
	}
	return 0, wire.BadField(field, v.Value(), "a whole number of fen is wanted")
}

// checkCurrency refuses all but CNY.
func checkCurrency(field, currency string) error {
	if currency != "" && currency != "CNY" {
		return wire.BadField(field, currency, "only CNY is known")
	}
	return nil
}

const timeForm = "a time such as 2018-06-08T10:34:56+08:00 is wanted"

// timeExpire is the time_expire in the body, which is zero for none.
func (c *call) timeExpire() (t time.Time, err error) {
	text := c.text("time_expire")
	if text == "" {
		return t, nil
	}
	if t, err = beijing.Parse(text); err != nil {
		return t, wire.BadField("/time_expire", text, timeForm)
	}
	return t, nil
}

// queryTime reads a time of the query, zero if it is not there.
func (c *call) queryTime(name string) (t time.Time, err error) {
	text := c.query.Get(name)
	if text == "" {
		return t, nil
	}
	if t, err = time.Parse(time.RFC3339, text); err != nil {
		return t, wire.ParamError("query", name, text, timeForm)
	}
	return t, nil
}

// A page is the part of a list that was asked for.
type page struct {
	Total  int   `json:"total_count"` // of the list
	Offset int   `json:"offset"`      // how many pages come before it, or elements
	Limit  int   `json:"limit"`       // how many elements a page has
	Data   []any `json:"data"`

	byElement bool // what Offset counts
}

// maxOffset keeps products of it from overflowing.
const maxOffset = 1<<31 - 1

// newPage reads from the query which page is wanted, of most elements at most. Its
// offset counts pages.
func (c *call) newPage(most int) (*page, error) { return c.readPage(&page{Limit: min(20, most)}, most) }

// newSlice is newPage where the offset counts elements, which are usual by
// default.
func (c *call) newSlice(usual, most int) (*page, error) {
	return c.readPage(&page{Limit: usual, byElement: true}, most)
}

func (c *call) readPage(p *page, most int) (*page, error) {
	p.Data = []any{}
	for _, q := range []struct {
		name        string
		to          *int
		least, most int
	}{{"offset", &p.Offset, 0, maxOffset}, {"limit", &p.Limit, 1, most}} {
		text := c.query.Get(q.name)
		if text == "" {
			continue
		}
		n, err := strconv.Atoi(text)
		if err != nil || n < q.least || n > q.most {
			return nil, wire.ParamError("query", q.name, text, fmt.Sprintf("a number from %d to %d is wanted", q.least, q.most))
		}
		*q.to = n
	}
	return p, nil
}

// add appends an element to the list.
func (p *page) add(v any) {
	wanted := p.Total/p.Limit == p.Offset
	if p.byElement {
		wanted = p.Total >= p.Offset && len(p.Data) < p.Limit
	}
	if wanted {
		p.Data = append(p.Data, v)
	}
	p.Total++
}

// passes reports whether a filter of the query, empty for none, lets value
// through.
func passes[T ~string](filter string, value T) bool { return filter == "" || filter == string(value) }
