// Intent stores what it is about to do, with the merchant's number, before it sends.
// A crash at any point is resolved at the next start.
package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/wxchain/wechatpay"
	"github.com/wxchain/wechatpay/examples/internal/play"
	"github.com/wxchain/wechatpay/resilience"
	"github.com/wxchain/wechatpay/sandbox"
)

// An intent is a call that was decided on.
type intent struct {
	Purpose string          `json:"purpose"` // what it is for: there is one intent for each purpose
	Number  string          `json:"number"`  // the merchant's
	Call    string          `json:"call"`    // such as "POST v3/refund/domestic/refunds"
	Body    json.RawMessage `json:"body"`    // of the request, with the number
	End     string          `json:"end"`     // "" while it is open, then "done" or "refused"
	Answer  json.RawMessage `json:"answer,omitempty"`
}

type shop struct {
	client *wechatpay.Client
	book   book
}

// do makes a call once for its purpose, whatever happens to the process. The intent
// that it returns may still be open; recover settles it later.
func (s shop) do(ctx context.Context, purpose, call string, body func(number string) any) (intent, error) {
	in, err := s.book.begin(purpose, call, body) // on the disk before anything is sent
	if err != nil || in.End != "" {
		return in, err
	}
	return s.settle(ctx, in)
}

// recover settles the intents that an earlier process left open. Call it at the start,
// and again from time to time.
func (s shop) recover(ctx context.Context) error {
	open, err := s.book.open()
	problems := []error{err}
	for _, in := range open {
		_, err := s.settle(ctx, in)
		problems = append(problems, err)
	}
	return errors.Join(problems...)
}

// settle sends an intent, for the first time or again: the number is the same, so it is
// done once. If the answer does not settle it, the query of the operation does.
func (s shop) settle(ctx context.Context, in intent) (intent, error) {
	method, template, _ := strings.Cut(in.Call, " ")
	resp, err := s.client.Chain(template).Do(ctx, method, wechatpay.Body("application/json", bytes.NewReader(in.Body)))
	outcome := wechatpay.OutcomeOf(err)
	if err == nil {
		outcome = resp.Outcome()
	}
	state := resilience.StateOpen
	switch outcome {
	case wechatpay.OutcomeDone:
		state = resilience.StateDone
	case wechatpay.OutcomeRefused:
		state = resilience.StateNotDone
	case wechatpay.OutcomeUnknown:
		if err != nil {
			found, lost := resilience.Resolve(ctx, s.client, err)
			state, resp, err = found.State, found.Response, errors.Join(err, lost)
		}
	}
	switch state {
	case resilience.StateDone:
		in.End, in.Answer = "done", resp.Bytes()
	case resilience.StateNotDone:
		in.End, in.Answer = "refused", reason(err)
	default:
		return in, errors.Join(fmt.Errorf("%s is open", in.Purpose), err)
	}
	return in, s.book.end(in)
}

// reason returns why the platform refused, as JSON.
func reason(err error) json.RawMessage {
	text, _ := json.Marshal(fmt.Sprint(err)) // a text is always JSON
	return text
}

// refund refunds a part of an order.
func (s shop) refund(ctx context.Context, outTradeNo string, amount, total int64) (intent, error) {
	return s.do(ctx, "refund of "+outTradeNo, "POST v3/refund/domestic/refunds", func(number string) any {
		return wechatpay.M{"out_trade_no": outTradeNo, "out_refund_no": number,
			"amount": wechatpay.M{"refund": amount, "total": total, "currency": "CNY"}}
	})
}

func main() {
	play.Run(func(ctx context.Context, p play.Platform) error {
		const no = "1217752501201407033233368018"
		if err := sell(ctx, p, no); err != nil {
			return err
		}
		folder, err := os.MkdirTemp("", "intent-*")
		if err != nil {
			return err
		}
		defer os.RemoveAll(folder)
		path := filepath.Join(folder, "intents.db")

		// The refund is made, but neither its answer nor that of the query arrives.
		// Then the process ends.
		if err := p.Faults(sandbox.Fault{Kind: sandbox.FaultCut, Count: 2}); err != nil {
			return err
		}
		return errors.Join(
			once(ctx, p.Client, path, func(s shop) error {
				in, err := s.refund(ctx, no, 940, 1880)
				fmt.Printf("first process: end %q, error: %t\n", in.End, err != nil)
				return nil
			}),
			once(ctx, p.Client, path, func(s shop) error {
				in, err := s.refund(ctx, no, 940, 1880) // known already: nothing is sent
				fmt.Printf("second process: end %q, error: %t\n", in.End, err != nil)
				return err
			}),
			count(ctx, p.Client, no),
		)
	})
}

// once is the life of a process.
func once(ctx context.Context, client *wechatpay.Client, path string, run func(shop) error) error {
	b, err := openBook(path)
	if err != nil {
		return err
	}
	s := shop{client, b}
	return errors.Join(s.recover(ctx), run(s), b.close())
}

// count shows what was refunded of an order.
func count(ctx context.Context, client *wechatpay.Client, outTradeNo string) error {
	resp, err := client.V3().Pay().Transactions().OutTradeNo().OutTradeNo(outTradeNo).Get(ctx,
		wechatpay.Query(wechatpay.M{"mchid": sandbox.DefaultMchID}))
	if err == nil {
		fmt.Println("the order is in", resp.Get("trade_state"))
	}
	return err
}

// sell places an order and lets the user pay it.
func sell(ctx context.Context, p play.Platform, outTradeNo string) error {
	_, err := p.Client.V3().Pay().Transactions().Native().Post(ctx, wechatpay.JSON(wechatpay.M{
		"appid": "wxd678efh567hg6787", "mchid": p.Merchant().MchID, "description": "a pot of tea", "out_trade_no": outTradeNo,
		"notify_url": "https://example.com/notify", "amount": wechatpay.M{"total": 1880},
	}))
	if err != nil {
		return err
	}
	_, err = p.Pay(p.Merchant().MchID, outTradeNo)
	return err
}
