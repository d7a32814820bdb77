package sandbox

// An access finds out whose orders or refunds a call is about. It refuses those
// that are not for the merchant that signed.
type access func(*call) (owner, error)

// ofMerchant is for calls about the merchant's own, which name it.
func ofMerchant(c *call) (owner, error) {
	return owner{MchID: c.merchant.MchID}, c.checkNamed("mchid")
}

// ofSubMerchant is for calls of a partner, which name it and a sub-merchant.
func ofSubMerchant(c *call) (owner, error) {
	w := owner{c.merchant.MchID, c.named("sub_mchid")}
	if err := c.checkNamed("sp_mchid"); err != nil {
		return w, err
	}
	return w, c.checkSub(w, c.named("sub_appid"))
}

// ofEither is for calls that name a sub-merchant when they are about it.
func ofEither(c *call) (owner, error) {
	w := owner{c.merchant.MchID, c.named("sub_mchid")}
	if w.SubMchID == "" {
		return w, nil
	}
	return w, c.checkSub(w, c.named("sub_appid"))
}

// named is a field of the body, or of the query when there is no body.
func (c *call) named(field string) string {
	if c.body.Exists() {
		return c.body.Get(field).String()
	}
	return c.query.Get(field)
}

// checkNamed refuses the number of another merchant than who signed.
func (c *call) checkNamed(field string) error {
	if c.body.Exists() {
		return c.checkMchID("body", "/"+field, c.named(field))
	}
	return c.checkMchID("query", field, c.named(field))
}

// checkMchID refuses the number of another merchant than who signed.
func (c *call) checkMchID(location, field, mchID string) error {
	if mchID != c.merchant.MchID {
		return paramError(location, field, mchID, "it is not the merchant that signed, which is "+c.merchant.MchID)
	}
	return nil
}
