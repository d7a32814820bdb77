package bill

import (
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/wxchain/wechatpay"
)

// A Link names a file to download, such as the receipt of a transfer. Read it from
// an answer with [wechatpay.Response.Decode]. Anybody with a key of the merchant can
// download the file with the URL, so keep it out of logs.
type Link struct {
	DownloadURL string `json:"download_url"`
	HashType    string `json:"hash_type"`  // "SHA1", "SHA256" or "SM3"
	HashValue   string `json:"hash_value"` // of the file, in hexadecimal
}

// DownloadLink downloads the file that link names, and writes it to [File] or [To].
// It follows the URL on the platform's hosts and on the host that client calls, and
// verifies the hash as [Download] does. A gzip file is decompressed, and the hash is
// that of the plain file.
//
// The options [File], [To] and [MaxBytes] apply; any other is an error. If the
// platform refuses, the error is a [*wechatpay.Error]. If the file arrives changed or
// incomplete, it is [ErrDamaged]. If link or an option is wrong, or the file cannot
// be created, nothing is sent.
//
// https://pay.weixin.qq.com/doc/v3/merchant/4012716455
func DownloadLink(ctx context.Context, client *wechatpay.Client, link Link, opts ...Option) (*Info, error) {
	o, err := newOptions(opts)
	if err == nil && (o.billType != "" || o.accountType != "" || o.subMchID != "" || o.tarType != "") {
		err = errors.New("BillType, AccountType, SubMchID and Gzip select a bill, but the link already names its file; leave them out")
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
