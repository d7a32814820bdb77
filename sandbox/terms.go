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

// terms returns the terms of the configuration in the form of the domain.
func (config Config) terms() (money.Terms, error) {
	if config.SharingRatio < 0 || config.SharingRatio > 10_000 {
		return money.Terms{}, fmt.Errorf("SharingRatio is %d; 1 to 10000 ten-thousandths are wanted, or 0 for %d", config.SharingRatio, sharingRatio)
	}
	return money.Terms{SharingRatio: int64(cmp.Or(config.SharingRatio, sharingRatio)), SlowTransfers: config.SlowTransfers}, nil
}
