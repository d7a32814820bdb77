package wechatpay

import (
	"bytes"
	"context"
	"crypto"
	"crypto/rand"
	"database/sql/driver"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"reflect"
	"strings"

	"github.com/wxchain/wechatpay/cipher"
	"github.com/wxchain/wechatpay/internal/stringify"
)

// A Secret is text that is sent encrypted, such as a name or the number of a bank
// account. Anywhere in a JSON body, wechatpay.Secret("张三") becomes its ciphertext in
// base64. The platform's current key encrypts it, with RSA-OAEP if the key is RSA, and
// the header Wechatpay-Serial names that key. A field of a struct may have this type. An
// empty Secret is sent as "", and omitempty and omitzero leave it out. A Secret
// cannot be the key of a map.
//
// Printing or logging a Secret does not show its text. Writing it elsewhere is an
// error with encoding/gob, encoding/xml, package database/sql and every codec
// that asks for encoding.TextMarshaler or encoding.BinaryMarshaler. Two gaps
// remain, because a Go type cannot close them. Package fmt prints the text of a
// Secret in an unexported field of a struct, so export the field. A codec that
// does not call the methods of a value sees a string, as encoding/json does for
// the key of a map and encoding/asn1 does everywhere.
//
// https://pay.weixin.qq.com/doc/v3/merchant/4013053257
type Secret string

const (
	// shownSecret is printed in place of a Secret. In a body it would mark a
	// Secret that nobody encrypted.
	shownSecret = "(wechatpay.Secret)"
	// concealed starts a Secret that holds the token for its ciphertext. It is
	// not UTF-8, so no valid text starts with it.
	concealed = "\xff"
)

// String returns a placeholder that shows nothing of the text.
func (Secret) String() string { return shownSecret }

// Format prints the placeholder for every verb.
func (Secret) Format(f fmt.State, _ rune) { io.WriteString(f, shownSecret) }

// LogValue returns the placeholder, for package log/slog.
func (Secret) LogValue() slog.Value { return slog.StringValue(shownSecret) }

// MarshalJSON shows only whether the Secret is empty. A call encrypts the Secrets
// of its body itself.
func (s Secret) MarshalJSON() ([]byte, error) {
	if s == "" {
		return []byte(`""`), nil
	}
	if token, ok := strings.CutPrefix(string(s), concealed); ok {
		return json.Marshal(token)
	}
	return json.Marshal(shownSecret)
}

var errSecret = errors.New("a Secret can be in a JSON body alone, where it is encrypted")

// MarshalText returns an error, because the text would not be encrypted.
func (Secret) MarshalText() ([]byte, error) { return nil, errSecret }

// MarshalBinary returns an error, as MarshalText does.
func (Secret) MarshalBinary() ([]byte, error) { return nil, errSecret }

// Value returns an error, because a database would keep the plain text.
func (Secret) Value() (driver.Value, error) { return nil, errSecret }

// secrets holds the Secrets of a body by their tokens. A token stands for a
// Secret until the encryption key is known.
type secrets struct{ byToken map[string]string }

// conceal returns the token for a Secret.
func (s *secrets) conceal(text Secret) (token string, err error) {
	switch {
	case s == nil:
		return "", errSecret
	case text == "": // an encrypted empty text would pass for a value
		return "", nil
	}
	if err := stringify.Check(string(text)); err != nil {
		return "", err
	}
	if s.byToken == nil {
		s.byToken = make(map[string]string)
	}
	token = rand.Text()
	s.byToken[token] = string(text)
	return token, nil
}

// concealAll returns a copy of a value with every Secret in it concealed.
func (s *secrets) concealAll(rv reflect.Value, depth int) (reflect.Value, error) {
	if depth > maxDepth {
		return rv, errors.New("it is nested too deep, or holds itself")
	}
	if rv.IsValid() && rv.Type() == secretType {
		if rv.Len() == 0 { // so that omitempty and omitzero see it
			return rv, nil
		}
		token, err := s.conceal(Secret(rv.String()))
		return reflect.ValueOf(Secret(concealed + token)), err
	}
	switch rv.Kind() {
	case reflect.Pointer, reflect.Interface, reflect.Map, reflect.Slice:
		if rv.IsNil() {
			return rv, nil
		}
	}
	switch rv.Kind() {
	case reflect.Pointer:
		dup := reflect.New(rv.Type().Elem())
		return dup, s.concealInto(dup.Elem(), rv.Elem(), depth+1)
	case reflect.Interface:
		return s.concealAll(rv.Elem(), depth+1)
	case reflect.Struct:
		dup := reflect.New(rv.Type()).Elem()
		dup.Set(rv)
		return dup, s.concealFields(dup, rv, depth+1)
	case reflect.Map:
		dup := reflect.MakeMapWithSize(rv.Type(), rv.Len())
		return dup, s.concealEntries(dup, rv, depth+1)
	case reflect.Slice:
		dup := reflect.MakeSlice(rv.Type(), rv.Len(), rv.Len())
		return dup, s.concealElements(dup, rv, depth+1)
	case reflect.Array:
		dup := reflect.New(rv.Type()).Elem()
		return dup, s.concealElements(dup, rv, depth+1)
	}
	return rv, nil
}

