package signer

import (
	"fmt"
	"strings"
)

// The text that an APIv2 signature covers is a=1&b=2 without escaping. The value
// of a that holds "&b=" makes the same text as the two fields, and so the same
// signature: who may choose a value could have fields signed that nobody meant.

// checkSplit reports the first field that can be read as more than one. The
// values of fields that exempt names may hold anything.
func checkSplit(fields map[string]string, exempt func(name string) bool) error {
	for _, name := range sortedNames(fields) {
		if strings.ContainsAny(name, "&=") {
			return fmt.Errorf("the field name %.64q has an & or a =, which separate the fields of the signed text", name)
		}
		if name == "sign" || exempt(name) { // sign is not in the text
			continue
		}
		if inner, ok := innerField(fields[name]); ok {
			return fmt.Errorf("the field %.64q holds %.64q: the same signature is valid for a message in which that is a field of its own", name, "&"+inner+"=")
		}
	}
	return nil
}

// innerField returns the name of the first field that the value of another can
// be taken to hold.
func innerField(value string) (name string, ok bool) {
	_, rest, more := strings.Cut(value, "&")
	for more {
		var pair string
		pair, rest, more = strings.Cut(rest, "&")
		if name, _, ok := strings.Cut(pair, "="); ok && name != "" {
			return name, true
		}
	}
	return "", false
}

func noField(string) bool { return false }

// isFreeText reports whether the value of a field of APIv2 is text in anybody's
// words, JSON or a URL, and so may rightly hold "&name=". code_url, for one, is
// weixin://wxpay/bizpayurl/up?pr=…&groupid=00, and a notification brings back
// attach as the order had it. All other fields are numbers, names and codes.
//
// https://pay.weixin.qq.com/wiki/doc/api/jsapi.php?chapter=9_1
func isFreeText(name string) bool {
	switch name {
	case "attach", "body", "detail", "goods_tag", // of an order
		"act_name", "desc", "description", "reason", "remark", "retmsg", "wishing",
		"receiver", "receivers", "risk_info", "scene_info", "trades", // JSON and the like
		"business_website", "path":
		return true
	}
	for _, kind := range [...]string{
		"_des", "_desc", "_msg", "_reason", "_remark",
		"_detail", "_list", // JSON
		"_path", "_uri", "_url",
	} {
		if strings.HasSuffix(name, kind) {
			return true
		}
	}
	return false
}
