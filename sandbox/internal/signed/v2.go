package signed

import (
	"cmp"
	"crypto/hmac"
	"crypto/md5"
	"crypto/sha256"
	"encoding/hex"
	"iter"
	"maps"
	"net/url"
	"slices"
	"strings"

	"github.com/wxchain/wechatpay/signer"
)

// The checks of APIv2, in their order.
const (
	checkFields   = "fields"
	checkSign     = "sign"
	checkSignType = "sign_type"
)

// hidden stands for the APIv2 key in a text that is shown.
const hidden = "********"

// V2 explains a request of APIv2 by its fields, or by the error with which they could
// not be read.
//
// https://pay.weixin.qq.com/wiki/doc/api/jsapi.php?chapter=4_3
func (x Explainer) V2(r Request, fields map[string]string, unread error) Explanation {
	var e Explanation
	if !e.add(checkFields, unread == nil, "", "", "The body is not XML with one field a line, or the form or query is malformed.") {
		e.skip(checkMerchant, checkSign, checkSignType, checkNonce)
		return e
	}
	mchID := cmp.Or(fields["mch_id"], fields["mchid"], fields["combine_mch_id"])
	m, ok := x.Merchants[mchID]
	if !e.add(checkMerchant, ok, short(mchID), "", "This sandbox has no merchant with that number.") {
		e.skip(checkSign, checkSignType, checkNonce)
		return e
	}
	sign := fields["sign"]
	e.Expected = signer.V2Message(fields) + "&key=" + hidden
	err := signer.V2Verify(m.APIv2Key, fields)
	if !e.add(checkSign, err == nil, short(sign), "", whySign(sign)) {
		for c := range x.v2Candidates(fields, m.APIv2Key, m.APIv3Key) {
			if c.makes(sign) {
				e.Fits, e.Changes = c.shown, c.changes
				break
			}
		}
	}
	named, by := fields["sign_type"], signTypeOf(sign)
	e.add(checkSignType, named == "" || named == by, named, by, "The field sign_type names another algorithm than that of sign.")
	replayed := r.Code == "SIGN_ERROR" && strings.Contains(r.Message, "nonce_str was used")
	e.add(checkNonce, !replayed, short(fields["nonce_str"]), "", "The nonce_str was used for another request.")
	return e
}

func whySign(sign string) string {
	switch {
	case sign == "":
		return "The field sign is missing."
	case len(sign) != 2*md5.Size && len(sign) != 2*sha256.Size:
		return "The field sign has another length than that of MD5 (32) and HMAC-SHA256 (64)."
	}
	return "Another text was signed, or with another key."
}

func signTypeOf(sign string) string {
	if len(sign) == 2*sha256.Size {
		return "HMAC-SHA256"
	}
	return "MD5"
}

// A v2Candidate is a text that may have been signed by mistake.
type v2Candidate struct {
	text, key, shown string
	changes          []string
}

// makes reports whether the text makes a sign, by either algorithm.
func (c v2Candidate) makes(sign string) bool {
	sum := md5.Sum([]byte(c.text))
	h := hmac.New(sha256.New, []byte(c.key))
	h.Write([]byte(c.text)) // never fails
	return strings.EqualFold(sign, hex.EncodeToString(sum[:])) || strings.EqualFold(sign, hex.EncodeToString(h.Sum(nil)))
}

// v2Candidates returns the texts that are signed by mistake.
func (x Explainer) v2Candidates(fields map[string]string, key, apiv3Key string) iter.Seq[v2Candidate] {
	keys := []variant{{"", key}, {"The APIv3 key was used in place of the APIv2 key.", apiv3Key}}
	for _, other := range x.Merchants {
		keys = append(keys, variant{"The APIv2 key is that of another merchant.", other.APIv2Key})
	}
	texts := v2Texts(fields)
	ends := []variant{{"", "&key="}, {"The key was added without &key=.", ""}, {"The key was added with another name than key.", "&apikey="}}
	return func(yield func(v2Candidate) bool) {
		for most := 1; most <= 2; most++ {
			for _, k := range keys {
				for _, t := range texts {
					for _, end := range ends {
						changes := slices.DeleteFunc([]string{t.how, end.how, k.how}, func(how string) bool { return how == "" })
						if len(changes) != most {
							continue
						}
						if !yield(v2Candidate{t.value + end.value + k.value, k.value, t.value + end.value + hidden, sentences(changes)}) {
							return
						}
					}
				}
			}
		}
	}
}

// v2Texts returns the texts of fields that are signed by mistake, without the key.
func v2Texts(fields map[string]string) []variant {
	all := []variant{{"", signer.V2Message(fields)}}
	for _, name := range slices.Sorted(maps.Keys(fields)) {
		if name != "sign" && fields[name] != "" {
			all = append(all, variant{"A field was left out:\n" + name, signer.V2Message(fields, name)})
		}
	}
	join := func(keep func(name, value string) bool, write func(value string) string) string {
		var parts []string
		for _, name := range slices.Sorted(maps.Keys(fields)) {
			if name != "sign" && keep(name, fields[name]) {
				parts = append(parts, name+"="+write(fields[name]))
			}
		}
		return strings.Join(parts, "&")
	}
	filled := func(_, value string) bool { return value != "" }
	same := func(value string) string { return value }
	return append(all,
		variant{"Empty fields were signed too.", join(func(string, string) bool { return true }, same)},
		variant{"The values were escaped as in a URL.", join(filled, url.QueryEscape)},
		variant{"The values were trimmed.", join(filled, strings.TrimSpace)},
		variant{"The values were escaped as in XML.", join(filled, strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;").Replace)},
	)
}
