package bill

import (
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/wxchain/wechatpay"
)

// A Link is what an answer says of a file to download, such as the receipt of a
// transfer. [wechatpay.Response.Decode] reads it. The URL opens the file to
// whoever has a key of the merchant, so keep it out of logs.
type Link struct {
	DownloadURL string `json:"download_url"`
	HashType    string `json:"hash_type"`  // "SHA1" or "SHA256"
	HashValue   string `json:"hash_value"` // of the file, in hexadecimal
}

// DownloadLink downloads the file that link names, and writes it to where [File]
// or [To] says. It follows the URL on the platform's hosts, or on the host that
// client calls, and checks what arrives against the hash, as [Download] does. A
// file that comes as gzip is written plain, and its hash is that of the plain
// file.
//
// Of the options, [File], [To] and [MaxBytes] apply; any other is an error. What
// the platform refuses is a [*wechatpay.Error]. What arrives changed or cut short
// is [ErrDamaged]. Nothing is sent when link or an option is wrong, or the file
// cannot be made.
//
// https://pay.weixin.qq.com/doc/v3/merchant/4012716455
func DownloadLink(ctx context.Context, client *wechatpay.Client, link Link, opts ...Option) (*Info, error) {
	o, err := newOptions(opts)
	if err == nil && (o.billType != "" || o.accountType != "" || o.subMchID != "" || o.tarType != "") {
		err = errors.New("BillType, AccountType, SubMchID and Gzip say which bill to ask for, and a link names its file; leave them out")
	}
	if err != nil {
		return nil, fmt.Errorf("bill: %w", err)
	}
	own, err := client.Chain("v3/billdownload/file").URL()
	if err != nil {
		return nil, fmt.Errorf("bill: %w", err)
	}
	p, err := link.part(own)
	if err != nil {
		return nil, fmt.Errorf("bill: %w", err)
	}
	return o.write(func(to io.Writer) (*Info, error) {
		return download(ctx, client, []part{p}, to, o.maxBytes)
	})
}
