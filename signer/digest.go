package signer

import (
	"bytes"
	"crypto"
	"crypto/sha256"
	"fmt"
	"io"
)

// maxHeld is how many bytes of a message a [Digest] holds for a key that cannot hash.
const maxHeld = 16 << 20

// A Digest receives the body of a sealed message as a stream.
type Digest struct {
	text   io.Writer // never fails
	serial string
	end    func() error // verifies what text received
}

func newDigest(key crypto.PublicKey, serial string, signature []byte) *Digest {
	d := &Digest{serial: serial}
	switch k := key.(type) {
	case HashVerifier:
		h := k.NewHash()
		d.text, d.end = h, func() error { return k.VerifyHash(h.Sum(nil), signature) }
	case Verifier:
		held := new(held)
		d.text, d.end = held, func() error { return held.verify(k, signature) }
	default:
		h := sha256.New()
		d.text, d.end = h, func() error { return verifyRSA(key, h.Sum(nil), signature) }
	}
	return d
}

// Write adds to the body. It never fails.
func (d *Digest) Write(p []byte) (int, error) { return d.text.Write(p) }

// Verify verifies the signature of everything that was written. The error is a
// [*VerifyError]. Do not write after Verify.
func (d *Digest) Verify() error {
	d.text.Write([]byte{'\n'})
	return mismatch(d.end(), d.serial)
}

// held is a message that is verified as a whole.
type held struct {
	buf  bytes.Buffer
	long bool
}

func (h *held) Write(p []byte) (int, error) {
	if h.long = h.long || len(p) > maxHeld-h.buf.Len(); h.long {
		h.buf = bytes.Buffer{}
		return len(p), nil
	}
	return h.buf.Write(p)
}

func (h *held) verify(v Verifier, signature []byte) error {
	if h.long {
		return fmt.Errorf("the message is longer than the %d bytes that are held for a key that is not a signer.HashVerifier", maxHeld)
	}
	return v.Verify(h.buf.Bytes(), signature)
}
