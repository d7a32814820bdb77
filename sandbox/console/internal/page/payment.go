package page

import (
	"net/http"
	"strings"

	"github.com/wxchain/wechatpay/sandbox"
)

// banks are what forms suggest as bank_type. Any other can be written.
func banks() []string {
	return []string{"OTHERS", "ICBC_DEBIT", "ICBC_CREDIT", "ABC_DEBIT", "BOC_DEBIT", "CCB_DEBIT", "CCB_CREDIT", "CMB_DEBIT", "CMB_CREDIT", "COMM_DEBIT", "PSBC_DEBIT", "ICBC_ECNY"}
}

// PaymentOf returns how the user pays by a form with the fields bank_type and coupon.
func PaymentOf(r *http.Request) sandbox.Payment {
	return sandbox.Payment{BankType: strings.TrimSpace(r.PostFormValue("bank_type")), CouponIDs: CouponsOf(r, "coupon")}
}

// CouponsOf returns the coupon that a field of a form names, or none.
func CouponsOf(r *http.Request, field string) []string {
	if id := r.PostFormValue(field); id != "" {
		return []string{id}
	}
	return nil
}
