package console

import (
	"embed"
	"html/template"
	"net/http"
	"net/url"
	"strings"
	"sync"

	"github.com/wxchain/wechatpay/internal/explain"
	"github.com/wxchain/wechatpay/openapi"
	"github.com/wxchain/wechatpay/sandbox"
	"github.com/wxchain/wechatpay/sandbox/console/internal/page"
)

//go:embed pages
var pages embed.FS

// A console is the pages of one sandbox.
type console struct {
	site    *page.Site
	sandbox Sandbox
	options Options

	bySlug func() map[string]*openapi.Operation

	now, list, order, request, notification, faults, connect, operations, operation *page.Template
}

// register adds the pages of the console.
func register(mux *http.ServeMux, site *page.Site, s Sandbox, o Options) {
	site.AddTexts(texts)
	site.AddTexts(whys)
	site.AddTemplates(explain.Files, "operation.html", func(lang string) template.FuncMap {
		funcs := explain.Funcs(func(t explain.Text) string { return t.In(lang == page.Chinese) })
		funcs["slug"] = explain.Slug
		return funcs
	})
	parse := func(name string) *page.Template {
		return site.Parse(pages, "pages/parts.html", "pages/"+name+".html")
	}
	c := &console{site: site, sandbox: s, options: o, bySlug: sync.OnceValue(operationsBySlug), now: parse("now"), list: parse("list"), order: parse("order"), request: parse("request"),
		notification: parse("notification"), faults: parse("faults"), connect: parse("connect"),
		operations: parse("operations"), operation: parse("operation")}
	site.AddLink("Now", "/")
	site.Handle(mux, "GET /{$}", c.showNow)
	for _, kind := range kinds {
		site.AddLink(kind.Plural, kind.path())
		site.Handle(mux, "GET "+kind.path(), c.showList(kind))
	}
	site.AddLink("Operations", operationsPath)
	site.AddLink("Faults", "/console/faults")
	site.AddLink("Connect", "/console/connect")
	site.Handle(mux, "GET /console/order", c.showOrder)
	site.Handle(mux, "GET /console/requests/{id}", c.showRequest)
	site.Handle(mux, "GET /console/notifications/{id}", c.showNotification)
	site.Handle(mux, "GET "+operationsPath, c.showOperations)
	site.Handle(mux, "GET "+operationsPath+"/{slug}", c.showOperation)
	site.HandleFile(mux, "POST "+operationsPath+"/{slug}", sandbox.MaxTryFile, c.tryOperation)
	site.Handle(mux, "GET /console/faults", c.showFaults)
	site.Handle(mux, "GET /console/connect", c.showConnect)
	for name, do := range c.actions() {
		site.Handle(mux, "POST /console/do/"+name, func(w http.ResponseWriter, r *http.Request) error {
			if err := do(r); err != nil {
				return err
			}
			return site.Back(w, r, "/")
		})
	}
}

// A kind is a kind of what the console lists.
type kind struct {
	Name   sandbox.RecordKind // or "request" or "notification"
	Plural string
}

// The kinds that are not records.
const (
	requestKind      sandbox.RecordKind = "request"
	notificationKind sandbox.RecordKind = "notification"
)

var kinds = []kind{
	{requestKind, "Requests"}, {sandbox.RecordOrder, "Orders"}, {sandbox.RecordRefund, "Refunds"}, {sandbox.RecordCoupon, "Coupons"},
	{sandbox.RecordTransfer, "Transfers"}, {sandbox.RecordSharing, "Profit sharing"}, {sandbox.RecordRedPacket, "Red packets"},
	{sandbox.RecordCombined, "Combined orders"}, {sandbox.RecordComplaint, "Complaints"}, {sandbox.RecordAuthorization, "Authorizations"},
	{notificationKind, "Notifications"},
}

func (k kind) path() string {
	return "/console/" + strings.ReplaceAll(strings.ToLower(k.Plural), " ", "-")
}

// OrderURL returns the path of the page of an order.
func orderURL(r sandbox.Record) string {
	mchID, number := r.MchID, r.Numbers["out_trade_no"]
	if r.SubMchID != "" {
		mchID += "/" + r.SubMchID
	}
	return "/console/order?" + url.Values{"mchid": {mchID}, "number": {number}}.Encode()
}

// A row is a record in a list.
type row struct {
	sandbox.Record
	Link string // of its page, or ""
}

// Owner is the merchant, and the sub-merchant if there is one.
func (r row) Owner() string {
	if r.SubMchID != "" {
		return r.MchID + "/" + r.SubMchID
	}
	return r.MchID
}

