// Package cipher decrypts what the platform encrypts, and encrypts sensitive fields
// for the platform:
//
//   - platform certificates and notifications, with AES-256-GCM and the
//     merchant's APIv3 key ([GCM]);
//   - names, card numbers and other sensitive fields, with RSA-OAEP
//     ([EncryptOAEP], [DecryptOAEP]);
//   - the refund notifications of APIv2, with AES-256-ECB and the merchant's
//     APIv2 key ([EncryptECB], [DecryptECB]).
//
// Errors never quote a key or encrypted text.
package cipher

import "errors"

// ErrDecrypt marks what does not decrypt with the key at hand: the key is
// another than it was encrypted with, or it was changed on the way. The text
// of the error says which key to look at. A ciphertext that is no base64, and
// a key that cannot be one, are other errors.
var ErrDecrypt = errors.New("does not decrypt")
