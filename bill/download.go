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

// An Info tells of a bill or a receipt that was downloaded.
type Info struct {
	HashType  string // "SHA1" or "SHA256", as the platform's hash_type
	HashValue string // of what was written, in hexadecimal: the platform's hash_value, if it gave one file
	Bytes     int64  // how long it is
	Files     int    // how many files the platform gave it in; it splits the longest
}

// Download gets the bill of a day, a date of China such as "2026-11-23", and
// writes it, plain, to where [File] or [To] says. A bill is ready from 10
// o'clock of the next day on, for three months.
//
// It asks for the bill, follows the download_url, on the platform's hosts
// alone, and checks what arrives against hash_value as it goes by, in constant
// memory. Only an encrypted bill is held whole, for decryption vouches for all
// of it or nothing: the client needs a private key that decrypts, and a file of
// it may have 256 MiB as it comes, which [Gzip] stretches to some GiB.
//
// What the platform refuses is a [*wechatpay.Error]: NO_STATEMENT_EXIST when
// there is no bill of that day, STATEMENT_CREATING when it is not ready yet. What
// arrives changed or cut short is [ErrDamaged]. Nothing is sent when kind,
// date or an option is wrong, or the file cannot be made.
//
// ctx should end a download that stalls; else it may take an hour. A
// download_url is good for some minutes and is in the text of no error; but a
// [*wechatpay.Error] taken out of one has the request, and with it the URL.
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

// output is where a bill goes, its parts one after another.
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
