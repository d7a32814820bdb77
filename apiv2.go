package wechatpay

import (
	"errors"
	"fmt"
	"net/http"
	"strings"
)

// v2Path returns the path of the operation, without a slash at its end.
func (c *call) v2Path() string { return strings.TrimSuffix(c.target.operation(c.url), "/") }

// completeV2 adds what the operation and the merchant determine to an APIv2 call.
func (c *call) completeV2() (err error) {
	if c.settings.clientCert != nil {
		c.clientCert = *c.settings.clientCert
	} else {
		c.clientCert = needsClientCert(c.v2Path())
	}
	if c.payload.raw == nil && c.method != http.MethodGet && c.method != "" {
		c.fields, err = c.payload.completeXML(c.v2Path(), c.client.mchID)
	}
	return err
}

// checkV3 refuses the options of APIv2 in an APIv3 call.
func (c *call) checkV3() error {
	switch {
	case c.settings.clientCert != nil && *c.settings.clientCert:
		return errors.New(`option "security" is for APIv2, whose paths start with v2/; APIv3 knows no client certificate`)
	case c.nonceless:
		return errors.New(`option "nonceless" is for APIv2, whose paths start with v2/; every APIv3 call has a nonce`)
	}
	return nil
}

// mchIDFields are the names that APIv2 uses for the merchant's number.
var mchIDFields = [...]string{"mch_id", "mchid", "combine_mch_id"}

// mchIDField returns the name that the operation at a path uses.
func mchIDField(path string) string {
	switch path {
	case "mmpaymkttransfers/promotion/transfers", "pay/settlementquery":
		return "mchid"
	case "pay/combinedorder", "pay/querycombinedorder", "pay/closecombinedorder":
		return "combine_mch_id"
	}
	return "mch_id"
}

// checkMchID compares the merchant's number that a call gives with the client's.
// given reports whether the call gives one.
func checkMchID(mchID string, field func(name string) (any, bool)) (given bool, err error) {
	for _, name := range mchIDFields {
		v, ok := field(name)
		if !ok {
			continue
		}
		if given = true; v != mchID {
			return true, fmt.Errorf("%s is %q, but the client's merchant is %q; leave %s out, or make a client for that merchant", name, v, mchID, name)
		}
	}
	return given, nil
}