// Payable reports whether the user can pay. The parts of a combined order are paid
// together.
func (r row) Payable() bool {
	isPart := r.Kind == sandbox.RecordOrder && r.Numbers["combine_out_trade_no"] != ""
	return !isPart && (r.Kind == sandbox.RecordOrder || r.Kind == sandbox.RecordCombined) && (r.State == "NOTPAY" || r.State == "USERPAYING")
}

// Good reports whether the state is a happy end, and Bad whether it is an unhappy
// one.
func (r row) Good() bool { return isGood(r.State) }

// Bad reports whether the state is an unhappy end.
func (r row) Bad() bool { return isBad(r.State) }

func isGood(state string) bool {
	switch state {
	case "SUCCESS", "USED", "FINISHED", "RECEIVED", "PROCESSED", "TAKING_EFFECT":
		return true
	}
	return false
}

func isBad(state string) bool {
	switch state {
	case "CLOSED", "REVOKED", "PAYERROR", "ABNORMAL", "FAIL", "CANCELLED", "EXPIRED", "PAYMENT_FAILED":
		return true
	}
	return false
}

func rowsOf(records []sandbox.Record) []row {
	rows := make([]row, len(records))
	for i, r := range records {
		rows[i] = row{Record: r}
		switch {
		case r.Numbers["out_trade_no"] != "":
			rows[i].Link = orderURL(r)
		case r.Kind == sandbox.RecordCombined:
			rows[i].Link = "/console/orders?" + url.Values{"q": {r.Number}}.Encode()
		}
	}
	return rows
}

// A section is a list, or the beginning of one.
type section struct {
	kind
	Rows          []row
	Requests      []sandbox.Request
	Notifications []sandbox.Notification
	Next          string // the address of the next page, or ""
	Back          string // where forms return to
	Short         bool   // only the beginning is shown
}

// Path is the address of the whole list.
func (s section) Path() string { return s.path() }

// Empty reports whether nothing is listed.
func (s section) Empty() bool { return len(s.Rows)+len(s.Requests)+len(s.Notifications) == 0 }

// section returns a page of a list.
func (c *console) section(k kind, q sandbox.Query) (s section, err error) {
	s.kind = k
	switch k.Name {
	case requestKind:
		p, err := c.sandbox.RequestPage(q)
		s.Requests, s.Next = p.Items, p.Next
		return s, err
	case notificationKind:
		p, err := c.sandbox.NotificationPage(q)
		s.Notifications, s.Next = p.Items, p.Next
		return s, err
	}
	p, err := c.sandbox.Records(k.Name, q)
	s.Rows, s.Next = rowsOf(p.Items), p.Next
	return s, err
}

// A filter is the form above a list.
type filter struct {
	MchIDs      []string
	MchID, Text string
	Operation   string // of requests
	Action      string
}

func (c *console) filter(r *http.Request) filter {
	q := r.URL.Query()
	return filter{c.sandbox.MchIDs(), q.Get("mchid"), strings.TrimSpace(q.Get("q")), q.Get("operation"), r.URL.Path}
}

func (f filter) query(r *http.Request, limit int) sandbox.Query {
	return sandbox.Query{MchID: f.MchID, Text: f.Text, Operation: f.Operation, Before: r.URL.Query().Get("before"), Limit: limit}
}

// nowRows is how many rows of each kind the first page shows.
const nowRows = 12

func (c *console) showNow(w http.ResponseWriter, r *http.Request) error {
	f := c.filter(r)
	var data struct {
		Filter   filter
		Sections []section
		Clock    clock
	}
	data.Filter, data.Clock = f, c.clock(r)
	for _, k := range kinds {
		s, err := c.section(k, f.query(r, nowRows))
		if err != nil {
			return err
		}
		s.Back, s.Short, s.Next = r.URL.RequestURI(), true, ""
		if !s.Empty() || k.Name == requestKind || k.Name == sandbox.RecordOrder {
			data.Sections = append(data.Sections, s)
		}
	}
	return c.site.Render(w, r, c.now, data)
}

func (c *console) showList(k kind) page.Handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		f := c.filter(r)
		s, err := c.section(k, f.query(r, 0))
		if err != nil {
			return err
		}
		s.Back = r.URL.RequestURI()
		if s.Next != "" {
			q := r.URL.Query()
			q.Set("before", s.Next)
			s.Next = r.URL.Path + "?" + q.Encode()
		}
		return c.site.Render(w, r, c.list, struct {
			Filter  filter
			Section section
			First   bool
		}{f, s, r.URL.Query().Get("before") == ""})
	}
}
