package bill

import (
	"errors"
	"fmt"
	"io"
	"reflect"
)

// An Option selects what to download, or where to write it.
type Option func(*options) error

type options struct {
	path                            string
	to                              io.Writer
	billType, accountType, subMchID string
	tarType                         string
	maxBytes                        int64
}

// DefaultMaxBytes is the default of [MaxBytes], in bytes: twice the size at which
// the platform splits a bill.
const DefaultMaxBytes = 32 << 30

// File writes the bill to the file at a path, with mode 0600. The file appears, and
// replaces a previous one, only after its hash is verified. If the download fails, a
// previous file stays as it is.
func File(path string) Option {
	return func(o *options) error {
		if path == "" {
			return errors.New("the path of File is empty")
		}
		o.path = path
		return nil
	}
}

// To writes the bill to w as it arrives. If [Download] fails, do not use what w
// received.
func To(w io.Writer) Option {
	return func(o *options) error {
		if rv := reflect.ValueOf(w); !rv.IsValid() || rv.Kind() == reflect.Pointer && rv.IsNil() {
			return errors.New("the writer of To is nil")
		}
		o.to = w
		return nil
	}
}

// BillType selects the rows of a trade bill: "ALL", the default, "SUCCESS" or
// "REFUND".
func BillType(t string) Option {
	return func(o *options) error { return o.set("BillType", &o.billType, t) }
}

// AccountType selects the account of a fund-flow bill: "BASIC", the default,
// "OPERATION" or "FEES", and for sub-merchants also "DEPOSIT". An
// [EcommerceFundFlow] bill has "ALL".
func AccountType(t string) Option {
	return func(o *options) error { return o.set("AccountType", &o.accountType, t) }
}

// SubMchID selects the bill of one sub-merchant.
func SubMchID(mchid string) Option {
	return func(o *options) error { return o.set("SubMchID", &o.subMchID, mchid) }
}

// Gzip compresses the bill during its transfer. The written bill is plain.
func Gzip() Option {
	return func(o *options) error {
		o.tarType = "GZIP"
		return nil
	}
}

// MaxBytes limits the size of the written bill, in bytes. The default is
// [DefaultMaxBytes]. A longer bill is an error, [ErrTooLong].
func MaxBytes(n int64) Option {
	return func(o *options) error {
		if n <= 0 {
			return fmt.Errorf("MaxBytes is %d, want more than 0", n)
		}
		o.maxBytes = n
		return nil
	}
}

func (o *options) set(name string, field *string, value string) error {
	if value == "" {
		return fmt.Errorf("%s is empty; leave it out for the default", name)
	}
	*field = value
	return nil
}

func newOptions(opts []Option) (*options, error) {
	o := &options{maxBytes: DefaultMaxBytes}
	for i, opt := range opts {
		if opt == nil {
			return nil, fmt.Errorf("option %d is nil", i+1)
		}
		if err := opt(o); err != nil {
			return nil, err
		}
	}
	if (o.path == "") == (o.to == nil) {
		return nil, errors.New("choose where to write the bill: either File or To")
	}
	return o, nil
}