// concealInto sets dst to src with every Secret in it concealed.
func (s *secrets) concealInto(dst, src reflect.Value, depth int) error {
	v, err := s.concealAll(src, depth)
	if err == nil && v.IsValid() {
		dst.Set(v)
	}
	return err
}

// concealFields conceals the exported fields of a struct.
func (s *secrets) concealFields(dst, src reflect.Value, depth int) error {
	for i := range src.NumField() {
		if !src.Type().Field(i).IsExported() {
			continue
		}
		if err := s.concealInto(dst.Field(i), src.Field(i), depth); err != nil {
			return err
		}
	}
	return nil
}

// concealEntries conceals the values of a map.
func (s *secrets) concealEntries(dst, src reflect.Value, depth int) error {
	for key, value := range src.Seq2() {
		v := reflect.New(src.Type().Elem()).Elem()
		if err := s.concealInto(v, value, depth); err != nil {
			return err
		}
		dst.SetMapIndex(key, v)
	}
	return nil
}

// concealElements conceals the elements of a slice or an array.
func (s *secrets) concealElements(dst, src reflect.Value, depth int) error {
	for i := range src.Len() {
		if err := s.concealInto(dst.Index(i), src.Index(i), depth); err != nil {
			return err
		}
	}
	return nil
}

var (
	secretType    = reflect.TypeFor[Secret]()
	jsonMarshaler = reflect.TypeFor[json.Marshaler]()
)

// hasSecretKey reports whether a value that encoding/json has written contains a
// map with Secrets as keys. The package writes such keys in plain text.
func hasSecretKey(rv reflect.Value) bool {
	switch rv.Kind() {
	case reflect.Pointer, reflect.Interface:
		return !rv.IsNil() && hasSecretKey(rv.Elem())
	case reflect.Struct, reflect.Map, reflect.Slice, reflect.Array:
	default:
		return false
	}
	if t := rv.Type(); t.Implements(jsonMarshaler) || stringify.IsMarshaler(t) || reflect.PointerTo(t).Implements(jsonMarshaler) {
		return false // it encodes itself, and its contents may be cyclic
	}
	switch rv.Kind() {
	case reflect.Struct:
		return anyFieldHasSecretKey(rv)
	case reflect.Map:
		if rv.Type().Key() == secretType {
			return true
		}
		for _, value := range rv.Seq2() {
			if hasSecretKey(value) {
				return true
			}
		}
		return false
	}
	return anyElementHasSecretKey(rv)
}

// anyFieldHasSecretKey looks at the fields of a struct that encoding/json writes.
func anyFieldHasSecretKey(rv reflect.Value) bool {
	for i := range rv.NumField() {
		f := rv.Type().Field(i)
		if (f.IsExported() || f.Anonymous) && f.Tag.Get("json") != "-" && hasSecretKey(rv.Field(i)) {
			return true
		}
	}
	return false
}

// anyElementHasSecretKey looks at the elements of a slice or an array, unless
// they are of a kind that holds nothing.
func anyElementHasSecretKey(rv reflect.Value) bool {
	switch rv.Type().Elem().Kind() {
	case reflect.Struct, reflect.Map, reflect.Slice, reflect.Array, reflect.Pointer, reflect.Interface:
	default:
		return false
	}
	for i := range rv.Len() {
		if hasSecretKey(rv.Index(i)) {
			return true
		}
	}
	return false
}

// encrypt replaces the tokens in a body with the ciphertexts.
func (s *secrets) encrypt(body []byte, key crypto.PublicKey) ([]byte, error) {
	for token, text := range s.byToken {
		if !bytes.Contains(body, []byte(token)) {
			continue // a later option replaced it
		}
		ciphertext, err := cipher.Encrypt(key, text)
		if err != nil {
			return nil, fmt.Errorf("a Secret cannot be encrypted: %w", err)
		}
		body = bytes.ReplaceAll(body, []byte(token), []byte(ciphertext))
	}
	return body, nil
}

// Decrypt decrypts a field, in base64, that the platform encrypted for the
// merchant API certificate in an answer or a notification. The private key may be
// in an HSM or a KMS that decrypts (crypto.Decrypter, RSA-OAEP with SHA-1). If
// Config.Signer is a [signer.Suite], it decrypts in place of the private key. The
// error wraps [cipher.ErrDecrypt] if the field was encrypted for another
// certificate, and [ErrConfig] if the client lacks a key that decrypts.
//
// https://pay.weixin.qq.com/doc/v3/merchant/4013053265
func (c *Client) Decrypt(ctx context.Context, ciphertext string) (string, error) {
	if err := ctx.Err(); err != nil {
		return "", &fault{what: "Decrypt", err: err}
	}
	text, err := c.decrypt(ctx, ciphertext)
	if err != nil {
		return "", &fault{what: "Decrypt", err: err}
	}
	return text, nil
}

// Decrypt decrypts the field at a gjson path, as [Client.Decrypt] does.
func (r *Response) Decrypt(path string) (string, error) {
	field := r.Get(path)
	if !field.Exists() {
		return "", fmt.Errorf("wechatpay: Decrypt: the answer has no field %q", path)
	}
	if r.decrypt == nil {
		return "", errors.New("wechatpay: Decrypt: this Response was not returned by a client")
	}
	text, err := r.decrypt(context.Background(), field.String())
	if err != nil {
		return "", fmt.Errorf("wechatpay: Decrypt: field %q: %w", path, err)
	}
	return text, nil
}
