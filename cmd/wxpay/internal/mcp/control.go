package mcp

import (
	"context"
	"fmt"
	"time"

	"github.com/wxchain/wechatpay/sandbox"
)

// control acts in the sandbox.
func (w *world) control(_ context.Context, in controlled) (done, error) {
	if in.Action == actionReset {
		w.reset()
	}
	inside, err := w.open()
	if err != nil {
		return done{}, err
	}
	text, err := in.run(inside.server)
	return done{World: worldSandbox, Done: text, Now: inside.server.Now()}, err
}

// An action is something that control_sandbox does.
type action string

const (
	actionPay            action = "pay_order"
	actionFailPayment    action = "fail_payment"
	actionExpire         action = "expire_order"
	actionSettleRefund   action = "settle_refund"
	actionSettleTransfer action = "settle_transfer"
	actionAdvance        action = "advance_clock"
	actionAddFault       action = "add_fault"
	actionClearFaults    action = "clear_faults"
	actionResend         action = "resend_notification"
	actionReset          action = "reset"
)

func (action) values() []string {
	return []string{string(actionPay), string(actionFailPayment), string(actionExpire), string(actionSettleRefund), string(actionSettleTransfer),
		string(actionAdvance), string(actionAddFault), string(actionClearFaults), string(actionResend), string(actionReset)}
}

// A controlled is the arguments of control_sandbox.
type controlled struct {
	Action   action `json:"action"`
	Number   string `json:"number,omitempty" jsonschema:"out_trade_no, out_refund_no, out_bill_no, or the id of a notification"`
	MchID    string `json:"mchid,omitempty" jsonschema:"the merchant, a sub-merchant, or both with a slash between; 1900000109 by default"`
	State    string `json:"state,omitempty" jsonschema:"the state that a refund or a transfer ends in"`
	Duration string `json:"duration,omitempty" jsonschema:"how far to move the clock forward, such as 15m or 24h; 400 days at most"`
	Fault    *fault `json:"fault,omitempty"`
}

// A fault is something that goes wrong with requests.
type fault struct {
	Path    string `json:"path,omitempty" jsonschema:"which requests meet it, such as \"POST v3/refund/domestic/refunds\" or \"v3/pay/...\"; empty for all"`
	Kind    string `json:"kind,omitempty" jsonschema:"refuse, cut, 500, 502, 429, signature, timestamp, serial, rotate or code"`
	Count   int    `json:"count,omitempty" jsonschema:"how many requests meet it; 0 for all"`
	Code    string `json:"code,omitempty" jsonschema:"the code of the kind code, such as NOT_ENOUGH"`
	Status  int    `json:"status,omitempty" jsonschema:"the status of the kind code; the documented one by default"`
	Message string `json:"message,omitempty"`
	After   bool   `json:"after,omitempty" jsonschema:"do what was asked before the error is answered"`
}

// A done is the answer of control_sandbox.
type done struct {
	World string    `json:"world"`
	Done  string    `json:"done" jsonschema:"what was done"`
	Now   time.Time `json:"now" jsonschema:"the time by the clock of the sandbox"`
}

// maxAdvance is how far the clock moves at once. Moving it sends what becomes due.
const maxAdvance = 400 * 24 * time.Hour

// run does what the arguments say, and returns what was done.
func (in controlled) run(server *sandbox.Server) (string, error) {
	mchID := in.MchID
	if mchID == "" {
		mchID = server.Merchant().MchID
	}
	if err := in.check(); err != nil {
		return "", err
	}
	number := cut(in.Number, 128)
	switch in.Action {
	case actionPay:
		transactionID, err := server.Pay(mchID, in.Number)
		return fmt.Sprintf("paid the order %s; transaction_id %s", number, transactionID), err
	case actionFailPayment:
		return "the payment of the order " + number + " failed", server.FailPayment(mchID, in.Number)
	case actionExpire:
		return "the order " + number + " can no longer be paid", server.Expire(mchID, in.Number)
	case actionSettleRefund:
		return "the refund " + number + " is " + in.State, server.SettleRefund(mchID, in.Number, sandbox.RefundState(in.State))
	case actionSettleTransfer:
		return "the transfer " + number + " is " + in.State, server.SettleTransfer(mchID, in.Number, sandbox.TransferState(in.State))
	case actionAdvance:
		return in.advance(server)
	case actionAddFault:
		return in.addFault(server)
	case actionClearFaults:
		return "no faults are left", server.Faults()
	case actionResend:
		return "sent the notification " + number + " once more", server.Resend(in.Number)
	}
	return "the sandbox starts anew", nil
}

// check checks that an action has what it needs.
func (in controlled) check() error {
	switch in.Action {
	case actionAdvance, actionClearFaults, actionReset:
	case actionAddFault:
		if in.Fault == nil {
			return fmt.Errorf("fault is missing: %s needs it", in.Action)
		}
	default:
		if in.Number == "" {
			return fmt.Errorf("number is missing: %s needs it", in.Action)
		}
	}
	if in.State == "" && (in.Action == actionSettleRefund || in.Action == actionSettleTransfer) {
		return fmt.Errorf("state is missing: %s needs it, such as SUCCESS", in.Action)
	}
	return nil
}

func (in controlled) advance(server *sandbox.Server) (string, error) {
	d, err := time.ParseDuration(in.Duration)
	if err != nil || d <= 0 || d > maxAdvance {
		return "", fmt.Errorf("duration %q: want one such as 15m or 24h, 9600h at most", cut(in.Duration, 32))
	}
	return "moved the clock forward by " + d.String(), server.Advance(d)
}

func (in controlled) addFault(server *sandbox.Server) (string, error) {
	f := in.Fault
	if sandbox.FaultKind(f.Kind) == sandbox.FaultDelay {
		return "", fmt.Errorf("fault.kind delay: it would only make the tool wait")
	}
	id, err := server.AddFault(sandbox.Fault{Path: f.Path, Kind: sandbox.FaultKind(f.Kind), Count: f.Count, Code: f.Code, Status: f.Status, Message: f.Message, After: f.After})
	return "added the fault " + id, err
}
