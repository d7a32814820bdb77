package platform

import (
	"bytes"

	"github.com/wxchain/wechatpay/signer"
)

// shownBody is how much of a signed body the platform shows, in bytes.
const shownBody = 8

// SignInformation is what the platform shows of the message that it computed
// for a request whose signature does not match.
type SignInformation struct {
	Method    string `json:"method"`
	URL       string `json:"url"`
	Truncated string `json:"truncated_sign_message"`
	Length    int    `json:"sign_message_length"` // in bytes
}

// NewSignInformation shows what a signature of a request should have been
// over, with the body cut short.
func NewSignInformation(method, target string, a Authorization, body []byte) SignInformation {
	message := func(body []byte) []byte {
		return signer.RequestMessage(method, target, a.Timestamp, a.Nonce, body)
	}
	shown := bytes.ToValidUTF8(body[:min(len(body), shownBody)], nil)
	return SignInformation{method, target, string(message(shown)), len(message(body))}
}
