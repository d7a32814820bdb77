// Package seal reads the headers of a platform signature from flags.
package seal

import (
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/wxchain/wechatpay/cmd/wxpay/internal/shared/lang"
	"github.com/wxchain/wechatpay/cmd/wxpay/internal/shared/read"
	"github.com/wxchain/wechatpay/cmd/wxpay/internal/shared/term"
)

// Flags are the flags that give the headers of a message.
type Flags struct {
	Headers     []string // each written as Name: value
	headersFile string
	anyTime     bool
}

// sealHeaders are the headers that carry a platform signature.
var sealHeaders = [...]string{"Wechatpay-Timestamp", "Wechatpay-Nonce", "Wechatpay-Serial", "Wechatpay-Signature"}

const maxHeaders = 64 << 10 // bytes

// Bind adds the flags to cmd.
func (f *Flags) Bind(cmd *cobra.Command) {
	cmd.Flags().StringArrayVarP(&f.Headers, "header", "H", nil, "a header of the message, 'Name: value'; may be repeated")
	cmd.Flags().StringVar(&f.headersFile, "headers", "", "file with the headers of the message, one per line")
	cmd.Flags().BoolVar(&f.anyTime, "any-time", false, "accept any timestamp, even an old one")
}

// Header returns the headers that carry the signature.
func (f Flags) Header() (http.Header, error) {
	h := make(http.Header)
	if err := f.AddHeader(h); err != nil {
		return nil, err
	}
	return h, CheckSeal(h)
}

// AddHeader adds the headers from the flags to h.
func (f Flags) AddHeader(h http.Header) error {
	if f.headersFile != "" {
		text, err := read.File(f.headersFile, maxHeaders)
		if err != nil {
			return err
		}
		for line := range strings.Lines(string(text)) {
			// Ignore other lines, such as the status line.
			if name, value, ok := strings.Cut(line, ":"); ok {
				h.Add(strings.TrimSpace(name), strings.TrimSpace(value))
			}
		}
	}
	for _, line := range f.Headers {
		name, value, ok := strings.Cut(line, ":")
		if !ok {
			return lang.Errorf("-H %q is not a header, such as 'Wechatpay-Nonce: c5ac7061fccab6bf3e254dcf98995b8c'", term.Cut(line))
		}
		h.Set(strings.TrimSpace(name), strings.TrimSpace(value))
	}
	return nil
}

// CheckSeal checks that each header of the signature is present exactly once.
func CheckSeal(h http.Header) error {
	var missing []string
	for _, name := range sealHeaders {
		switch len(h.Values(name)) {
		case 0:
			missing = append(missing, name)
		case 1:
		default:
			return lang.Errorf("header %s is given twice; are these the headers of one message?", name)
		}
	}
	if len(missing) > 0 {
		return lang.Errorf("missing: %s; give them with -H or --headers", lang.Words(missing))
	}
	return nil
}

// Now returns the time at which the signature must be valid.
func (f Flags) Now(h http.Header) time.Time {
	if seconds, err := strconv.ParseInt(h.Get("Wechatpay-Timestamp"), 10, 64); err == nil && f.anyTime {
		return time.Unix(seconds, 0)
	}
	return time.Now()
}
