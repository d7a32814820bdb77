package platform

import (
	"bytes"

	"github.com/wxchain/wechatpay/signer"
)

// shownBody is how many bytes of a signed body the platform shows.
const shownBody = 8

// SignInformation is the platform's description of the message that it computed
// for a request whose signature does not match.
type SignInformation struct {
	Method    string `json:"method"`
	URL       string `json:"url"`
	Truncated string `json:"truncated_sign_message"`
	Length    int    `json:"sign_message_length"` // in bytes
}

// NewSignInformation describes the message that a request should have signed,
// with the body cut short.
func NewSignInformation(method, target string, a Authorization, body []byte) SignInformation {
	message := func(body []byte) []byte {
		return signer.RequestMessage(method, target, a.Timestamp, a.Nonce, body)
	}
	shown := bytes.ToValidUTF8(body[:min(len(body), shownBody)], nil)
	return SignInformation{method, target, string(message(shown)), len(message(body))}
}
