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

// A call is an authenticated request that fits its operation, with the ledger of
// its transaction.
type call struct {
	*money.Ledger
	api      *API
	merchant party.Caller
	vars     map[string]string // of the path
	query    url.Values
	body     gjson.Result // encrypted fields are decrypted
	upload   *wire.Upload // nil if the operation takes no file
	base     string       // the URL that the sandbox was called at, with a slash at its end

	status int
	answer any // what becomes the JSON of the body, a download, or nil
}

// named returns a field of the body, or of the query if there is no body.
func (c *call) named(field string) string {
	if c.body.Exists() {
		return c.body.Get(field).String()
	}
	return c.query.Get(field)
}

// text returns a field of the body.
func (c *call) text(field string) string { return c.body.Get(field).String() }

// checkNamed refuses the number of a merchant that did not sign the call.
func (c *call) checkNamed(field string) error {
	if c.body.Exists() {
		return c.checkMchID("body", "/"+field, c.named(field))
	}
	return c.checkMchID("query", field, c.named(field))
}

// checkMchID refuses the number of a merchant that did not sign the call.
func (c *call) checkMchID(location, field, mchID string) error {
	if mchID != c.merchant.MchID {
		return wire.ParamError(location, field, mchID, "it is not the merchant that signed, which is "+c.merchant.MchID)
	}
	return nil
}

// An access returns the owner of the orders or refunds that a call is about. It
// refuses an owner that the merchant that signed may not act for.
type access func(*call) (money.Owner, error)

// ofMerchant is the access of calls that name the merchant that signs.
func ofMerchant(c *call) (money.Owner, error) {
	return money.Owner{MchID: c.merchant.MchID}, c.checkNamed("mchid")
}

// ofSubMerchant is the access of calls that name a partner and a sub-merchant.
func ofSubMerchant(c *call) (money.Owner, error) {
	w := money.Owner{MchID: c.merchant.MchID, SubMchID: c.named("sub_mchid")}
	if err := c.checkNamed("sp_mchid"); err != nil {
		return w, err
	}
	return w, c.Parties.CheckSub(w, c.named("sub_appid"))
}

// ofEither is the access of calls that name a sub-merchant only if they are about
// it.
func ofEither(c *call) (money.Owner, error) {
	w := money.Owner{MchID: c.merchant.MchID, SubMchID: c.named("sub_mchid")}
	if w.SubMchID == "" {
		return w, nil
	}
	return w, c.Parties.CheckSub(w, c.named("sub_appid"))
}

// fingerprint returns a text that differs for different bodies of that kind.
func (c *call) fingerprint(kind string) (string, error) { return wire.Fingerprint(kind, c.body.Raw) }

// fen returns an amount of the body, which must be a whole number.
func fen(field string, v gjson.Result) (int64, error) {
	if n := v.Int(); v.Num == float64(n) {
		return n, nil
	}
	return 0, wire.BadField(field, v.Value(), "a whole number of fen is wanted")
}

const timeForm = "a time such as 2018-06-08T10:34:56+08:00 is wanted"

// timeExpire returns the time_expire of the body, or zero.
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

// queryTime returns a time of the query, or zero.
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

// maxOffset limits offsets so that multiplying them does not overflow.
const maxOffset = 1<<31 - 1

// newPage reads the wanted page from the query. A page has at most most elements.
// Its offset counts pages.
func (c *call) newPage(most int) (*page, error) { return c.readPage(&page{Limit: min(20, most)}, most) }

// newSlice does what newPage does, with an offset that counts elements. The
// default number of elements is usual.
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

// passes reports whether a filter of the query accepts value. An empty filter
// accepts everything.
func passes[T ~string](filter string, value T) bool { return filter == "" || filter == string(value) }
