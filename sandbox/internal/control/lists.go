package control

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"time"
)

// Lists are what the control API lists. Each function that takes a Query returns a
// page, newest first, and what continues it.
type Lists struct {
	MchID string // whose an order is that names no merchant

	Records          func(kind string, q Query) (page any, next string, err error)
	Order            func(mchID, outTradeNo string) (any, error)
	Requests         func() any
	RequestPage      func(q Query) (page any, next string, err error)
	Exchange         func(id string) (any, error)
	Notifications    func() any
	NotificationPage func(q Query) (page any, next string, err error)
	Notification     func(id string) (any, error)
	// Operations returns the operations that match words, best first, or all.
	Operations func(words string) any
	// Watch calls f with what changed until ctx ends or f fails.
	Watch func(ctx context.Context, f func(changed any) error) error
}

// A Query selects a page.
type Query struct {
	MchID, Text, Operation, Before string
	Limit                          int
}

// queryOf returns the query of a request, and whether it has any.
func queryOf(r *http.Request) (q Query, any bool, err error) {
	v, err := url.ParseQuery(r.URL.RawQuery)
	if err != nil {
		return q, false, fmt.Errorf("the query: %w", err)
	}
	q = Query{MchID: v.Get("mchid"), Text: v.Get("q"), Operation: v.Get("operation"), Before: v.Get("before")}
	if text := v.Get("limit"); text != "" {
		if q.Limit, err = strconv.Atoi(text); q.Limit < 1 || err != nil && !errors.Is(err, strconv.ErrRange) { // Atoi returns the largest number then
			return q, false, fmt.Errorf("the limit %.32q is not a number above 0", text)
		}
	}
	return q, len(v) > 0, nil
}

// add adds the lists to the control API.
func (l Lists) add(handle func(pattern string, f action)) {
	for path, kind := range map[string]string{"orders": "order", "refunds": "refund", "coupons": "coupon", "transfers": "transfer",
		"sharings": "sharing", "redpackets": "redpacket", "combined": "combined", "complaints": "complaint", "authorizations": "authorization"} {
		handle("GET /_sandbox/"+path, paged(path, func(q Query) (any, string, error) { return l.Records(kind, q) }))
	}
	handle("GET /_sandbox/orders/{number}", func(r *http.Request) (any, error) {
		return l.Order(cmp.Or(r.URL.Query().Get("mchid"), l.MchID), r.PathValue("number"))
	})
	handle("GET /_sandbox/requests", l.whole("requests", l.Requests, l.RequestPage))
	handle("GET /_sandbox/requests/{id}", func(r *http.Request) (any, error) { return l.Exchange(r.PathValue("id")) })
	handle("GET /_sandbox/operations", func(r *http.Request) (any, error) {
		return map[string]any{"operations": l.Operations(r.URL.Query().Get("q"))}, nil
	})
	handle("GET /_sandbox/notifications", l.whole("notifications", l.Notifications, l.NotificationPage))
	handle("GET /_sandbox/notifications/{id}", func(r *http.Request) (any, error) { return l.Notification(r.PathValue("id")) })
}

// paged returns an action that answers with a page under a name.
func paged(name string, list func(Query) (page any, next string, err error)) action {
	return func(r *http.Request) (any, error) {
		q, _, err := queryOf(r)
		if err != nil {
			return nil, err
		}
		page, next, err := list(q)
		if err != nil {
			return nil, err
		}
		answer := map[string]any{name: page}
		if next != "" {
			answer["next"] = next
		}
		return answer, nil
	}
}

// whole returns an action that answers with the latest of a list, oldest first, or
// with a page if the query asks for one.
func (Lists) whole(name string, all func() any, list func(Query) (page any, next string, err error)) action {
	page := paged(name, list)
	return func(r *http.Request) (any, error) {
		if r.URL.RawQuery == "" {
			return map[string]any{name: all()}, nil
		}
		return page(r)
	}
}

// eventTime is how long a connection without an event stays open.
const eventTime = 30 * time.Second

// events returns a handler that tells of changes as server-sent events.
func (l Lists) events() http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		to := http.NewResponseController(w)
		w.Header().Set("Content-Type", "text/event-stream")
		w.Header().Set("Cache-Control", "no-store")
		send := func(text string) error {
			_ = to.SetWriteDeadline(time.Now().Add(eventTime)) // where there is a network
			if _, err := w.Write([]byte(text)); err != nil {
				return err
			}
			return to.Flush()
		}
		_ = to.SetReadDeadline(time.Time{}) // the request is over
		if send("retry: 1000\n\n") != nil {
			return
		}
		// The context of the request ends with the connection. An error of f is that too.
		_ = l.Watch(r.Context(), func(changed any) error {
			text, err := json.Marshal(map[string]any{"changed": changed})
			if err != nil {
				return err
			}
			return send("data: " + string(text) + "\n\n")
		})
	})
}
