package sandbox

import (
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/wxchain/wechatpay/sandbox/internal/beijing"
)

// profitSharing gives parts of what an order was paid to others, and takes them
// back.
//
// https://pay.weixin.qq.com/doc/v3/merchant/4012524936 (share),
// https://pay.weixin.qq.com/doc/v3/merchant/4014547102 (rules)
func profitSharing() map[string]handler {
	return map[string]handler{
		"POST v3/profitsharing/receivers/add":                        addReceiver,
		"POST v3/profitsharing/receivers/delete":                     deleteReceiver,
		"POST v3/profitsharing/orders":                               applyShare,
		"POST v3/profitsharing/orders/unfreeze":                      unfreeze,
		"GET v3/profitsharing/orders/{out_order_no}":                 queryShare,
		"GET v3/profitsharing/transactions/{transaction_id}/amounts": queryUnshared,
		"POST v3/profitsharing/return-orders":                        applyReturn,
		"GET v3/profitsharing/return-orders/{out_return_no}":         queryReturn,
	}
}

const (
	shareTime   = 5 * time.Second // how long sharing takes, and taking back
	freezeDays  = 30              // for how many days after its payment an order can be shared
	maxShares   = 50              // how many times an order can be shared
	maxReceived = 50              // by how many receivers at a time
)

// The types of receivers.
const (
	receiverMerchant  = "MERCHANT_ID"
	receiverOpenID    = "PERSONAL_OPENID"
	receiverSubOpenID = "PERSONAL_SUB_OPENID"
)

// The results of a part that is shared, and of one that is taken back.
const (
	resultPending    = "PENDING"
	resultProcessing = "PROCESSING"
	resultSuccess    = "SUCCESS"
)

// unsplit is how much of an order can be shared yet, in fen, of what its merchant
// gets.
func (o *order) unsplit(now time.Time) int64 {
	if o.Unfrozen || now.After(o.Paid.AddDate(0, 0, freezeDays)) {
		return 0
	}
	return max(0, o.settlement()-o.settledBack()-o.Shared)
}

// sharedOrder is the order that was paid as transactionID, if it is one to be
// shared.
func (c *call) sharedOrder(transactionID string) (*order, error) {
	o, err := loadPaid(c.tx, transactionID)
	if errors.Is(err, errNoOrder) || err == nil && (o.MchID != c.merchant.MchID || !o.ProfitSharing) {
		err = invalid("transaction_id is no order of this merchant with settle_info.profit_sharing true")
	}
	return o, err
}

// notEnough refuses to share more than is left.
func notEnough(left int64) error {
	return &refusal{Status: http.StatusForbidden, Code: "NOT_ENOUGH", Message: fmt.Sprintf("%d fen of the order are left to share", left)}
}

func noResource(what string) error {
	return &refusal{Status: http.StatusNotFound, Code: "RESOURCE_NOT_EXISTS", Message: "there is no such " + what + " of this merchant"}
}

// checkSharingNo checks a number that the merchant makes up.
func checkSharingNo(field, number string) error {
	if !outRefundNo.MatchString(number) {
		return badField(field, number, "1 to 64 of 0-9 A-Z a-z _ - | * @ are wanted")
	}
	return nil
}

// usedBefore refuses a number with other parameters than it came with first.
func usedBefore(field string) error {
	return invalid(field + " was used with other parameters; repeat that request as it was, or take a new number")
}

// An unsplitAnswer is how much of an order is left to share.
type unsplitAnswer struct {
	TransactionID string `json:"transaction_id"`
	UnsplitAmount int64  `json:"unsplit_amount"`
}

func queryUnshared(c *call) (int, any, error) {
	o, err := c.sharedOrder(c.vars["transaction_id"])
	if err != nil {
		return 0, nil, err
	}
	return http.StatusOK, unsplitAnswer{o.TransactionID, o.unsplit(c.now)}, nil
}

// finished is when what began at an instant is done: shareTime later.
func finished(created, now time.Time) (at time.Time, ok bool) {
	at = created.Add(shareTime)
	return at, !now.Before(at)
}

// finishTime is how the platform writes that time: as the epoch while it is to
// come, for the field is never left out.
func finishTime(created, now time.Time) string {
	at, ok := finished(created, now)
	if !ok {
		at = time.Unix(0, 0)
	}
	return beijing.Format(at)
}
