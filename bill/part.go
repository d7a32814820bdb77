package bill

import (
	"cmp"
	"context"
	"crypto/sha1"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"net/url"
	"slices"
	"strings"

	"github.com/tidwall/gjson"

	"github.com/wxchain/wechatpay"
	"github.com/wxchain/wechatpay/internal/sm3"
)

// hashes are those that the platform documents, by hash_type: SHA1 of bills, SHA256
// and SM3 of receipts.
var hashes = map[string]func() hash.Hash{"SHA1": sha1.New, "SHA256": sha256.New, "SM3": sm3.New}

// A part is one file of a bill, to be downloaded.
type part struct {
	base     string // scheme and host
	path     string // escaped
	query    string // escaped; it is as good as a key to the file
	hashType string // a key of hashes
	sum      []byte // of the plain file

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
	p, err := Link{file.Get("download_url").String(), file.Get("hash_type").String(), file.Get("hash_value").String()}.part(asked)
	p.encryptKey, p.nonce = file.Get("encrypt_key").String(), file.Get("nonce").String()
	return p, err
}

// part checks a link. own is a URL of the host that the client calls.
func (l Link) part(own *url.URL) (part, error) {
	newHash := hashes[l.HashType]
	if newHash == nil {
		return part{}, fmt.Errorf("hash_type is %.40q, want SHA1, SHA256 or SM3", l.HashType)
	}
	size := newHash().Size()
	sum, err := hex.DecodeString(l.HashValue)
	if err != nil || len(sum) != size {
		return part{}, fmt.Errorf("hash_value is not a %s, of %d hexadecimal digits", l.HashType, hex.EncodedLen(size))
	}
	u, err := url.Parse(l.DownloadURL)
	if err != nil || u.Host == "" || u.Path == "" {
		return part{}, errors.New("download_url is missing or is not a URL") // whose text would be in err
	}
	if u.User != nil || u.Opaque != "" || !isPlatform(u) && !isSame(u, own) {
		return part{}, fmt.Errorf("download_url leads to %.64q, which is neither a host of the platform nor the one that the client calls; it is not followed", u.Scheme+"://"+u.Host)
	}
	return part{base: u.Scheme + "://" + u.Host, path: u.EscapedPath(), query: u.RawQuery, hashType: l.HashType, sum: sum}, nil
}

func isPlatform(u *url.URL) bool {
	switch strings.ToLower(u.Host) {
	case "api.mch.weixin.qq.com", "api2.mch.weixin.qq.com", "apihk.mch.weixin.qq.com":
		return u.Scheme == "https"
	}
	return false
}

func isSame(u, own *url.URL) bool {
	return u.Scheme == own.Scheme && strings.EqualFold(u.Host, own.Host)
}
