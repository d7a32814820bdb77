package settings

import (
	"context"
	"crypto"

	"github.com/wxchain/wechatpay/cmd/wxpay/internal/shared/lang"
	"github.com/wxchain/wechatpay/signer"
)

// certificateAtHand stands for the serial number of the platform's certificate
// when nothing is sent, because the certificate is not downloaded then.
const certificateAtHand = "THE-SERIAL-OF-THE-PLATFORM-CERTIFICATE"

// platformKeysAtHand are the platform's keys that are known without the
// network.
func (s *Settings) platformKeysAtHand() (signer.PublicKeys, error) {
	static, err := s.platformPublicKey()
	if err != nil || static != nil {
		return static, err
	}
	return noPlatformKeys{}, nil
}

type noPlatformKeys struct{}

var errOffline = lang.Errorf("nothing is sent, so the platform's certificates are not downloaded; give the platform public key")

func (noPlatformKeys) PublicKey(context.Context, string) (crypto.PublicKey, error) {
	return nil, errOffline
}

func (noPlatformKeys) Current(context.Context) (string, crypto.PublicKey, error) {
	return certificateAtHand, nil, nil
}
