package sandbox

import (
	"cmp"
	"fmt"
	"maps"
	"net/http"
	"regexp"
	"slices"
	"strings"

	"github.com/wxchain/wechatpay/sandbox/internal/store"
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

// An owner is whose an order or a refund is: a merchant's own, or of a
// sub-merchant and the partner that acts for it.
type owner struct {
	MchID    string `json:"mchid"`
	SubMchID string `json:"sub_mchid,omitempty"`
}

// String is the numbers, with a slash between.
func (w owner) String() string {
	if w.SubMchID == "" {
		return w.MchID
	}
	return w.MchID + "/" + w.SubMchID
}

// key is what is stored under a number that is unique for its owner.
func (w owner) key(number string) string { return orderKey(w.String(), number) }

// parties are who it is, in the form of merchants or in that of partners.
func (w owner) parties() parties {
	if w.SubMchID == "" {
		return parties{MchID: w.MchID}
	}
	return parties{SpMchID: w.MchID, SubMchID: w.SubMchID}
}

// has tells whether it is the merchant, or the sub-merchant.
func (w owner) has(mchID string) bool {
	return mchID != "" && (mchID == w.MchID || mchID == w.SubMchID)
}

// payee is who gets the money.
func (w owner) payee() string { return cmp.Or(w.SubMchID, w.MchID) }

var mchIDs = regexp.MustCompile(`^[0-9]{1,32}$`)

func (s *Server) setSubMerchants(subs []SubMerchant) error {
	if len(subs) == 0 && s.first.MchID != DefaultSubMchID {
		subs = []SubMerchant{{SpMchID: s.first.MchID, SubMchID: DefaultSubMchID}}
	}
	s.subs = make(map[owner]SubMerchant, len(subs))
	for _, sub := range subs {
		w := owner{sub.SpMchID, sub.SubMchID}
		_, known := s.merchants[sub.SpMchID]
		_, twice := s.subs[w]
		switch {
		case !mchIDs.MatchString(sub.SubMchID):
			return fmt.Errorf("the SubMchID %.40q is no number of a merchant, which has 1 to 32 digits", sub.SubMchID)
		case !known:
			return fmt.Errorf("the SpMchID of sub-merchant %s is %.40q, which is none of the Merchants", sub.SubMchID, sub.SpMchID)
		case sub.SpMchID == sub.SubMchID:
			return fmt.Errorf("merchant %s is its own sub-merchant", sub.SubMchID)
		case twice:
			return fmt.Errorf("sub-merchant %s of partner %s is there twice", sub.SubMchID, sub.SpMchID)
		}
		s.subs[w] = sub
	}
	return nil
}

// checkSub refuses a sub-merchant that the partner does not act for, and a
// sub_appid that is not its.
func (s *Server) checkSub(w owner, subAppID string) error {
	sub, ok := s.subs[w]
	switch {
	case !ok:
		return &refusal{Status: http.StatusForbidden, Code: "NO_AUTH", CodeV2: "NOAUTH",
			Message: fmt.Sprintf("merchant %s does not act for the sub-merchant %.32q", w.MchID, w.SubMchID)}
	case subAppID != "" && sub.SubAppID != "" && subAppID != sub.SubAppID:
		return &refusal{Status: http.StatusBadRequest, Code: "APPID_MCHID_NOT_MATCH",
			Message: fmt.Sprintf("the sub_appid %.32q does not belong to the sub-merchant %s", subAppID, w.SubMchID)}
	}
	return nil
}

// owners are whose orders a number stands for: the merchant's own first, and
// then those of its partners and its sub-merchants. Two numbers with a slash
// between stand for a partner and a sub-merchant alone.
func (s *Server) owners(mchID string) []owner {
	if sp, sub, ok := strings.Cut(mchID, "/"); ok {
		return []owner{{sp, sub}}
	}
	var of []owner
	for w := range maps.Keys(s.subs) {
		if w.has(mchID) {
			of = append(of, w)
		}
	}
	slices.SortFunc(of, func(a, b owner) int { return cmp.Compare(a.String(), b.String()) })
	return slices.Insert(of, 0, owner{MchID: mchID})
}

// find returns what has a number of one of the owners that mchID stands for: the
// merchant's own, or that of a sub-merchant, should it be the only one.
func find[T any](l *ledger, bucket, mchID, number string, none error) (*T, error) {
	var found *T
	var of owner
	for _, w := range l.owners(mchID) {
		v, ok, err := store.Load[T](l.tx, bucket, w.key(number))
		switch {
		case err != nil:
			return nil, err
		case !ok:
			continue
		case w.SubMchID == "":
			return &v, nil
		case found != nil:
			return nil, fmt.Errorf("it is a number of %s and of %s; name one of them so", of, w)
		}
		found, of = &v, w
	}
	if found == nil {
		return nil, none
	}
	return found, nil
}
