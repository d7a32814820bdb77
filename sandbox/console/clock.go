package console

import (
	"net/http"
	"time"

	"github.com/wxchain/wechatpay/sandbox"
	"github.com/wxchain/wechatpay/sandbox/console/internal/page"
)

// A clock is the clock of the sandbox, with how far buttons move it.
type clock struct {
	Now   time.Time
	Moves []move
	Back  string
}

// A move is a button that moves the clock by a time, or to the next bill.
type move struct {
	Text string
	By   time.Duration
}

// toBill is where a button moves the clock to, in place of a time: the next bill when it
// is pressed, for the clock goes on while the page is open.
const toBill = "bill"

// Name is the field of the form.
func (m move) Name() string {
	if m.By == 0 {
		return "to"
	}
	return "by"
}

// Value is what the button puts into the field.
func (m move) Value() string {
	if m.By == 0 {
		return toBill
	}
	return m.By.String()
}

var beijing = time.FixedZone("Asia/Shanghai", 8*60*60)

// billHour is when the bills of a day are ready on the next.
const billHour = 10

func (c *console) clock(r *http.Request) clock {
	now := c.sandbox.Now()
	return clock{now, []move{
		{"+5 seconds", 5 * time.Second}, {"+1 minute", time.Minute}, {"+15 minutes", 15 * time.Minute}, {"+1 hour", time.Hour},
		{"Next bill, 10:00", 0}, {"+1 day", 24 * time.Hour}, {"+30 days", 30 * 24 * time.Hour},
	}, r.URL.RequestURI()}
}

// nextBill returns when the next bill is ready.
func nextBill(now time.Time) time.Time {
	here := now.In(beijing)
	at := time.Date(here.Year(), here.Month(), here.Day(), billHour, 0, 0, 0, beijing)
	if !at.After(now) {
		at = at.AddDate(0, 0, 1)
	}
	return at
}

// advance moves the clock by a time, or to one. A time that is over moves nothing: the
// clock was moved there since the page was opened.
func (c *console) advance(r *http.Request) error {
	if to := r.PostFormValue("to"); to != "" {
		return c.advanceTo(to)
	}
	d, err := time.ParseDuration(r.PostFormValue("by"))
	if err != nil {
		return err
	}
	return c.sandbox.Advance(d)
}

func (c *console) advanceTo(to string) error {
	now := c.sandbox.Now()
	at := nextBill(now)
	if to != toBill {
		var err error
		if at, err = time.Parse(time.RFC3339, to); err != nil {
			return err
		}
	}
	if !at.After(now) {
		return nil
	}
	return c.sandbox.Advance(at.Sub(now))
}

// actions are what forms do, by name.
func (c *console) actions() map[string]func(*http.Request) error {
	numbered := func(do func(mchID, number string) error) func(*http.Request) error {
		return func(r *http.Request) error { return do(r.PostFormValue("mchid"), r.PostFormValue("number")) }
	}
	return map[string]func(*http.Request) error{
		"advance": c.advance,
		"pay":     c.pay,
		"fail":    numbered(c.sandbox.FailPayment),
		"expire":  numbered(c.sandbox.Expire),
		"complain": func(r *http.Request) error {
			_, err := c.sandbox.Complain(r.PostFormValue("mchid"), r.PostFormValue("number"), r.PostFormValue("detail"))
			return err
		},
		"settle-refund": func(r *http.Request) error {
			return c.sandbox.SettleRefund(r.PostFormValue("mchid"), r.PostFormValue("number"), sandbox.RefundState(r.PostFormValue("state")))
		},
		"settle-transfer": func(r *http.Request) error {
			return c.sandbox.SettleTransfer(r.PostFormValue("mchid"), r.PostFormValue("number"), sandbox.TransferState(r.PostFormValue("state")))
		},
		"fail-transfer": func(r *http.Request) error {
			return c.sandbox.FailTransfer(r.PostFormValue("mchid"), r.PostFormValue("number"), r.PostFormValue("reason"))
		},
		"use-coupon": func(r *http.Request) error {
			return c.sandbox.UseCoupon(r.PostFormValue("mchid"), r.PostFormValue("coupon"), r.PostFormValue("transaction"))
		},
		"open": func(r *http.Request) error {
			_, err := c.sandbox.OpenRedPacket(r.PostFormValue("mchid"), r.PostFormValue("number"), r.PostFormValue("openid"))
			return err
		},
		"confirm-authorization": numbered(c.sandbox.ConfirmAuthorization),
		"close-authorization": numbered(func(mchID, number string) error {
			return c.sandbox.CloseAuthorization(mchID, number, "USER_CLOSE")
		}),
		"resend":       func(r *http.Request) error { return c.sandbox.Resend(r.PostFormValue("id")) },
		"add-fault":    c.addFault,
		"remove-fault": func(r *http.Request) error { return c.sandbox.RemoveFault(r.PostFormValue("id")) },
		"clear-faults": func(*http.Request) error { return c.sandbox.Faults() },
	}
}

// pay pays an order, by a bank and with a coupon if the form names them.
func (c *console) pay(r *http.Request) error {
	_, err := c.sandbox.PayWith(r.PostFormValue("mchid"), r.PostFormValue("number"), page.PaymentOf(r))
	return err
}
