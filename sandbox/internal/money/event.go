package money

// An Event is something that happened, of which a merchant may be told.
type Event interface {
	// Told is who is told, and where: nowhere if url is empty.
	Told() (mchID, url string)
}

// OrderWasPaid is that an order, and not a combined one, was paid.
type OrderWasPaid struct{ Order *Order }

// CombinedWasPaid is that a combined order was paid, with all that it is of.
type CombinedWasPaid struct {
	Combined *Combined
	Orders   []*Order
}

// RefundEnded is that a refund succeeded, was closed, or is abnormal.
type RefundEnded struct{ Refund *Refund }

// TransferEnded is that a transfer arrived, failed or was cancelled.
type TransferEnded struct{ Transfer Transfer }

// CouponWasUsed is that a user paid with a coupon.
type CouponWasUsed struct {
	Coupon *Coupon
	Stock  *Stock
	URL    string // that its creator set
}

// ComplaintChanged is that something was done about a complaint.
type ComplaintChanged struct {
	Complaint *Complaint
	Action    ComplaintAction
	URL       string // that its merchant set
}

func (e OrderWasPaid) Told() (mchID, url string)     { return e.Order.MchID, e.Order.NotifyURL }
func (e CombinedWasPaid) Told() (mchID, url string)  { return e.Combined.MchID, e.Combined.NotifyURL }
func (e RefundEnded) Told() (mchID, url string)      { return e.Refund.MchID, e.Refund.NotifyURL }
func (e TransferEnded) Told() (mchID, url string)    { return e.Transfer.MchID, e.Transfer.NotifyURL }
func (e CouponWasUsed) Told() (mchID, url string)    { return e.Coupon.Creator, e.URL }
func (e ComplaintChanged) Told() (mchID, url string) { return e.Complaint.MchID, e.URL }
