// Package request has the middleware that checks, encrypts and records the
// requests of commands.
package request

import (
	"github.com/wxchain/wechatpay"
	"github.com/wxchain/wechatpay/cmd/wxpay/internal/shared/settings"
	"github.com/wxchain/wechatpay/middleware"
	"github.com/wxchain/wechatpay/openapi"
	"github.com/wxchain/wechatpay/signer"
)

// Encrypt is the name in a stack of what encrypts fields.
const Encrypt = "encrypt"

// Checked adds to a stack what checks a call, unless noValidate, and what
// encrypts its fields.
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
