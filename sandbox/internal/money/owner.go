package money

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/wxchain/wechatpay/sandbox/internal/store"
)

// An Owner is the owner of an order or a refund: a merchant, or a sub-merchant
// with the partner that acts for it.
type Owner struct {
	MchID    string `json:"mchid"`
	SubMchID string `json:"sub_mchid,omitempty"`
}

// String returns the numbers with a slash between them.
func (w Owner) String() string {
	if w.SubMchID == "" {
		return w.MchID
	}
	return w.MchID + "/" + w.SubMchID
}

// key returns the key of a number that is unique for its owner.
func (w Owner) key(number string) string { return key(w.String(), number) }

// has reports whether mchID is the merchant, or the sub-merchant.
func (w Owner) has(mchID string) bool {
	return mchID != "" && (mchID == w.MchID || mchID == w.SubMchID)
}

// Payee returns who gets the money.
func (w Owner) Payee() string { return cmp.Or(w.SubMchID, w.MchID) }

// members returns the merchants whose daybooks have the postings of the owner.
func (w Owner) members() []string {
	if w.SubMchID == "" {
		return []string{w.MchID}
	}
	return []string{w.MchID, w.SubMchID}
}

// Parties are the merchants of a sandbox, and the sub-merchants that they act for
// as partners.
type Parties struct {
	merchants map[string]bool
	subs      map[Owner]string // the sub_appid that orders may have, "" for any
}

// NewParties returns the merchants with those numbers and the sub-merchants that
// they act for, each with the sub_appid that its orders may have, or "" for any.
func NewParties(merchants []string, subs map[Owner]string) *Parties {
	p := &Parties{make(map[string]bool, len(merchants)), subs}
	for _, mchID := range merchants {
		p.merchants[mchID] = true
	}
	return p
}

// MchIDs returns all numbers, sorted.
func (p *Parties) MchIDs() []string {
	all := make(map[string]bool, len(p.merchants)+len(p.subs))
	maps.Copy(all, p.merchants)
	for w := range p.subs {
		all[w.SubMchID] = true
	}
	return slices.Sorted(maps.Keys(all))
}

// CheckMerchant refuses a number that is not a merchant.
func (p *Parties) CheckMerchant(mchID string) error {
	if !p.merchants[mchID] {
		return &Refusal{Reason: NoMerchant, Message: fmt.Sprintf("there is no merchant %.32q", mchID)}
	}
	return nil
}

// CheckSub refuses a sub-merchant that the partner does not act for, and a
// sub_appid that does not belong to the sub-merchant.
func (p *Parties) CheckSub(w Owner, subAppID string) error {
	own, ok := p.subs[w]
	switch {
	case !ok:
		return &Refusal{Reason: NotAuthorized, Message: fmt.Sprintf("merchant %s does not act for the sub-merchant %.32q", w.MchID, w.SubMchID)}
	case subAppID != "" && own != "" && subAppID != own:
		return &Refusal{Reason: AppMismatch, Message: fmt.Sprintf("the sub_appid %.32q does not belong to the sub-merchant %s", subAppID, w.SubMchID)}
	}
	return nil
}

// owners returns the owners that a number stands for: the merchant itself first,
// then the pairs with its partners and its sub-merchants. Two numbers with a
// slash between them stand for one partner and sub-merchant.
func (p *Parties) owners(mchID string) []Owner {
	if sp, sub, ok := strings.Cut(mchID, "/"); ok {
		return []Owner{{sp, sub}}
	}
	var of []Owner
	for w := range maps.Keys(p.subs) {
		if w.has(mchID) {
			of = append(of, w)
		}
	}
	slices.SortFunc(of, func(a, b Owner) int { return cmp.Compare(a.String(), b.String()) })
	return slices.Insert(of, 0, Owner{MchID: mchID})
}

// partnerNumbers has the sub-merchant that a partner used a number for, by
// kind/partner/number.
const partnerNumbers = "partner-number"

// take takes a new number of a kind for an owner. The numbers of a partner are
// unique over all its sub-merchants: used refuses one that another sub-merchant has.
//
// https://pay.weixin.qq.com/doc/v3/partner/4013163605
func (l *Ledger) take(kind string, w Owner, number string, used *Refusal) error {
	if w.SubMchID == "" {
		return nil
	}
	at := kind + "/" + key(w.MchID, number)
	by, found, err := store.Load[string](l.Tx, partnerNumbers, at)
	switch {
	case err != nil:
		return err
	case found && by != w.SubMchID:
		return used
	}
	return store.Save(l.Tx, partnerNumbers, at, w.SubMchID)
}

// find returns the value that has a number and belongs to one of the owners that
// mchID stands for: the merchant's own or, if only one sub-merchant has it, that
// one.
func find[T any](l *Ledger, bucket, mchID, number string, none error) (*T, error) {
	var found *T
	var of Owner
	for _, w := range l.Parties.owners(mchID) {
		v, ok, err := store.Load[T](l.Tx, bucket, w.key(number))
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
