package bill

import (
	"context"
	"encoding/hex"
	"fmt"
	"hash"
	"io"

	"github.com/wxchain/wechatpay"
	"github.com/wxchain/wechatpay/internal/wholefile"
)

// An Info describes a bill or a receipt that was downloaded.
type Info struct {
	HashType  string // the platform's hash_type: "SHA1" or "SHA256"
	HashValue string // of what was written, in hexadecimal; of a bill in one file, the platform's hash_value
	Bytes     int64  // length of what was written
	Files     int    // number of files; the platform splits long bills
}

// Download downloads the bill of a day, a date in China such as "2026-11-23", and
// writes the plain bill to [File] or [To]. A bill is ready from 10 o'clock of the
// next day, for three months.
//
// Download requests the bill, follows its download_url on the platform's hosts,
// and compares what arrives with hash_value, in constant memory. An encrypted
// bill is held in memory, because its decryption verifies the whole file at once.
// The client then needs a private key that decrypts. An encrypted file may have
// 256 MiB; with [Gzip] it may hold a bill of some GiB.
//
// If the platform refuses, the error is a [*wechatpay.Error]: its code is
// NO_STATEMENT_EXIST if that day has no bill, and STATEMENT_CREATING if the bill is
// not ready yet. If the file arrives changed or incomplete, the error is
// [ErrDamaged]. If kind, date or an option is wrong, or the file cannot be
// created, nothing is sent.
//
// Pass a ctx that ends a stalled download. If ctx has no deadline, a download may
// take an hour. The text of an error does not contain the download_url, which is
// valid for some minutes. A [*wechatpay.Error] in its chain does have the request
// with the URL.
//
// https://pay.weixin.qq.com/doc/v3/merchant/4012556654
func Download(ctx context.Context, client *wechatpay.Client, kind Kind, date string, opts ...Option) (*Info, error) {
	o, err := newOptions(opts)
	if err != nil {
		return nil, fmt.Errorf("bill: %w", err)
	}
	query, err := o.query(kind, date)
	if err != nil {
		return nil, fmt.Errorf("bill: %w", err)
	}
	return o.write(func(to io.Writer) (*Info, error) {
		parts, err := ask(ctx, client, kind, query)
		if err != nil {
			return nil, err
		}
		return download(ctx, client, parts, to, o.maxBytes)
	})
}

// write lets download write to where the options say. A file is there only when
// download succeeds.
func (o *options) write(download func(to io.Writer) (*Info, error)) (*Info, error) {
	if o.path == "" {
		return download(o.to)
	}
	f, err := wholefile.Create(o.path)
	if err != nil {
		return nil, fmt.Errorf("bill: %w", err)
	}
	defer f.Discard()
	info, err := download(f)
	if err != nil {
		return nil, err
	}
	if err := f.Commit(); err != nil {
		return nil, fmt.Errorf("bill: %w", err)
	}
	return info, nil
}

// download writes all parts to to, one after another.
func download(ctx context.Context, client *wechatpay.Client, parts []part, to io.Writer, maxBytes int64) (*Info, error) {
	hashType := parts[0].hashType
	whole := hashes[hashType]()
	out := &output{to: io.MultiWriter(to, whole), left: maxBytes}
	for _, p := range parts {
		if err := p.fetch(ctx, client, out); err != nil {
			return nil, err
		}
	}
	return &Info{HashType: hashType, HashValue: hex.EncodeToString(whole.Sum(nil)), Bytes: maxBytes - out.left, Files: len(parts)}, nil
}

// output receives the parts of a bill one after another.
type output struct {
	to   io.Writer
	left int64     // how many bytes more it may have
	sum  hash.Hash // of the part at hand
	err  error     // why it takes no more
}

func (o *output) Write(p []byte) (n int, err error) {
	if int64(len(p)) > o.left {
		o.err = fmt.Errorf("%w: raise MaxBytes if it is meant to be", ErrTooLong)
		return 0, o.err
	}
	if n, o.err = o.to.Write(p); o.err == nil {
		o.left -= int64(len(p))
		o.sum.Write(p)
	}
	return n, o.err
}
