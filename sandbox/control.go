package sandbox

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/wxchain/wechatpay/openapi"
	"github.com/wxchain/wechatpay/sandbox/internal/beijing"
	"github.com/wxchain/wechatpay/sandbox/internal/control"
	"github.com/wxchain/wechatpay/sandbox/internal/media"
	"github.com/wxchain/wechatpay/sandbox/internal/money"
	"github.com/wxchain/wechatpay/sandbox/internal/wire"
)

// actions returns the actions of the control API, which the documentation of the
// package lists.
func (s *Server) actions() control.Actions {
	return control.Actions{
		MchID: s.first.MchID,
		Lists: s.lists(),

		Pay: func(mchID, outTradeNo string, p control.Payment) (string, error) {
			return s.PayWith(mchID, outTradeNo, Payment(p))
		},
		FailPayment: s.FailPayment,
		Expire:      s.Expire,
		Complain:    s.Complain,
		SettleRefund: func(mchID, outRefundNo, state string) error {
			return s.SettleRefund(mchID, outRefundNo, RefundState(state))
		},
		SettleTransfer: func(mchID, outBillNo, state string) error {
			return s.SettleTransfer(mchID, outBillNo, TransferState(state))
		},
		FailTransfer:         s.FailTransfer,
		NameUser:             s.NameUser,
		ConfirmAuthorization: s.ConfirmAuthorization,
		CloseAuthorization:   s.CloseAuthorization,
		FailUser:             s.FailUser,
		FailReceiver:         s.FailReceiver,
		NotifySharing:        s.NotifySharing,
		UseCoupon:            s.UseCoupon,
		OpenRedPacket:        s.OpenRedPacket,
		Balance:              func(mchID, account string) (any, error) { return s.Balance(mchID, account) },
		SetBalance:           s.SetBalance,
		Keys: control.Keys{
			IssueCertificate: s.controlIssue, RevokeCertificate: s.RevokeCertificate, SetAPIv3Key: s.SetAPIv3Key,
			AnnounceCertificate: s.AnnounceCertificate, ShiftKeys: s.ShiftKeys, RetireCertificates: s.RetireCertificates,
			SetPlatformKey: func(key string) error { return s.SetPlatformKey(PlatformKey(key)) },
		},

		Wallet:       func(openID string) (any, error) { return s.Wallet(openID) },
		PrepaidOrder: func(prepayID string) (any, error) { return s.PrepaidOrder(prepayID) },
		OrderToPay:   func(mchID, outTradeNo string) (any, error) { return s.OrderToPay(mchID, outTradeNo) },
		Now:          func() string { return beijing.Format(s.clock()) },
		Advance:      s.Advance,
		Resend:       s.Resend,
		Faults:       s.controlFaults,
		SetFaults:    s.setControlFaults,
		AddFault:     func(f control.Fault) (string, error) { return s.AddFault(faultOf(f)) },
		RemoveFault:  s.RemoveFault,
		FaultsMet:    s.controlFaultsMet,
		Image:        s.image,
		Explain:      s.explain,
		Try:          func(ctx context.Context, c control.Call) (any, error) { return s.Try(ctx, TryCall(c)) },
		CheckFront: func(front, appID, openID string, params []byte) (any, error) {
			return s.CheckFront(FrontCall{Front: Front(front), Params: params, AppID: appID, OpenID: openID})
		},
	}
}

func (s *Server) controlFaults() []control.Fault {
	all := []control.Fault{}
	for _, f := range s.FaultsLeft() {
		all = append(all, controlFault(f))
	}
	return all
}

func (s *Server) controlFaultsMet() []control.FaultMet {
	all := []control.FaultMet{}
	for _, m := range s.FaultsMet() {
		all = append(all, control.FaultMet{ID: m.ID, Met: m.Met, Active: m.Active, Fault: controlFault(m.Fault)})
	}
	return all
}

func controlFault(f Fault) control.Fault {
	out := control.Fault{Path: f.Path, Kind: string(f.Kind), Count: f.Count, Delay: control.Duration(f.Delay),
		Code: f.Code, Status: f.Status, Message: f.Message, After: f.After}
	if f.Chance != 0 {
		out.Chance = &f.Chance
	}
	return out
}

func faultOf(f control.Fault) Fault {
	var chance float64
	if f.Chance != nil {
		chance = *f.Chance
	}
	return Fault{f.Path, FaultKind(f.Kind), f.Count, time.Duration(f.Delay), chance, f.Code, f.Status, f.Message, f.After}
}

// lists returns what the control API lists.
func (s *Server) lists() control.Lists {
	return control.Lists{
		MchID: s.first.MchID,
		Records: func(kind string, q control.Query) (any, string, error) {
			return pageOf(s.Records(RecordKind(kind), Query(q)))
		},
		Order:            func(mchID, number string) (any, error) { return s.OrderStory(mchID, number) },
		Requests:         func() any { return s.Requests() },
		RequestPage:      func(q control.Query) (any, string, error) { return pageOf(s.RequestPage(Query(q))) },
		Exchange:         func(id string) (any, error) { return s.Exchange(id) },
		Notifications:    func() any { return s.Notifications() },
		NotificationPage: func(q control.Query) (any, string, error) { return pageOf(s.NotificationPage(Query(q))) },
		Notification: func(id string) (any, error) {
			n, body, err := s.Notification(id)
			return map[string]any{"notification": n, "body": body}, err
		},
		Operations: operationsFor,
		Watch: func(ctx context.Context, f func(any) error) error {
			return s.Watch(ctx, func(changed []Change) error { return f(changed) })
		},
	}
}

// operationsFor returns the operations that match words, or all, for the control API.
func operationsFor(words string) any {
	found := openapi.Search(words)
	if strings.TrimSpace(words) == "" {
		found = slices.Collect(openapi.Operations())
	}
	type operation struct {
		Method   string `json:"method"`
		Template string `json:"template"`
		Title    string `json:"title"`
	}
	all := []operation{}
	for _, op := range found {
		all = append(all, operation{op.Method, op.Template, op.Title})
	}
	return all
}

func pageOf[T any](p Page[T], err error) (any, string, error) { return p.Items, p.Next, err }

func (s *Server) setControlFaults(all []control.Fault) error {
	var set []Fault
	for _, f := range all {
		set = append(set, faultOf(f))
	}
	return s.Faults(set...)
}

// image returns an uploaded image of any merchant.
func (s *Server) image(id string) (contentType string, data []byte, err error) {
	err = s.store.View(func(tx Tx) (err error) {
		contentType, data, err = media.Library{}.Image(tx, "", id)
		return err
	})
	return contentType, data, err
}

// A missing is the error that the sandbox does not have, or no longer has, what was
// named.
type missing struct{ error }

// explain returns a refusal of the domain as APIv3 reports it.
func (s *Server) explain(err error) (*wire.Refusal, bool) {
	if errors.As(err, new(missing)) {
		return &wire.Refusal{Status: http.StatusNotFound, Code: "RESOURCE_NOT_EXISTS"}, true
	}
	no := (*money.Refusal)(nil)
	if !errors.As(err, &no) {
		return nil, false
	}
	return s.v3.Explain(no), true
}
