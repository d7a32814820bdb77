package sandbox

import (
	"errors"
	"time"

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

		Pay:         s.Pay,
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

		Now:           func() string { return beijing.Format(s.clock()) },
		Advance:       s.Advance,
		Requests:      func() any { return s.Requests() },
		Notifications: func() any { return s.Notifications() },
		Resend:        s.Resend,
		Faults:        s.controlFaults,
		SetFaults:     s.setControlFaults,
		Image:         s.image,
		Wallet:        func(openID string) (any, error) { return s.Wallet(openID) },
		PrepaidOrder:  func(prepayID string) (any, error) { return s.PrepaidOrder(prepayID) },
		OrderToPay:    func(mchID, outTradeNo string) (any, error) { return s.OrderToPay(mchID, outTradeNo) },
		CheckFront: func(front, appID, openID string, params []byte) (any, error) {
			return s.CheckFront(FrontCall{Front: Front(front), Params: params, AppID: appID, OpenID: openID})
		},
		Explain: s.explain,
	}
}

func (s *Server) controlFaults() []control.Fault {
	all := []control.Fault{}
	for _, f := range s.FaultsLeft() {
		all = append(all, control.Fault{Path: f.Path, Kind: string(f.Kind), Count: f.Count, Delay: control.Duration(f.Delay), Chance: f.Chance,
			Code: f.Code, Status: f.Status, Message: f.Message, After: f.After})
	}
	return all
}

func (s *Server) setControlFaults(all []control.Fault) error {
	var set []Fault
	for _, f := range all {
		set = append(set, Fault{f.Path, FaultKind(f.Kind), f.Count, time.Duration(f.Delay), f.Chance, f.Code, f.Status, f.Message, f.After})
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

// explain returns a refusal of the domain as APIv3 reports it.
func (s *Server) explain(err error) (*wire.Refusal, bool) {
	no := (*money.Refusal)(nil)
	if !errors.As(err, &no) {
		return nil, false
	}
	return s.v3.Explain(no), true
}
