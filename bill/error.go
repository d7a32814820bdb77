package bill

import (
	"errors"
	"net/url"
	"strings"
)

var (
	// ErrDamaged is the error for a damaged file: it is incomplete, its hash is
	// wrong, or it cannot be decompressed or decrypted.
	ErrDamaged = errors.New("the file is damaged")
	// ErrTooLong is the error for a file longer than [MaxBytes] allows.
	ErrTooLong = errors.New("the file is too long")
)

var (
	errNoAmount = errors.New("is not an amount in yuan, such as 12.34")
	errFraction = errors.New("has a fraction of a fen")
)

// hidden is an error whose text was cleared of secrets.
type hidden struct {
	text string
	err  error
}

func (h *hidden) Error() string { return h.text }

func (h *hidden) Unwrap() error { return h.err }

// hide keeps the query of a download_url, and the token in it, out of the text
// of an error: it opens the file to whoever has a key of the merchant. A
// SIGN_ERROR, for one, shows what was signed.
func (p part) hide(err error) error {
	text := err.Error()
	hide := func(secret string) {
		if len(secret) >= minSecret {
			text = strings.ReplaceAll(text, secret, "…")
		}
	}
	hide(p.query)
	for pair := range strings.SplitSeq(p.query, "&") {
		_, value, _ := strings.Cut(pair, "=")
		hide(value)
		if plain, err := url.QueryUnescape(value); err == nil {
			hide(plain)
		}
	}
	return &hidden{text, err}
}

// minSecret is the length of the shortest value that may be secret: tartype is
// "gzip".
const minSecret = 8
