package wechatpay

import (
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"

	"github.com/wxchain/wechatpay/internal/xmlmap"
)

// checkProtocol refuses options of the one protocol in a call of the other.
func (c *call) checkProtocol() error {
	switch {
	case c.protocol == APIv2 && c.json != nil:
		return errors.New(`option "json" is for APIv3; the fields of an APIv2 call go into "xml", or with GET into "query"`)
	case c.protocol == APIv2 && c.xml != nil && c.method == http.MethodGet:
		return errors.New(`option "xml" cannot go with GET, which has no body; use "query"`)
	case c.protocol == APIv3 && c.xml != nil:
		return errors.New(`option "xml" is for APIv2, whose paths start with v2/; an APIv3 call takes "json"`)
	case c.protocol == APIv3 && c.exchange.ClientCert:
		return errors.New(`option "security" is for APIv2, whose paths start with v2/; APIv3 knows no client certificate`)
	case c.protocol == APIv3 && c.exchange.Nonceless:
		return errors.New(`option "nonceless" is for APIv2, whose paths start with v2/; every APIv3 call has a nonce`)
	}
	return nil
}

// setSecurity tells whether the call presents the client certificate.
func (c *call) setSecurity(on bool) { c.exchange.ClientCert, c.security = on, true }

// v2Path is the path of the operation: without v2, and without the path of a
// base that has one.
func (c *call) v2Path() string {
	return strings.TrimSuffix(strings.TrimPrefix(c.url.EscapedPath(), c.base.path), "/")
}

// writeXML writes the body of an APIv2 call, all but its nonce_str and sign. A
// call that is given no body but a method that has one says at least whose it
// is.
func (c *call) writeXML() error {
	if c.body != nil || c.method == http.MethodGet || c.method == "" {
		return nil
	}
	if c.xml == nil {
		c.xml = M{}
	}
	if err := c.completeXML(); err != nil {
		return fmt.Errorf(`option "xml": %w`, err)
	}
	c.contentType = "text/xml; charset=utf-8"
	return nil
}

// completeBody does for a raw body that is XML what writeXML does for fields.
// What is anything else goes on as it is.
func (c *call) completeBody() error {
	var err error
	if c.xml, err = xmlmap.Decode(c.raw); err != nil {
		return nil // the signer refuses it, unless it is multipart
	}
	if err := c.completeXML(); err != nil {
		return fmt.Errorf(`option "body": %w`, err)
	}
	return nil
}

// completeXML writes the fields as the body, with the merchant's number.
func (c *call) completeXML() error {
	delete(c.xml, "sign") // it is made anew
	given, err := c.checkMchID(func(name string) (any, bool) { v, ok := c.xml[name]; return v, ok && v != "" })
	if err != nil {
		return err
	}
	if !given {
		c.xml[mchIDField(c.v2Path())] = c.client.mchID
	}
	c.raw, err = xmlmap.Encode(c.xml)
	return err
}

// completeQuery puts the merchant's number into the query of an APIv2 call,
// whose fields stand there when the method is GET.
func (c *call) completeQuery(path string) error {
	if c.method != http.MethodGet {
		return nil
	}
	path, query, _ := strings.Cut(path, "?")
	values, err := url.ParseQuery(query)
	if err != nil {
		return fmt.Errorf("the query %q is not escaped as it must be", query)
	}
	given, err := c.checkMchID(func(name string) (any, bool) {
		v, ok := c.query[name]
		if !ok {
			v, ok = values[name]
		}
		return strings.Join(v, ","), ok && strings.Join(v, "") != ""
	})
	if err != nil {
		return fmt.Errorf(`option "query": %w`, err)
	}
	if c.query == nil {
		c.query = make(url.Values)
	}
	if !given {
		c.query.Set(mchIDField(path), c.client.mchID)
	}
	c.query["sign"] = nil // it is made anew
	return nil
}

// mchIDFields are the names under which APIv2 takes the merchant's number.
var mchIDFields = [...]string{"mch_id", "mchid", "combine_mch_id"}

// mchIDField is the name that it has at a path.
func mchIDField(path string) string {
	switch path {
	case "mmpaymkttransfers/promotion/transfers", "pay/settlementquery":
		return "mchid"
	case "pay/combinedorder", "pay/querycombinedorder", "pay/closecombinedorder":
		return "combine_mch_id"
	}
	return "mch_id"
}

// checkMchID compares what a call gives as the merchant's number with the
// client's; given tells whether it gives any.
func (c *call) checkMchID(field func(name string) (any, bool)) (given bool, err error) {
	for _, name := range mchIDFields {
		v, ok := field(name)
		if !ok {
			continue
		}
		if given = true; v != c.client.mchID {
			return true, fmt.Errorf("%s is %q, but the client's merchant is %q; leave %s out, or make a client for that merchant", name, v, c.client.mchID, name)
		}
	}
	return given, nil
}
