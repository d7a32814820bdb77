package main

import (
	"net/http"
	"regexp"
	"slices"
)

// merchantNumber is how the numbers are called by which the platform knows a
// request that it has had before.
var merchantNumber = regexp.MustCompile(`^(\w+_)?out_\w*(no|number)$|_request_no$|^(partner_trade_no|mch_billno|business_code|out_contract_code)$`)

// repeats tells whether a call with these items may be sent twice and is done
// once: it reads, it sets what is set already, or it has a merchant's number.
func repeats(method string, items []item) bool {
	switch method {
	case http.MethodGet, http.MethodPut, http.MethodDelete:
		return true
	}
	return slices.ContainsFunc(items, func(i item) bool {
		if i.kind == queryItem || !merchantNumber.MatchString(i.name) {
			return false
		}
		number := i.decoded()
		return number != nil && number != ""
	})
}
