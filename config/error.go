package config

import (
	"fmt"

	"github.com/wxchain/wechatpay"
)

// mistake is an error of this package: what is wrong with the settings.
type mistake struct{ err error }

func wrong(err error) error { return mistake{err} }

func (m mistake) Error() string        { return "wechatpay: config: " + m.err.Error() }
func (m mistake) Unwrap() error        { return m.err }
func (m mistake) Is(target error) bool { return target == wechatpay.ErrConfig }

// at says where a mistake is.
func at(place string, err error) error {
	if place == "" {
		return err
	}
	return fmt.Errorf("%s: %w", place, err)
}
