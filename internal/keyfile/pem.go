package keyfile

import (
	"bytes"
	"cmp"
	"crypto/x509"
	"encoding/asn1"
	"encoding/base64"
	"encoding/pem"
	"errors"
	"strings"
	"unicode"
)

const byteOrderMark = "\ufeff"

// decode finds the first PEM block of text. It makes up for what leaves no
// doubt about the key: a byte order mark, indented lines, the two characters \n
// in place of line breaks, and base64 without its PEM lines. The error names
// what else is wrong.
func (r reader) decode(text string) (*pem.Block, error) {
	if err := checkEncoding(text); err != nil {
		return nil, err
	}
	text = strings.TrimPrefix(text, byteOrderMark)
	if !strings.Contains(text, "-----BEGIN") {
		if block := r.decodeBare(text); block != nil {
			return block, nil
		}
		return nil, errNoPEM
	}
	if block, _ := pem.Decode([]byte(text)); block != nil {
		return block, nil
	}
	if err := checkQuotes(text); err != nil {
		return nil, err
	}
	text = breakLines(text)
	if block, _ := pem.Decode([]byte(text)); block != nil {
		return block, nil
	}
	return nil, malformed(text)
}

var errNoPEM = errors.New("no PEM block in it: it starts with -----BEGIN …----- and ends with -----END …-----, on lines of their own")

// breakLines makes line breaks of the characters \n, as an environment variable
// holds them, and removes blanks around lines.
func breakLines(text string) string {
	text = strings.NewReplacer(`\r\n`, "\n", `\n`, "\n").Replace(text)
	var b strings.Builder
	for line := range strings.Lines(text) {
		b.WriteString(strings.Trim(line, " \t\r\n\u00a0") + "\n")
	}
	return b.String()
}

// decodeBare returns the block that text is the base64 of, or nil.
func (r reader) decodeBare(text string) *pem.Block {
	text = strings.Map(func(r rune) rune {
		if unicode.IsSpace(r) {
			return -1
		}
		return r
	}, breakLines(text))
	der, err := base64.StdEncoding.DecodeString(text)
	if err != nil {
		return nil
	}
	if blockType := cmp.Or(typeOf(der), r.typeOf(der)); blockType != "" {
		return &pem.Block{Type: blockType, Bytes: der}
	}
	return nil
}

// typeOf returns the PEM type of a key or a certificate in DER, or "".
func typeOf(der []byte) string {
	if !isDER(der) {
		return ""
	}
	if _, err := x509.ParsePKCS8PrivateKey(der); err == nil {
		return "PRIVATE KEY"
	}
	if _, err := x509.ParsePKCS1PrivateKey(der); err == nil {
		return "RSA PRIVATE KEY"
	}
	if _, err := x509.ParsePKIXPublicKey(der); err == nil {
		return "PUBLIC KEY"
	}
	if _, err := x509.ParsePKCS1PublicKey(der); err == nil {
		return "RSA PUBLIC KEY"
	}
	if _, err := x509.ParseCertificate(der); err == nil {
		return "CERTIFICATE"
	}
	var encrypted struct { // RFC 5958, section 3
		Algorithm struct {
			ID     asn1.ObjectIdentifier
			Params asn1.RawValue
		}
		Data []byte
	}
	if rest, err := asn1.Unmarshal(der, &encrypted); err == nil && len(rest) == 0 {
		return "ENCRYPTED PRIVATE KEY"
	}
	return ""
}

// isDER reports whether data is one sequence of ASN.1 and nothing else.
func isDER(data []byte) bool {
	var v asn1.RawValue
	rest, err := asn1.Unmarshal(data, &v)
	return err == nil && len(rest) == 0 && v.Class == asn1.ClassUniversal && v.Tag == asn1.TagSequence
}

// isPKCS12 reports whether data is DER that starts as a PFX does (RFC 7292,
// section 4).
func isPKCS12(data []byte) bool {
	var pfx struct {
		Version int
		Safe    struct {
			Type    asn1.ObjectIdentifier
			Content asn1.RawValue `asn1:"optional"`
		}
		MAC asn1.RawValue `asn1:"optional"`
	}
	_, err := asn1.Unmarshal(data, &pfx)
	return err == nil && pfx.Version == 3
}

// checkEncoding reports text that is not the bytes of a PEM file at all.
func checkEncoding(text string) error {
	data := []byte(text)
	switch {
	case len(bytes.TrimSpace(data)) == 0 || text == byteOrderMark:
		return errors.New("it is empty, with no PEM block in it")
	case strings.HasPrefix(text, "\xff\xfe"), strings.HasPrefix(text, "\xfe\xff"),
		strings.HasPrefix(text, "-\x00-\x00"), strings.HasPrefix(text, "\x00-\x00-"):
		return errors.New("it is text in UTF-16, with no PEM block in it; save it as UTF-8")
	case isPKCS12(data):
		return errors.New("it is PKCS#12 (.p12 or .pfx), not PEM, with no PEM block in it; keys.PKCS12 loads it")
	case isDER(data):
		return errors.New("it is DER, not PEM, with no PEM block in it; convert it to PEM with openssl and -inform DER")
	}
	return nil
}

func checkQuotes(text string) error {
	for _, quote := range []string{`"`, "'", "`", "“"} {
		if strings.HasPrefix(strings.TrimSpace(text), quote) {
			return errors.New("the PEM is in quotes; leave them out, so that -----BEGIN …----- and -----END …----- are on lines of their own")
		}
	}
	return nil
}

// malformed is the error for text that has a BEGIN, and lines without blanks
// around them, but no block.
func malformed(text string) error {
	text = text[strings.Index(text, "-----BEGIN"):]
	first, _, _ := strings.Cut(text, "\n")
	begin := strings.TrimSuffix(first, "-----")
	switch {
	case !strings.Contains(text, "-----END"):
		return errors.New("the PEM is cut short, with no PEM block in it: -----END …----- is missing")
	case strings.Contains(first, "\r"):
		return errors.New("the lines of the PEM end with CR alone; end them with LF, so that -----BEGIN …----- and -----END …----- are on lines of their own")
	case first == begin || strings.Contains(begin, "-----END"), strings.Contains(begin[len("-----BEGIN"):], "-----"):
		return errors.New("the PEM is folded into one line, its line breaks are lost: -----BEGIN …----- and -----END …----- must be on lines of their own")
	}
	return errNoPEM
}
