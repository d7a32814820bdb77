package sandbox

import (
	"github.com/wxchain/wechatpay/sandbox/internal/money"
	"github.com/wxchain/wechatpay/sandbox/internal/party"
)

// DefaultSubMchID is the number of the sub-merchant that the first merchant of a
// sandbox acts for when it is given none.
const DefaultSubMchID = "1900000208"

// A SubMerchant is one that a merchant acts for as its partner: orders come with
// the numbers of both. It may be a [Merchant] too, which then has orders of its
// own beside those.
//
// https://pay.weixin.qq.com/doc/v3/partner/4012714902
type SubMerchant struct {
	// SpMchID is the number of the partner, which is one of the merchants.
	SpMchID string
	// SubMchID is the number of the sub-merchant. Several partners may act for
	// it.
	SubMchID string
	// SubAppID is the sub_appid that its orders may have; any by default.
	SubAppID string
}

// partiesOf are the merchants and those sub-merchants, as the domain knows them.
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
	var mchIDs []string
	for mchID := range s.merchants {
		mchIDs = append(mchIDs, mchID)
	}
	return money.NewParties(mchIDs, appIDs), nil
}
