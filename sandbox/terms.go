package sandbox

import (
	"cmp"
	"fmt"

	"github.com/wxchain/wechatpay/sandbox/internal/money"
)

// sharingRatio is the ratio of Config.SharingRatio by default.
//
// https://pay.weixin.qq.com/doc/v3/merchant/4014547102
const sharingRatio = 3000

// openingBalance is Config.Balance by default.
const openingBalance = 1_000_000_00

// terms returns the terms of the configuration in the form of the domain.
func (config Config) terms() (money.Terms, error) {
	if config.SharingRatio < 0 || config.SharingRatio > 10_000 {
		return money.Terms{}, fmt.Errorf("SharingRatio is %d; 1 to 10000 ten-thousandths are wanted, or 0 for %d", config.SharingRatio, sharingRatio)
	}
	if config.Balance < 0 || config.Balance > maxBalance {
		return money.Terms{}, fmt.Errorf("Balance is %d; 1 to %d fen are wanted, or 0 for %d", config.Balance, int64(maxBalance), int64(openingBalance))
	}
	return money.Terms{
		SharingRatio:  int64(cmp.Or(config.SharingRatio, sharingRatio)),
		Opening:       cmp.Or(config.Balance, openingBalance),
		SlowTransfers: config.SlowTransfers,
	}, nil
}
