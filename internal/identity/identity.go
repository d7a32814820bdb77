// Package identity checks merchant numbers, serial numbers and key ids. Its
// errors follow the name of a field, as in "MchID is missing".
package identity

import (
	"errors"
	"fmt"
	"strings"

	"github.com/wxchain/wechatpay/internal/quote"
)

// maxSerialNo is the largest number of hexadecimal digits of a serial number: 20
// bytes, by RFC 5280, section 4.1.2.2.
const maxSerialNo = 40

// maxKeyID is the largest number of characters of a platform public key's id.
// Current ids have 39.
const maxKeyID = 64

// CheckMchID returns an error if mchID cannot be a merchant's number.
func CheckMchID(mchID string) error {
	if err := checkHeaderValue(mchID); err != nil {
		return err
	}
	switch lower := strings.ToLower(mchID); {
	case strings.HasPrefix(lower, "wx"), strings.HasPrefix(lower, "ww"):
		return fmt.Errorf("%s is an appid; the merchant's number is made of digits, such as 1900000109", quote.Setting(mchID))
	case strings.Trim(mchID, "0123456789") != "":
		return fmt.Errorf("%s is not made of digits, as a merchant's number is, such as 1900000109", quote.Setting(mchID))
	}
	return nil
}

// CheckSerialNo returns an error if serial can be neither a serial number, in
// hexadecimal as the platform writes it, nor the id of a platform public key.
func CheckSerialNo(serial string) error {
	const hexadecimal = "write it in upper-case hexadecimal, as keys.SerialNo returns it"
	lower := strings.ToLower(serial)
	switch {
	case strings.Contains(serial, ":"):
		return fmt.Errorf("%s has colons; %s", quote.Setting(serial), hexadecimal)
	case strings.HasPrefix(lower, "0x"):
		return fmt.Errorf("%s starts with 0x; %s", quote.Setting(serial), hexadecimal)
	case strings.HasPrefix(lower, "serial="):
		return fmt.Errorf("%s starts with serial=; leave that out", quote.Setting(serial))
	case len(serial) > maxSerialNo && strings.Trim(serial, "0123456789") == "":
		return fmt.Errorf("has %d digits and no letter, so it is decimal; %s", len(serial), hexadecimal)
	}
	if err := checkHeaderValue(serial); err != nil {
		return err
	}
	most := maxSerialNo
	if strings.HasPrefix(lower, "pub_key_id_") {
		most = maxKeyID
	}
	if len(serial) > most {
		return fmt.Errorf("%s has %d characters, a serial number has at most %d", quote.Setting(serial), len(serial), most)
	}
	return nil
}

// checkHeaderValue checks a value that stands between quotes in a header.
func checkHeaderValue(s string) error {
	if s == "" {
		return errors.New("is missing")
	}
	for _, r := range s {
		bad := ""
		switch {
		case r == '\n' || r == '\r':
			bad = "a line break"
		case r == ' ' || r == '\t':
			bad = "a blank"
		case r < ' ' || r == 0x7f:
			bad = "a control character"
		case r > 0x7f:
			bad = "a character beyond ASCII"
		case strings.ContainsRune(`",\`, r):
			bad = fmt.Sprintf("the character %c", r)
		default:
			continue
		}
		return fmt.Errorf("%s has %s, which it cannot have", quote.Setting(s), bad)
	}
	return nil
}
