package cipher

import (
	"bytes"
	"crypto/aes"
	stdcipher "crypto/cipher"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
)

// AlgorithmGCM is what the platform calls AES-256-GCM.
const AlgorithmGCM = "AEAD_AES_256_GCM"

const (
	keySize   = 32 // of APIv3 and APIv2 keys, in bytes
	nonceSize = 12
)

// Sealed is encrypted text in the platform's JSON: the resource of a notification,
// or the encrypt_certificate of a platform certificate.
type Sealed struct {
	Algorithm      string `json:"algorithm"`       // AlgorithmGCM, or that of another suite
	Ciphertext     string `json:"ciphertext"`      // in base64, with the tag at its end
	AssociatedData string `json:"associated_data"` // may be empty
	Nonce          string `json:"nonce"`           // 12 bytes
}

// GCM decrypts and encrypts with an APIv3 key. Make one with [NewGCM] or [NewGCMOf] and
// keep it. It is safe for concurrent use. Printing it shows no secret.
//
// See https://pay.weixin.qq.com/doc/v3/merchant/4012071382.
type GCM struct {
	algorithm string
	aead      stdcipher.AEAD
	others    []stdcipher.AEAD // with other keys, which open too
}

// NewGCM returns a GCM for an APIv3 key, which has 32 bytes.
func NewGCM(apiv3Key string) (*GCM, error) {
	if err := checkAPIv3Key(apiv3Key); err != nil {
		return nil, err
	}
	block, err := aes.NewCipher([]byte(apiv3Key))
	if err != nil {
		return nil, fmt.Errorf("APIv3 key: %w", err)
	}
	aead, err := stdcipher.NewGCM(block)
	if err != nil {
		return nil, fmt.Errorf("APIv3 key: %w", err)
	}
	return &GCM{algorithm: AlgorithmGCM, aead: aead}, nil
}

// A Sealer makes the cipher of a suite other than RSA from an APIv3 key. Every
// signer.Suite is one.
type Sealer interface {
	// AEAD returns the cipher and the platform's name for it. Its nonces have 12
	// bytes.
	AEAD(apiv3Key string) (algorithm string, aead stdcipher.AEAD, err error)
}

// NewGCMOf does what [NewGCM] does, with the cipher of a suite. With a nil suite it is
// NewGCM. While a merchant changes its APIv3 key, others are its other keys: they open
// what apiv3Key does not open. An other that is "" is ignored.
func NewGCMOf(suite Sealer, apiv3Key string, others ...string) (*GCM, error) {
	g, err := newGCMOf(suite, apiv3Key)
	for _, key := range others {
		if key == "" || err != nil {
			continue
		}
		var other *GCM
		if other, err = newGCMOf(suite, key); err == nil {
			g.others = append(g.others, other.aead)
		} else {
			err = fmt.Errorf("the other %w", err)
		}
	}
	if err != nil {
		return nil, err
	}
	return g, nil
}

func newGCMOf(suite Sealer, apiv3Key string) (*GCM, error) {
	if suite == nil {
		return NewGCM(apiv3Key)
	}
	if err := checkAPIv3Key(apiv3Key); err != nil {
		return nil, err
	}
	algorithm, aead, err := suite.AEAD(apiv3Key)
	if err != nil {
		return nil, fmt.Errorf("APIv3 key: %w", err)
	}
	if n := aead.NonceSize(); n != nonceSize {
		return nil, fmt.Errorf("%s has nonces of %d bytes, want %d", algorithm, n, nonceSize)
	}
	return &GCM{algorithm: algorithm, aead: aead}, nil
}

func checkAPIv3Key(apiv3Key string) error {
	if len(apiv3Key) != keySize {
		return fmt.Errorf("APIv3 key has %d bytes, want %d: set it in the merchant platform's account center, under API security", len(apiv3Key), keySize)
	}
	return nil
}

// Algorithm returns the platform's name for the cipher, such as [AlgorithmGCM].
func (g *GCM) Algorithm() string { return g.algorithm }

// Open decrypts s. The error is [ErrDecrypt] if s was encrypted with another key or
// was changed.
func (g *GCM) Open(s Sealed) ([]byte, error) {
	if err := g.check(s.Nonce); err != nil {
		return nil, err
	}
	if s.Algorithm != g.algorithm {
		return nil, fmt.Errorf("algorithm is %.40q, want %q", s.Algorithm, g.algorithm)
	}
	// One buffer for all, so that there is one allocation: the ciphertext,
	// which the text takes the place of, then nonce and associated data.
	size := base64.StdEncoding.DecodedLen(len(s.Ciphertext))
	buf := make([]byte, 0, size+len(s.Nonce)+len(s.AssociatedData))
	buf, err := base64.StdEncoding.AppendDecode(buf, []byte(s.Ciphertext))
	if err != nil {
		return nil, errors.New("ciphertext is not base64")
	}
	n := len(buf)
	buf = append(append(buf, s.Nonce...), s.AssociatedData...)
	nonce, associatedData := buf[n:n+nonceSize], buf[n+nonceSize:]
	ciphertext := buf[:n]
	if len(g.others) > 0 {
		ciphertext = bytes.Clone(ciphertext) // a key that does not open it may overwrite buf
	}
	text, err := g.aead.Open(buf[:0], nonce, ciphertext, associatedData)
	for _, other := range g.others {
		if err == nil {
			break
		}
		text, err = other.Open(buf[:0], nonce, ciphertext, associatedData)
	}
	if err != nil {
		return nil, fmt.Errorf("ciphertext %w: the APIv3 key is most likely not the merchant's; "+
			"use the one set in the merchant platform's account center, under API security", ErrDecrypt)
	}
	return text[:len(text):len(text)], nil
}

// Seal encrypts text as the platform does, for sandboxes and tests. The nonce has 12
// bytes. Never use a nonce twice with one key: anybody who sees both ciphertexts
// could forge others.
func (g *GCM) Seal(text []byte, nonce, associatedData string) (Sealed, error) {
	if err := g.check(nonce); err != nil {
		return Sealed{}, err
	}
	ciphertext := g.aead.Seal(make([]byte, 0, len(text)+g.aead.Overhead()), []byte(nonce), text, []byte(associatedData))
	return Sealed{
		Algorithm:      g.algorithm,
		Ciphertext:     base64.StdEncoding.EncodeToString(ciphertext),
		AssociatedData: associatedData,
		Nonce:          nonce,
	}, nil
}

func (g *GCM) check(nonce string) error {
	if g == nil || g.aead == nil {
		return errors.New("GCM has no APIv3 key: make it with NewGCM")
	}
	if len(nonce) != nonceSize {
		return fmt.Errorf("nonce has %d bytes, want %d", len(nonce), nonceSize)
	}
	return nil
}

// Format prints a name and not the key, whatever the verb.
func (g *GCM) Format(f fmt.State, _ rune) { io.WriteString(f, "cipher.GCM") }
