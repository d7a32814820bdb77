package sandbox

import (
	"crypto"
	"errors"
	"fmt"

	"github.com/wxchain/wechatpay/sandbox/internal/frontend"
	"github.com/wxchain/wechatpay/sandbox/internal/money"
	"github.com/wxchain/wechatpay/sandbox/internal/v3"
)

// A Front is a front-end of WeChat that pays or confirms, for [Server.CheckFront].
type Front = frontend.Front

// The front-ends.
const (
	FrontJSAPI       = frontend.JSAPI       // WeixinJSBridge.invoke("getBrandWCPayRequest", params)
	FrontChooseWXPay = frontend.ChooseWXPay // wx.chooseWXPay(params) of the JS-SDK
	FrontMiniProgram = frontend.MiniProgram // wx.requestPayment(params) of a mini program
	FrontApp         = frontend.App         // the parameters of the Open Platform's SDK
	FrontTransfer    = frontend.Transfer    // requestMerchantTransfer, by which a user confirms a transfer
	FrontConfig      = frontend.Config      // wx.config(params) of the JS-SDK, with the page's address as href
)

// A FrontCall is what a page, a mini program or an app passes to WeChat: the Params
// as a JSON object, and if they are known the AppID of the mini program or of
// wx.config, and the OpenID of the user.
type FrontCall = frontend.Call

// A FrontVerdict is what WeChat makes of a [FrontCall]: whether the user would see the
// cashier, and each mistake in words beside the text that WeChat shows.
type FrontVerdict = frontend.Verdict

// A FrontMistake is a mistake of a [FrontVerdict].
type FrontMistake = frontend.Mistake

// A FrontOrder is the order of a [FrontVerdict] as its user sees it.
type FrontOrder = frontend.Order

// A FrontSubOrder is one of the orders of a combined [FrontOrder].
type FrontSubOrder = frontend.SubOrder

// A FrontBill is the transfer, or the authorization of transfers, of a [FrontVerdict]
// as its user sees it.
type FrontBill = frontend.Bill

// CheckFront checks what a front-end passes to WeChat, as WeChat does: the names and
// types of the parameters, the order, the app, the user, and the signature. Nothing
// changes. The error says that call.Front is unknown, or that the Store failed.
//
// A sandbox cannot know some things that WeChat checks: the registered payment
// directory, the registered domains, and the package name of an app.
func (s *Server) CheckFront(call FrontCall) (FrontVerdict, error) {
	var v FrontVerdict
	err := s.transact(s.clock(), true, func(l *money.Ledger) (err error) {
		v, err = frontend.Check(frontPlatform{s, l}, call)
		return err
	})
	if err != nil {
		return v, fmt.Errorf("sandbox: checking the parameters: %w", err)
	}
	return v, nil
}

// PrepaidOrder returns the order of a prepay_id, or of the digits that a code_url or
// an h5_url has in its place. It is an error that the sandbox never gave it.
func (s *Server) PrepaidOrder(prepayID string) (*FrontOrder, error) {
	var o *FrontOrder
	err := s.transact(s.clock(), true, func(l *money.Ledger) error {
		p, err := l.Prepaid(prepayID)
		if err == nil {
			o = frontOrder(l, p)
		}
		return err
	})
	return o, s.playError(err, "looking for the order of %.64q", prepayID)
}

// OrderToPay returns an order as its user sees it at the cashier. The order is found as
// [Server.Pay] finds it.
func (s *Server) OrderToPay(mchID, outTradeNo string) (*FrontOrder, error) {
	var o *FrontOrder
	err := s.transact(s.clock(), true, func(l *money.Ledger) error {
		p, err := l.OrderToPay(mchID, outTradeNo)
		if err == nil {
			o = frontOrder(l, p)
		}
		return err
	})
	return o, s.playError(err, "looking for order %q of merchant %q", outTradeNo, mchID)
}

// frontPlatform is the sandbox as the checks of front-ends see it.
type frontPlatform struct {
	s *Server
	l *money.Ledger
}

func (p frontPlatform) Order(prepayID string) (*FrontOrder, error) {
	found, err := p.l.Prepaid(prepayID)
	if errors.Is(err, money.ErrNoOrder) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	return frontOrder(p.l, found), nil
}

func frontOrder(l *money.Ledger, p *money.Prepaid) *FrontOrder {
	first := p.Orders[0]
	o := &FrontOrder{
		MchID: first.MchID, SubMchID: first.SubMchID, OutTradeNo: first.OutTradeNo, TradeType: first.TradeType, SignType: first.SignType,
		AppID: first.AppID, SubAppID: first.SubAppID, OpenID: first.OpenID, SubOpenID: first.SubOpenID,
		Description: first.Description, Attach: first.Attach, State: string(first.StateAt(l.Now)), TransactionID: first.TransactionID,
		PrepayID: p.Latest.PrepayID, Live: p.Lives(l.Now), Expired: p.Expired(l.Now), Placed: first.Placed, Expire: first.Expire,
	}
	k := p.Combined
	if k != nil {
		o.Combined, o.MchID, o.OutTradeNo, o.AppID, o.TransactionID = true, k.MchID, k.OutTradeNo, k.AppID, k.TransactionID
	}
	for _, part := range p.Orders {
		o.Total += part.Total
		if k != nil {
			o.SubOrders = append(o.SubOrders, FrontSubOrder{
				MchID: part.MchID, SubMchID: part.SubMchID, OutTradeNo: part.OutTradeNo, Description: part.Description, Total: part.Total,
			})
		}
	}
	return o
}

func (p frontPlatform) Bill(packageInfo string) (*FrontBill, error) {
	matches := func(number string) bool { return v3.PackageInfo(number) == packageInfo }
	t, err := p.l.TransferWhose(matches)
	if no := (*money.Refusal)(nil); errors.As(err, &no) {
		return p.authorization(matches, packageInfo)
	}
	if err != nil {
		return nil, err
	}
	return &FrontBill{
		MchID: t.MchID, SubMchID: t.SubMchID, OutBillNo: t.OutBillNo, AppID: t.AppID, OpenID: t.OpenID, Remark: t.Remark,
		Amount: t.Amount, State: string(t.State), Package: packageInfo,
	}, nil
}

// authorization returns an authorization that the user confirms without a transfer.
func (p frontPlatform) authorization(matches func(number string) bool, packageInfo string) (*FrontBill, error) {
	a, err := p.l.AuthorizationWhose(matches)
	if no := (*money.Refusal)(nil); errors.As(err, &no) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	return &FrontBill{MchID: a.MchID, OutAuthorizationNo: a.OutNo, AppID: a.AppID, OpenID: a.OpenID, Remark: a.DisplayName, State: string(a.State), Package: packageInfo}, nil
}

func (p frontPlatform) MchIDs() []string { return p.s.merchants.MchIDs() }

func (p frontPlatform) PublicKey(mchID string) crypto.PublicKey {
	m, _ := p.s.merchants.Of(mchID)
	return m.Key.Public
}

func (p frontPlatform) Ticket(appID string) string { return p.s.openID.Ticket(appID) }

func (p frontPlatform) Token(appID string) string { return p.s.openID.Token(appID) }

func (p frontPlatform) SecretKeys(mchID string) (v2, v3 string) {
	m, _ := p.s.merchants.Of(mchID)
	return m.APIv2Key, m.APIv3Key
}
