package money

// An Event is something that happened and that a merchant may be notified of.
type Event interface {
	// Told returns the merchant to notify and the URL. If url is empty, nobody is
	// notified.
	Told() (mchID, url string)
	// Numbers returns the numbers of what it happened to.
	Numbers() []string
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

// Numbers returns the numbers of the order.
func (e OrderWasPaid) Numbers() []string { return []string{e.Order.OutTradeNo, e.Order.TransactionID} }

// Numbers returns the numbers of the combined order and of its orders.
func (e CombinedWasPaid) Numbers() []string {
	all := []string{e.Combined.OutTradeNo, e.Combined.TransactionID}
	for _, o := range e.Orders {
		all = append(all, o.OutTradeNo, o.TransactionID)
	}
	return all
}

// Numbers returns the numbers of the refund and of its order.
func (e RefundEnded) Numbers() []string {
	return []string{e.Refund.OutRefundNo, e.Refund.RefundID, e.Refund.OutTradeNo, e.Refund.TransactionID}
}

// Numbers returns the numbers of the transfer.
func (e TransferEnded) Numbers() []string {
	return []string{e.Transfer.OutBillNo, e.Transfer.TransferBillNo}
}

// Numbers returns the numbers of the batch.
func (e BatchEnded) Numbers() []string { return []string{e.Batch.OutBatchNo, e.Batch.ID} }

// Numbers returns the numbers of the authorization.
func (e AuthorizationChanged) Numbers() []string {
	return []string{e.Authorization.OutNo, e.Authorization.ID}
}

// Numbers returns the numbers of the coupon and of the payment.
func (e CouponWasUsed) Numbers() []string {
	return []string{e.Coupon.ID, e.Coupon.StockID, e.Coupon.TransactionID}
}

// Numbers returns the numbers of the complaint and of the payment.
func (e ComplaintChanged) Numbers() []string {
	return []string{e.Complaint.ID, e.Complaint.TransactionID}
}
