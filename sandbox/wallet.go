package sandbox

import (
	"github.com/wxchain/wechatpay/sandbox/internal/money"
	"github.com/wxchain/wechatpay/sandbox/internal/openid"
)

// TestUser is the openid of the user of a browser that has not chosen another one.
const TestUser = openid.User

// UserCookie is the cookie with the openid of the user who is logged in to a browser.
// The sandbox sets it when it authorizes a page.
const UserCookie = openid.Cookie

// IsOpenID reports whether text has the form of an openid.
func IsOpenID(text string) bool { return openid.OpenIDs.MatchString(text) }

// A Wallet is what a user has, and can still get.
type Wallet struct {
	OpenID     string            `json:"openid"`
	Coupons    []WalletCoupon    `json:"coupons"`
	Transfers  []WalletTransfer  `json:"transfers"`
	RedPackets []WalletRedPacket `json:"redpackets"`
	// Authorizations are those that wait for the user, and those that take effect.
	Authorizations []WalletAuthorization `json:"authorizations"`
}

// A WalletCoupon is a coupon of a user.
type WalletCoupon struct {
	CouponID string `json:"coupon_id"`
	StockID  string `json:"stock_id"`
	Value    int64  `json:"coupon_amount"`       // fen
	Minimum  int64  `json:"transaction_minimum"` // fen
	State    string `json:"status"`
	// MchIDs are the merchants that take it.
	MchIDs []string `json:"available_merchants"`
}

// A WalletTransfer is a transfer that waits for its user to confirm it.
type WalletTransfer struct {
	MchID     string `json:"mchid"`
	SubMchID  string `json:"sub_mchid,omitempty"`
	OutBillNo string `json:"out_bill_no"`
	Amount    int64  `json:"transfer_amount"` // fen
	Remark    string `json:"transfer_remark"`
}

// Owner returns the merchant as [Server.SettleTransfer] takes it.
func (t WalletTransfer) Owner() string {
	return money.Owner{MchID: t.MchID, SubMchID: t.SubMchID}.String()
}

// A WalletRedPacket is a red packet that a user can open.
type WalletRedPacket struct {
	MchID     string `json:"mchid"`
	MchBillNo string `json:"mch_billno"`
	Wishing   string `json:"wishing"`
	Amount    int64  `json:"total_amount"` // fen
}

// A WalletAuthorization is a user's consent to receive transfers of a merchant without
// confirming each.
type WalletAuthorization struct {
	MchID              string `json:"mchid"`
	OutAuthorizationNo string `json:"out_authorization_no"`
	Scene              string `json:"transfer_scene_id"`
	DisplayName        string `json:"user_display_name"`
	State              string `json:"state"`
}

// Waits reports whether it waits for the user to confirm it.
func (a WalletAuthorization) Waits() bool { return a.State == string(money.AuthorizationWaiting) }

// Wallet returns the coupons of a user, the transfers that wait for the user's
// confirmation ([Server.SettleTransfer]), the red packets that the user can open
// ([Server.OpenRedPacket]), and the authorizations that the user can confirm
// ([Server.ConfirmAuthorization]) or end ([Server.CloseAuthorization]).
func (s *Server) Wallet(openID string) (Wallet, error) {
	w := Wallet{OpenID: openID, Coupons: []WalletCoupon{}, Transfers: []WalletTransfer{}, RedPackets: []WalletRedPacket{},
		Authorizations: []WalletAuthorization{}}
	now := s.clock()
	err := s.transact(now, true, func(l *money.Ledger) error {
		has, err := l.Wallet(openID)
		for i, k := range has.Coupons {
			w.Coupons = append(w.Coupons, WalletCoupon{k.ID, k.StockID, k.Amount, k.Minimum, string(k.StateAt(now)), has.Takers[i]})
		}
		for _, t := range has.Transfers {
			w.Transfers = append(w.Transfers, WalletTransfer{t.MchID, t.SubMchID, t.OutBillNo, t.Amount, t.Remark})
		}
		for _, p := range has.RedPackets {
			w.RedPackets = append(w.RedPackets, WalletRedPacket{p.MchID, p.MchBillNo, p.Wishing, p.Amount})
		}
		for _, a := range has.Consents {
			w.Authorizations = append(w.Authorizations, WalletAuthorization{a.MchID, a.OutNo, a.Scene, a.DisplayName, string(a.State)})
		}
		return err
	})
	return w, s.playError(err, "looking for what user %.64q has", openID)
}
