package sandbox

import (
	"github.com/wxchain/wechatpay/sandbox/internal/money"
	"github.com/wxchain/wechatpay/sandbox/internal/party"
)

// DefaultSubMchID is the sub-merchant that the first merchant acts for if
// Config.SubMerchants is empty.
const DefaultSubMchID = "1900000208"

// A SubMerchant is a sub-merchant that a merchant acts for as its partner: orders
// carry the numbers of both. A sub-merchant can also be a [Merchant], which then
// has its own orders as well.
//
// https://pay.weixin.qq.com/doc/v3/partner/4012714902
type SubMerchant struct {
	// SpMchID is the number of the partner, which must be one of the merchants.
	SpMchID string
	// SubMchID is the number of the sub-merchant. Several partners can act for the
	// same one.
	SubMchID string
	// SubAppID is the only sub_appid that its orders may have; "" allows any.
	SubAppID string
}

// partiesOf returns the merchants and the sub-merchants in the form of the
// domain.
func (s *Server) partiesOf(subs []SubMerchant) (*money.Parties, error) {
	if len(subs) == 0 && s.first.MchID != DefaultSubMchID {
		subs = []SubMerchant{{SpMchID: s.first.MchID, SubMchID: DefaultSubMchID}}
	}
	all := make([]party.SubMerchant, len(subs))
	appIDs := make(map[money.Owner]string, len(subs))
	for i, sub := range subs {
		all[i] = party.SubMerchant(sub)
		appIDs[money.Owner{MchID: sub.SpMchID, SubMchID: sub.SubMchID}] = sub.SubAppID
	}
	if err := s.merchants.CheckSubs(all); err != nil {
		return nil, err
	}
	return money.NewParties(s.merchants.MchIDs(), appIDs), nil
}
