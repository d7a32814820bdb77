package bill

import (
	"errors"
	"fmt"
	"io"
	"reflect"
)

// An Option says what to download, or where to.
type Option func(*options) error

type options struct {
	path                            string
	to                              io.Writer
	billType, accountType, subMchID string
	tarType                         string
	maxBytes                        int64
}

// DefaultMaxBytes is the size, in bytes, of the longest bill that is written
// when [MaxBytes] says nothing: twice that at which the platform splits one.
const DefaultMaxBytes = 32 << 30

// File writes the bill to the file at a path, for its owner alone (mode 0600).
// It is there once it is whole and its hash holds, and in the place of what was
// there; until then, and when the download fails, that stays as it is.
func File(path string) Option {
	return func(o *options) error {
		if path == "" {
			return errors.New("the path of File is empty")
		}
		o.path = path
		return nil
	}
}

// To writes the bill to w as it arrives. When [Download] fails, what w got is
// not to be used.
func To(w io.Writer) Option {
	return func(o *options) error {
		if rv := reflect.ValueOf(w); !rv.IsValid() || rv.Kind() == reflect.Pointer && rv.IsNil() {
			return errors.New("the writer of To is nil")
		}
		o.to = w
		return nil
	}
}

// BillType asks for "ALL" of a trade bill, the default, or for the "SUCCESS" or
// "REFUND" part of it.
func BillType(t string) Option {
	return func(o *options) error { return o.set("BillType", &o.billType, t) }
}

// AccountType names the account of a fund-flow bill: "BASIC", the default,
// "OPERATION" or "FEES"; of sub-merchants "DEPOSIT", too. An
// [EcommerceFundFlow] bill is of "ALL".
func AccountType(t string) Option {
	return func(o *options) error { return o.set("AccountType", &o.accountType, t) }
}

// SubMchID asks for the bill of one sub-merchant.
func SubMchID(mchid string) Option {
	return func(o *options) error { return o.set("SubMchID", &o.subMchID, mchid) }
}

// Gzip asks for the bill compressed on its way. What is written is plain.
func Gzip() Option {
	return func(o *options) error {
		o.tarType = "GZIP"
		return nil
	}
}

// MaxBytes is the size, in bytes, of the longest bill that is written, in the
// place of [DefaultMaxBytes]. A longer one is an error, [ErrTooLong].
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
		return nil, errors.New("say where the bill goes: either File or To")
	}
	return o, nil
}
