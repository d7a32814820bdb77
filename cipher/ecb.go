package cipher

import (
	"bytes"
	"crypto/aes"
	stdcipher "crypto/cipher"
	"crypto/md5"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
)

// DecryptECB decrypts the req_info of an APIv2 refund notification, in base64, with
// the APIv2 key, which has 32 bytes. With a wrong key the error is [ErrDecrypt],
// except that about one text in 256 decrypts to garbage. So check that the result is
// XML, as package notify does. req_info has no signature, and its decryption does not
// prove that it is unchanged: query the refund before money or goods depend on it.
//
// See https://pay.weixin.qq.com/wiki/doc/api/jsapi.php?chapter=9_16.
func DecryptECB(apiv2Key, reqInfo string) ([]byte, error) {
	block, err := blockECB(apiv2Key)
	if err != nil {
		return nil, err
	}
	text, err := base64.StdEncoding.DecodeString(reqInfo)
	if err != nil {
		return nil, errors.New("req_info is not base64")
	}
	if len(text)%aes.BlockSize == 0 {
		for i := 0; i < len(text); i += aes.BlockSize {
			block.Decrypt(text[i:], text[i:])
		}
		if text, ok := unpad(text); ok {
			return text, nil
		}
	}
	return nil, fmt.Errorf("req_info %w: the APIv2 key is most likely not the merchant's; "+
		"use the one set in the merchant platform's account center, under API security", ErrDecrypt)
}

// EncryptECB encrypts text as the platform does for the req_info of an APIv2
// refund notification, for sandboxes and tests. The result is base64.
func EncryptECB(apiv2Key string, text []byte) (string, error) {
	block, err := blockECB(apiv2Key)
	if err != nil {
		return "", err
	}
	n := aes.BlockSize - len(text)%aes.BlockSize
	padded := append(bytes.Clone(text), bytes.Repeat([]byte{byte(n)}, n)...)
	for i := 0; i < len(padded); i += aes.BlockSize {
		block.Encrypt(padded[i:], padded[i:])
	}
	return base64.StdEncoding.EncodeToString(padded), nil
}

// blockECB makes the cipher of an APIv2 key: its key is not that one, but the
// lower-case hexadecimal digits of its MD5.
func blockECB(apiv2Key string) (stdcipher.Block, error) {
	if len(apiv2Key) != keySize {
		return nil, fmt.Errorf("APIv2 key has %d bytes, want %d: set it in the merchant platform's account center, under API security", len(apiv2Key), keySize)
	}
	sum := md5.Sum([]byte(apiv2Key))
	block, err := aes.NewCipher([]byte(hex.EncodeToString(sum[:])))
	if err != nil {
		return nil, fmt.Errorf("APIv2 key: %w", err)
	}
	return block, nil
}

// unpad takes off the padding of PKCS#7.
func unpad(text []byte) ([]byte, bool) {
	if len(text) == 0 {
		return nil, false
	}
	n := int(text[len(text)-1])
	if n == 0 || n > aes.BlockSize {
		return nil, false
	}
	padding := bytes.Repeat([]byte{byte(n)}, n)
	return bytes.CutSuffix(text, padding)
}
