package config

import (
	"fmt"
	"os"
	"strings"
)

// Environment reads the variables WECHATPAY_MCHID, WECHATPAY_SERIAL_NO and so on, one
// for each setting. WECHATPAY_APIV3_KEY_FILE and WECHATPAY_APIV2_KEY_FILE are paths
// of files with the secrets. An empty variable is not set.
//
// The variables hold the settings of one merchant. If another source has several
// merchants, WECHATPAY_MCHID selects one of them.
func Environment() Option { return from(environment{}) }

type environment struct{}

func (environment) read() ([]Merchant, error) {
	var m Merchant
	for _, name := range names() {
		variable := "WECHATPAY_" + strings.ToUpper(name)
		value := os.Getenv(variable)
		if value == "" {
			continue
		}
		key, isFile := strings.CutSuffix(name, fileSuffix)
		if isFile {
			if origin := m.origins[key]; origin != "" {
				return nil, fmt.Errorf("%s and %s are both set; unset one of them", origin, variable)
			}
			secret, err := readSecret("", value)
			if err != nil {
				return nil, at(variable, err)
			}
			value = secret
		}
		m.set(key, value, variable)
	}
	if m.origins == nil {
		return nil, nil
	}
	m.origin = "the environment"
	return []Merchant{m}, nil
}

// Values are settings that the program has already, such as its flags. They have no
// origin: an error about them names the setting alone.
func Values(m Merchant) Option { return from(values(m)) }

type values Merchant

func (v values) read() ([]Merchant, error) {
	m := Merchant(v)
	for _, s := range m.settings() {
		if *s.value != "" {
			return []Merchant{m}, nil
		}
	}
	return nil, nil
}
