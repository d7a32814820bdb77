package money

import "fmt"

// A Refusal is the error of a rule that refuses.
type Refusal struct {
	Reason  Reason
	Message string // what is wrong, and what to do
	Field   *Field // that is at fault, or nil
}

func (r *Refusal) Error() string { return r.Message }

// A Field is a value that a merchant gave, and what is wrong with it.
type Field struct {
	Name  string // of APIv3 where it has one name, such as "out_trade_no" or "receivers/0/type"
	Value any    // nil for one that is not shown
	Issue string
}

// A Reason says why a rule refuses. Each protocol has its own code for it.
type Reason string

// The reasons.
const (
	WrongField        Reason = "a field has a wrong value"
	Unfit             Reason = "what is asked for cannot be done in this state"
	NotFound          Reason = "there is no such thing"
	OverLimit         Reason = "a limit is reached"
	NotEnough         Reason = "there is too little money"
	NotAuthorized     Reason = "the merchant has no right to it"
	AppMismatch       Reason = "the app is another merchant's"
	NoMerchant        Reason = "there is no such merchant"
	Blocked           Reason = "the merchant must not send it"
	NoOrder           Reason = "there is no such order"
	OrderUsed         Reason = "the number is another order's"
	OrderClosed       Reason = "the order is closed"
	OrderReversed     Reason = "the order is reversed"
	OrderPaid         Reason = "the order is paid"
	UserPaying        Reason = "the user is about to pay"
	UnfitTrade        Reason = "the order is not one for this"
	ReverseLate       Reason = "the order can be reversed no more"
	BadCode           Reason = "the code is not a user's"
	CodeExpired       Reason = "the code has expired"
	UserNotEnough     Reason = "the user has too little money"
	NoRefund          Reason = "there is no such refund"
	NoRefundOrder     Reason = "there is no such order to refund"
	RefundMismatch    Reason = "the request is not that of before, or of the order"
	NotPaid           Reason = "the order is not paid"
	PaidLongAgo       Reason = "the order was paid long ago"
	ManyRefunds       Reason = "the order has many refunds"
	TooSoon           Reason = "it is too soon after another one"
	RefundTooMuch     Reason = "the refund is more than is left"
	ShareUsed         Reason = "the number is another sharing's"
	ManyShares        Reason = "the order was shared many times"
	NoneToCancel      Reason = "there is no such transfer to cancel"
	NoTransfer        Reason = "there is no such transfer"
	TransferUsed      Reason = "the number is another transfer's"
	NoRedPacket       Reason = "there is no such red packet"
	RedPacketUsed     Reason = "the number is another red packet's"
	RedPacketLimit    Reason = "a user would get too little or too much"
	NoStatement       Reason = "there is no such bill"
	StatementCreating Reason = "the bill is not ready yet"
)

// BadField refuses the value of a field.
func BadField(name string, value any, issue string) *Refusal {
	return &Refusal{WrongField, name + ": " + issue, &Field{name, value, issue}}
}

// Invalid refuses what the current state does not allow.
func Invalid(message string) *Refusal { return &Refusal{Reason: Unfit, Message: message} }

// UnfitField refuses the value of a field that has the right form but cannot be.
func UnfitField(name string, value any, issue string) *Refusal {
	return &Refusal{Unfit, name + ": " + issue, &Field{name, value, issue}}
}

func errNotFound(what string) *Refusal {
	return &Refusal{Reason: NotFound, Message: "there is no such " + what + " of this merchant"}
}

// errUsedBefore refuses a number that was used before with other parameters.
func errUsedBefore(field, how string) *Refusal {
	return Invalid(field + " was used " + how + "; repeat that request as it was, or take a new number")
}

// The refusals of the rules of orders and refunds.
var (
	ErrNoOrder        = &Refusal{Reason: NoOrder, Message: "there is no such order of this merchant"}
	errOrderClosed    = &Refusal{Reason: OrderClosed, Message: "the order is closed; take a new out_trade_no"}
	errOrderUsed      = &Refusal{Reason: OrderUsed, Message: "out_trade_no was used for another order; repeat that request as it was, or take a new number"}
	errOrderExpired   = &Refusal{Reason: UnfitTrade, Message: "time_expire of the order is over; take a new out_trade_no"}
	errOrderFailed    = &Refusal{Reason: UnfitTrade, Message: "the payment of the order failed; take a new out_trade_no"}
	errOrderReversed  = &Refusal{Reason: OrderReversed, Message: "the order is reversed; take a new out_trade_no"}
	errOrderPaid      = &Refusal{Reason: OrderPaid, Message: "the order is paid"}
	errPaidClosed     = &Refusal{Reason: OrderPaid, Message: "the order is paid; a paid order cannot be closed, but refunded"}
	errPartClosed     = &Refusal{Reason: UnfitTrade, Message: "the order is part of a combined one; close that"}
	errFailedByCode   = &Refusal{Reason: UnfitTrade, Message: "a payment by code that failed is not closed; reverse it"}
	errUserPaying     = &Refusal{Reason: UserPaying, Message: "the user is about to pay the order; query it, or reverse it"}
	errNotByCode      = &Refusal{Reason: UnfitTrade, Message: "only payments by code can be reversed; close the order, or refund it"}
	errReverseRefused = &Refusal{Reason: UnfitTrade, Message: "the order has refunds; refund what is left of it"}
	errReverseLate    = &Refusal{Reason: ReverseLate, Message: "the order was paid more than seven days ago; refund it"}

	errBadCode     = &Refusal{Reason: BadCode, Message: "auth_code is not the code of a user, which has 18 digits and starts with 10 to 15"}
	errCodeExpired = &Refusal{Reason: CodeExpired, Message: "auth_code has expired; ask the user for another one"}
	errNotEnough   = &Refusal{Reason: UserNotEnough, Message: "the user has too little money; ask for another card, with a new out_trade_no"}

	ErrNoRefund     = &Refusal{Reason: NoRefund, Message: "there is no such refund of this merchant"}
	errNoneToRefund = &Refusal{Reason: NoRefundOrder, Message: ErrNoOrder.Message}
	errRefundUsed   = &Refusal{Reason: RefundMismatch, Message: "out_refund_no was used for another refund; repeat that request as it was, or take a new number"}
	errNotPaid      = &Refusal{Reason: NotPaid, Message: "the order is not paid"}
	errPaidLongAgo  = &Refusal{Reason: PaidLongAgo, Message: "the order was paid more than a year ago"}
	errManyRefunds  = &Refusal{Reason: ManyRefunds, Message: fmt.Sprintf("the order has %d refunds, which is the most", maxRefunds)}
)
