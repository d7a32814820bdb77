package console

import (
	"net/http"
	"strings"
	"time"

	"github.com/wxchain/wechatpay/sandbox"
	"github.com/wxchain/wechatpay/sandbox/console/internal/page"
)

// An order is what the page of an order shows.
type order struct {
	row
	Story         sandbox.OrderStory
	Steps         []step
	Refunds       section
	Requests      section
	Notifications section
	Back          string
	Expires       bool // at a time to come
}

// A step is a state of the order or of a refund.
type step struct{ sandbox.Step }

// Good reports whether the state is a happy end.
func (s step) Good() bool { return isGood(s.State) }

// Bad reports whether the state is an unhappy end.
func (s step) Bad() bool { return isBad(s.State) }

// Paid reports whether the order was paid.
func (o order) Paid() bool { return o.Numbers["transaction_id"] != "" }

// ExpiresAt is when the order expires, as the form that moves the clock there says it.
func (o order) ExpiresAt() string { return o.Story.Expire.Format(time.RFC3339Nano) }

// Payee is who gets the money.
func (o order) Payee() string {
	if o.SubMchID != "" {
		return o.SubMchID
	}
	return o.MchID
}

func (c *console) showOrder(w http.ResponseWriter, r *http.Request) error {
	q := r.URL.Query()
	story, err := c.sandbox.OrderStory(q.Get("mchid"), q.Get("number"))
	if err != nil {
		return &page.Error{Status: http.StatusNotFound, Text: err.Error()}
	}
	back := r.URL.RequestURI()
	o := order{row: row{Record: story.Order}, Story: story, Back: back,
		Refunds:       section{kind: kinds[2], Rows: rowsOf(story.Refunds), Back: back},
		Requests:      section{kind: kinds[0], Requests: story.Requests, Back: back},
		Notifications: section{kind: kinds[len(kinds)-1], Notifications: story.Notifications, Back: back}}
	for _, s := range story.Steps {
		o.Steps = append(o.Steps, step{s})
	}
	o.Expires = o.Payable() && story.Expire.After(c.sandbox.Now())
	return c.site.Render(w, r, c.order, o)
}

func (c *console) showNotification(w http.ResponseWriter, r *http.Request) error {
	n, body, err := c.sandbox.Notification(r.PathValue("id"))
	if err != nil {
		return &page.Error{Status: http.StatusNotFound, Text: err.Error()}
	}
	return c.site.Render(w, r, c.notification, struct {
		sandbox.Notification
		Body, Back string
	}{n, pretty(body), r.URL.RequestURI()})
}

// kindText returns a kind of record in words.
func kindText(k sandbox.RecordKind) string {
	if k == "" {
		return ""
	}
	return strings.ToUpper(string(k[:1])) + string(k[1:])
}

// KindText is the kind of what has the state.
func (s step) KindText() string { return kindText(s.Kind) }

// Self is the order as a list shows it.
func (o order) Self() row { return o.row }
