package bill

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"context"
	"crypto/aes"
	"crypto/cipher"
	"errors"
	"fmt"
	"io"

	"github.com/wxchain/wechatpay"
)

// maxSealed is the size, in bytes, of the longest encrypted file: it is held
// in memory.
const maxSealed = 256 << 20

// opener returns what decrypts a file, or nil for one that is plain.
func (p part) opener(ctx context.Context, client *wechatpay.Client) (func(sealed []byte) ([]byte, error), error) {
	if p.encryptKey == "" {
		return nil, nil
	}
	key, err := client.Decrypt(ctx, p.encryptKey)
	if err != nil {
		return nil, fmt.Errorf("encrypt_key: %w", err)
	}
	if len(key) != 32 {
		return nil, fmt.Errorf("encrypt_key holds a key of %d bytes, AES-256 has 32", len(key))
	}
	// The nonces of bills have 16 bytes, those of all else that the platform
	// encrypts 12.
	if n := len(p.nonce); n != 12 && n != 16 {
		return nil, fmt.Errorf("nonce has %d bytes, want 16", n)
	}
	block, err := aes.NewCipher([]byte(key))
	if err != nil {
		return nil, err
	}
	aead, err := cipher.NewGCMWithNonceSize(block, len(p.nonce))
	if err != nil {
		return nil, err
	}
	return func(sealed []byte) ([]byte, error) {
		plain, err := aead.Open(sealed[:0], []byte(p.nonce), sealed, nil)
		if err != nil {
			return nil, fmt.Errorf("%w: it does not decrypt with the key that came with it; download it again", ErrDamaged)
		}
		return plain, nil
	}, nil
}

// unpack writes the plain file to out: it decrypts the file if open is not nil, and
// decompresses gzip whether it was requested or not.
func unpack(out *output, open func([]byte) ([]byte, error), r io.Reader) error {
	src := &source{r: r}
	err := unpackFrom(out, open, bufio.NewReader(src))
	switch {
	case errors.Is(src.err, io.ErrUnexpectedEOF): // shorter than its Content-Length, or without its last chunk
		return fmt.Errorf("bill: %w: it was cut short: %w; download it again", ErrDamaged, src.err)
	case src.err != nil:
		return src.err
	case err == nil:
		return nil
	case out.err != nil, errors.Is(err, ErrDamaged), errors.Is(err, ErrTooLong):
		return fmt.Errorf("bill: %w", err)
	}
	return fmt.Errorf("bill: %w: %w; download it again", ErrDamaged, err)
}

func unpackFrom(out *output, open func([]byte) ([]byte, error), r *bufio.Reader) error {
	if open != nil {
		sealed, err := readSealed(r, maxSealed)
		if err != nil {
			return err
		}
		plain, err := open(sealed)
		if err != nil {
			return err
		}
		r.Reset(bytes.NewReader(plain))
	}
	if isGzip(r) {
		return gunzip(out, r)
	}
	_, err := io.Copy(out, r)
	return err
}

func readSealed(r io.Reader, most int) ([]byte, error) {
	sealed, err := io.ReadAll(io.LimitReader(r, int64(most)+1))
	if err == nil && len(sealed) > most {
		err = fmt.Errorf("%w: an encrypted file has at most %d bytes; ask for Gzip", ErrTooLong, most)
	}
	return sealed, err
}

// isGzip reports whether what r is about to read starts as gzip does.
func isGzip(r *bufio.Reader) bool {
	magic, _ := r.Peek(2) // what cannot be read, cannot be read later
	return string(magic) == "\x1f\x8b"
}

func gunzip(w io.Writer, r io.Reader) error {
	z, err := gzip.NewReader(r)
	if err == nil {
		_, err = io.Copy(w, z)
	}
	return err
}

// source remembers why it could not be read.
type source struct {
	r   io.Reader
	err error
}

func (s *source) Read(p []byte) (int, error) {
	n, err := s.r.Read(p)
	if err != nil && err != io.EOF {
		s.err = err
	}
	return n, err
}
