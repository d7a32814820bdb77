package money

import (
	"errors"
	"strings"

	"github.com/wxchain/wechatpay/sandbox/internal/store"
)

// TransferWhose returns the transfer whose transfer_bill_no matches, as it is now.
func (l *Ledger) TransferWhose(matches func(transferBillNo string) bool) (Transfer, error) {
	at := ""
	err := l.Tx.Each(transferBills, "", func(key string, _ []byte) error {
		if !matches(key[strings.LastIndexByte(key, '/')+1:]) {
			return nil
		}
		at = key
		return errEnough
	})
	if err != nil && !errors.Is(err, errEnough) {
		return Transfer{}, err
	}
	number, found, err := store.Load[string](l.Tx, transferBills, at)
	if err != nil || !found {
		return Transfer{}, errors.Join(err, errNoTransfer)
	}
	mchID, sub, _ := strings.Cut(at[:strings.LastIndexByte(at, '/')], "/")
	return l.loadTransfer(Owner{mchID, sub}, number)
}
