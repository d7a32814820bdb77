// Package cipher decrypts what the platform encrypts, and encrypts sensitive fields
// for the platform:
//
//   - platform certificates and notifications, with AES-256-GCM and the
//     merchant's APIv3 key ([GCM]), or with the cipher of another suite
//     ([NewGCMOf]);
//   - names, card numbers and other sensitive fields, with RSA-OAEP
//     ([EncryptOAEP], [DecryptOAEP]), or with the key's own suite ([Encrypt]);
//   - the refund notifications of APIv2, with AES-256-ECB and the merchant's
//     APIv2 key ([EncryptECB], [DecryptECB]).
//
// Errors never quote a key or encrypted text.
package cipher

import "errors"

// ErrDecrypt marks text that does not decrypt with the given key: it was encrypted
// with another key, or it was changed. The error says which key to check. A
// ciphertext that is not base64, and an invalid key, are other errors.
var ErrDecrypt = errors.New("does not decrypt")
