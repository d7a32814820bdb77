package money

// An Event is something that happened and that a merchant may be notified of.
type Event interface {
	// Told returns the merchant to notify and the URL. If url is empty, nobody is
	// notified.
	Told() (mchID, url string)
}

// OrderWasPaid means that an order was paid that is not combined.
type OrderWasPaid struct{ Order *Order }

// CombinedWasPaid means that a combined order was paid, with all its orders.
type CombinedWasPaid struct {
	Combined *Combined
	Orders   []*Order
}

// RefundEnded means that a refund succeeded, was closed, or is abnormal.
type RefundEnded struct{ Refund *Refund }

// TransferEnded means that a transfer arrived, failed or was cancelled.
type TransferEnded struct{ Transfer Transfer }

// BatchEnded means that a batch of transfers is finished.
type BatchEnded struct{ Batch Batch }

// AuthorizationChanged means that an authorization takes effect, or is closed.
type AuthorizationChanged struct{ Authorization Authorization }

// CouponWasUsed means that a user paid with a coupon.
type CouponWasUsed struct {
	Coupon *Coupon
	Stock  *Stock
	URL    string // that its creator set
}

// ComplaintChanged means that there was an action on a complaint.
type ComplaintChanged struct {
	Complaint *Complaint
	Action    ComplaintAction
	URL       string // that its merchant set
}

func (e OrderWasPaid) Told() (mchID, url string)    { return e.Order.MchID, e.Order.NotifyURL }
func (e CombinedWasPaid) Told() (mchID, url string) { return e.Combined.MchID, e.Combined.NotifyURL }
func (e RefundEnded) Told() (mchID, url string)     { return e.Refund.MchID, e.Refund.NotifyURL }
func (e TransferEnded) Told() (mchID, url string)   { return e.Transfer.MchID, e.Transfer.NotifyURL }
func (e BatchEnded) Told() (mchID, url string)      { return e.Batch.MchID, e.Batch.NotifyURL }
func (e AuthorizationChanged) Told() (mchID, url string) {
	return e.Authorization.MchID, e.Authorization.NotifyURL
}
func (e CouponWasUsed) Told() (mchID, url string)    { return e.Coupon.Creator, e.URL }
func (e ComplaintChanged) Told() (mchID, url string) { return e.Complaint.MchID, e.URL }
