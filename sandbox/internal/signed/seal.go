package signed

import (
	"bytes"
	"context"
	"crypto"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/hex"
	"math/big"

	"github.com/wxchain/wechatpay/sandbox/internal/party"
	"github.com/wxchain/wechatpay/signer"
)

// A seal is a signature that is compared with texts. One by RSA shows the hash of the
// text that was signed; others can only be verified.
type seal struct {
	m         party.Caller
	signature []byte
	readable  bool // it is by RSA
	opens     bool // it was made with the private key of the merchant's certificate
	hash      crypto.Hash
	digest    []byte
}

func sealOf(m party.Caller, signature []byte) seal {
	s := seal{m: m, signature: signature}
	key, ok := m.Certificate.PublicKey.(*rsa.PublicKey)
	if !ok {
		return s
	}
	s.readable = true
	c := new(big.Int).SetBytes(signature)
	if len(signature) != key.Size() || c.Cmp(key.N) >= 0 {
		return s
	}
	opened := c.Exp(c, big.NewInt(int64(key.E)), key.N).FillBytes(make([]byte, key.Size()))
	s.hash, s.digest, s.opens = unpad(opened)
	return s
}

// The heads of the hashes in a signature by PKCS #1 v1.5 (RFC 8017, section 9.2).
var heads = map[crypto.Hash]string{
	crypto.SHA256: "3031300d060960864801650304020105000420",
	crypto.SHA1:   "3021300906052b0e03021a05000414",
	crypto.SHA512: "3051300d060960864801650304020305000440",
	crypto.MD5:    "3020300c06082a864886f70d020505000410",
}

// unpad returns the hash in an opened signature by PKCS #1 v1.5.
func unpad(opened []byte) (hash crypto.Hash, digest []byte, ok bool) {
	rest, ok := bytes.CutPrefix(opened, []byte{0, 1})
	if !ok {
		return 0, nil, false
	}
	rest = bytes.TrimLeft(rest, "\xff")
	rest, ok = bytes.CutPrefix(rest, []byte{0})
	if !ok {
		return 0, nil, false
	}
	for hash, head := range heads {
		prefix, _ := hex.DecodeString(head) // written here
		if digest, found := bytes.CutPrefix(rest, prefix); found && len(digest) == hash.Size() {
			return hash, digest, true
		}
	}
	return 0, nil, true
}

// fits reports whether the signature is one of a text.
func (s seal) fits(text []byte) bool {
	switch {
	case !s.readable:
		return signer.Verify(context.Background(), s.m.Keys, s.m.SerialNo, text, s.signature) == nil
	case s.hash == crypto.SHA256:
		sum := sha256.Sum256(text)
		return bytes.Equal(sum[:], s.digest)
	}
	return false
}

// maxEffort is how much is tried, in bytes that are hashed.
const maxEffort = 64 << 20

// effort returns what comparing with a text costs.
func (s seal) effort(text []byte) int {
	if !s.readable {
		return len(text) + maxEffort/1000
	}
	return len(text)
}

// why returns why the signature does not match.
func (s seal) why() string {
	if s.readable && s.hash != crypto.SHA256 {
		return "The key is right, but the hash is not SHA-256."
	}
	if s.readable {
		return "The key is right, but another text was signed."
	}
	return "Another text was signed, or with another key."
}
