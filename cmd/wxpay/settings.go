package main

import (
	"cmp"
	"errors"
	"fmt"
	"os"
	"strings"

	"github.com/spf13/cobra"

	"github.com/wxchain/wechatpay/keys"
)

// settings say for whom a command calls. Each is a flag, or else an environment
// variable; a secret is never a flag, which others on the machine can see.
type settings struct {
	mchID, serialNo, privateKey, certificate, baseURL string
	apiv3Key                                          string
}

const settingsHelp = `The merchant is given by flags or, where there is none, by the environment:
WECHATPAY_MCHID, WECHATPAY_SERIAL_NO (or WECHATPAY_CERTIFICATE, the path of
apiclient_cert.pem), WECHATPAY_PRIVATE_KEY (the path of apiclient_key.pem) and
WECHATPAY_BASE_URL. The APIv3 key comes from WECHATPAY_APIV3_KEY alone.`

// bind gives cmd the flags.
func (s *settings) bind(cmd *cobra.Command) {
	f := cmd.Flags()
	f.StringVar(&s.mchID, "mchid", "", "merchant's number")
	f.StringVar(&s.serialNo, "serial-no", "", "serial number of the merchant API certificate")
	f.StringVar(&s.certificate, "certificate", "", "path of apiclient_cert.pem, in the place of --serial-no")
	f.StringVar(&s.privateKey, "private-key", "", "path of apiclient_key.pem")
	f.StringVar(&s.baseURL, "base-url", "", "host to call (default the platform's main host)")
}

// read completes the flags from the environment.
func (s *settings) read() error {
	if strings.Contains(s.privateKey, "-----BEGIN") {
		return misuse{errors.New("--private-key takes the path of apiclient_key.pem, not the key itself: others on this machine can see it")}
	}
	s.mchID = cmp.Or(s.mchID, os.Getenv("WECHATPAY_MCHID"))
	if s.serialNo == "" && s.certificate == "" {
		s.serialNo, s.certificate = os.Getenv("WECHATPAY_SERIAL_NO"), os.Getenv("WECHATPAY_CERTIFICATE")
	}
	s.privateKey = cmp.Or(s.privateKey, os.Getenv("WECHATPAY_PRIVATE_KEY"))
	s.baseURL = cmp.Or(s.baseURL, os.Getenv("WECHATPAY_BASE_URL"))
	s.apiv3Key = os.Getenv("WECHATPAY_APIV3_KEY")
	return s.check()
}

// check says all that is missing, and reads the serial number.
func (s *settings) check() error {
	var missing []string
	for _, v := range []struct{ value, name string }{
		{s.mchID, "--mchid or WECHATPAY_MCHID"},
		{cmp.Or(s.serialNo, s.certificate), "--serial-no or WECHATPAY_SERIAL_NO"},
		{s.privateKey, "--private-key or WECHATPAY_PRIVATE_KEY"},
		{s.apiv3Key, "WECHATPAY_APIV3_KEY"},
	} {
		if v.value == "" {
			missing = append(missing, v.name)
		}
	}
	if len(missing) > 0 {
		return misuse{fmt.Errorf("missing: %s", strings.Join(missing, ", "))}
	}
	if s.serialNo != "" {
		return nil
	}
	var err error
	if s.serialNo, err = keys.SerialNo(s.certificate); err != nil {
		return misuse{fmt.Errorf("--certificate or WECHATPAY_CERTIFICATE: %w", err)}
	}
	return nil
}

// downloader is the configuration of what downloads the platform's certificates.
func (s *settings) downloader() (keys.DownloaderConfig, error) {
	if err := s.read(); err != nil {
		return keys.DownloaderConfig{}, err
	}
	key, err := keys.Private(s.privateKey)
	if err != nil {
		return keys.DownloaderConfig{}, misuse{fmt.Errorf("--private-key or WECHATPAY_PRIVATE_KEY: %w", err)}
	}
	return keys.DownloaderConfig{
		MchID: s.mchID, SerialNo: s.serialNo, PrivateKey: key, APIv3Key: s.apiv3Key, BaseURL: s.baseURL,
	}, nil
}
