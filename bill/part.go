package bill

import (
	"cmp"
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strings"

	"github.com/tidwall/gjson"

	"github.com/wxchain/wechatpay"
)

const hashType = "SHA1" // the only one that the platform documents

// A part is one file of a bill, to be downloaded.
type part struct {
	base string // scheme and host
	path string // with the query, which is as good as a key to the file
	sum  []byte // SHA-1 of the plain file

	encryptKey, nonce string // of an encrypted bill
}

// ask asks for a bill and returns its files in order.
func ask(ctx context.Context, client *wechatpay.Client, kind Kind, query map[string][]string) ([]part, error) {
	resp, err := client.Chain(string(kind)).Get(ctx, wechatpay.Query(query))
	if err != nil {
		return nil, err
	}
	files := []gjson.Result{resp.JSON()}
	if count := resp.Get("download_bill_count"); count.Exists() { // it is encrypted
		files = resp.Get("download_bill_list").Array()
		if len(files) == 0 || int64(len(files)) != count.Int() {
			return nil, fmt.Errorf("bill: the answer has %d files where download_bill_count is %d (Request-ID %s)", len(files), count.Int(), resp.RequestID())
		}
		slices.SortStableFunc(files, func(a, b gjson.Result) int {
			return cmp.Compare(a.Get("bill_sequence").Int(), b.Get("bill_sequence").Int())
		})
	}
	parts := make([]part, len(files))
	for i, file := range files {
		if n := file.Get("bill_sequence"); n.Exists() && n.Int() != int64(i+1) {
			return nil, fmt.Errorf("bill: the answer lacks the file of bill_sequence %d (Request-ID %s)", i+1, resp.RequestID())
		}
		if parts[i], err = newPart(file, resp.Request.URL); err != nil {
			return nil, fmt.Errorf("bill: the answer (Request-ID %s): %w", resp.RequestID(), err)
		}
	}
	return parts, nil
}

// newPart reads of an answer what it says of one file. asked is where it came
// from.
func newPart(file gjson.Result, asked *url.URL) (part, error) {
	p := part{encryptKey: file.Get("encrypt_key").String(), nonce: file.Get("nonce").String()}
	if t := file.Get("hash_type").String(); t != hashType {
		return part{}, fmt.Errorf("hash_type is %.40q, want %q", t, hashType)
	}
	var err error
	if p.sum, err = hex.DecodeString(file.Get("hash_value").String()); err != nil || len(p.sum) != 20 {
		return part{}, errors.New("hash_value is no SHA-1, of 40 hexadecimal digits")
	}
	u, err := url.Parse(file.Get("download_url").String())
	if err != nil || u.Host == "" || u.Path == "" {
		return part{}, errors.New("download_url is missing, or no URL") // whose text would be in err
	}
	if u.User != nil || u.Opaque != "" || !isPlatform(u) && !isSame(u, asked) {
		return part{}, fmt.Errorf("download_url leads to %.100s://%.100s, which is neither a host of the platform nor the one that was asked; it is not followed", u.Scheme, u.Host)
	}
	p.base, p.path = u.Scheme+"://"+u.Host, u.RequestURI()
	return p, nil
}

func isPlatform(u *url.URL) bool {
	switch strings.ToLower(u.Host) {
	case "api.mch.weixin.qq.com", "api2.mch.weixin.qq.com", "apihk.mch.weixin.qq.com":
		return u.Scheme == "https"
	}
	return false
}

func isSame(u, asked *url.URL) bool {
	return u.Scheme == asked.Scheme && strings.EqualFold(u.Host, asked.Host)
}
