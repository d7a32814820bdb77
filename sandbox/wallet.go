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
}

// A WalletCoupon is a coupon of a user.
type WalletCoupon struct {
	CouponID string `json:"coupon_id"`
	StockID  string `json:"stock_id"`
	Value    int64  `json:"coupon_amount"`       // fen
	Minimum  int64  `json:"transaction_minimum"` // fen
	State    string `json:"status"`
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

// Wallet returns the coupons of a user, the transfers that wait for the user's
// confirmation ([Server.SettleTransfer]), and the red packets that the user can open
// ([Server.OpenRedPacket]).
func (s *Server) Wallet(openID string) (Wallet, error) {
	w := Wallet{OpenID: openID, Coupons: []WalletCoupon{}, Transfers: []WalletTransfer{}, RedPackets: []WalletRedPacket{}}
	now := s.clock()
	err := s.transact(now, true, func(l *money.Ledger) error {
		has, err := l.Wallet(openID)
		for _, k := range has.Coupons {
			w.Coupons = append(w.Coupons, WalletCoupon{k.ID, k.StockID, k.Amount, k.Minimum, string(k.StateAt(now))})
		}
		for _, t := range has.Transfers {
			w.Transfers = append(w.Transfers, WalletTransfer{t.MchID, t.SubMchID, t.OutBillNo, t.Amount, t.Remark})
		}
		for _, p := range has.RedPackets {
			w.RedPackets = append(w.RedPackets, WalletRedPacket{p.MchID, p.MchBillNo, p.Wishing, p.Amount})
		}
		return err
	})
	return w, s.playError(err, "looking for what user %.64q has", openID)
}
