// Package request provides the middleware that checks, encrypts and records the
// requests of commands.
package request

import (
	"github.com/wxchain/wechatpay"
	"github.com/wxchain/wechatpay/cmd/wxpay/internal/shared/settings"
	"github.com/wxchain/wechatpay/middleware"
	"github.com/wxchain/wechatpay/openapi"
	"github.com/wxchain/wechatpay/signer"
)

// Encrypt is the name of the middleware that encrypts fields.
const Encrypt = "encrypt"

// Checked adds two middlewares to a stack: one checks a call, unless noValidate
// is set, and one encrypts its fields.
func Checked(noValidate bool) settings.EditStack {
	return func(p wechatpay.Protocol, stack *middleware.Stack, platformKeys signer.PublicKeys) error {
		if !noValidate {
			if err := stack.Before(middleware.NameSigner, "validate", openapi.Validate()); err != nil {
				return err
			}
		}
		if p == wechatpay.APIv2 {
			return nil
		}
		return stack.Before(middleware.NameSigner, Encrypt, openapi.EncryptSensitive(platformKeys))
	}
}
