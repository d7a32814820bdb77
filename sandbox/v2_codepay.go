package sandbox

// codePaymentsV2 are payments by the code that a user shows at the till, as
// APIv2 has them.
//
// https://pay.weixin.qq.com/wiki/doc/api/micropay.php?chapter=9_10 (pay),
// …?chapter=9_11 (reverse)
func codePaymentsV2() map[string]handlerV2 {
	return map[string]handlerV2{
		"POST v2/pay/micropay":       {handle: codePayV2},
		"POST v2/secapi/pay/reverse": {handle: reverseOrderV2},
	}
}

// codePayV2 pays an order by its user's code. An order whose user must enter his
// password is kept, and yet refused: its merchant is to query it.
func codePayV2(c *callV2) (map[string]any, error) {
	made, err := c.newOrder(tradeByCode)
	if err != nil {
		return nil, err
	}
	o, err := c.payByCode(made, c.fields["auth_code"])
	if err != nil {
		return nil, err
	}
	if state := o.state(c.now); state == stateUserPaying {
		return map[string]any{"err_code": state, "err_code_des": stateTexts[state]}, nil
	}
	return present(o.textsV2()), nil
}

// reverseOrderV2 reverses an order; that it must not be called again it says
// either way.
func reverseOrderV2(c *callV2) (map[string]any, error) {
	fields := map[string]any{"recall": "N"}
	o, err := c.found()
	if err != nil {
		return fields, err
	}
	return fields, c.reverse(o)
}
