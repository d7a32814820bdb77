package control

import (
	"errors"
	"net/http"
)

// Keys are the actions that change the keys of merchants and of the platform.
type Keys struct {
	IssueCertificate    func(mchID string) (any, error)
	RevokeCertificate   func(mchID, serialNo string) error
	SetAPIv3Key         func(mchID, key string) error
	AnnounceCertificate func() (serialNos []string, err error)
	ShiftKeys           func(share float64) error
	RetireCertificates  func() error
	SetPlatformKey      func(key string) error
}

func (k Keys) handle(handle func(pattern string, f action)) {
	handle("POST /_sandbox/merchants/{account}/certificates", func(r *http.Request) (any, error) {
		return k.IssueCertificate(r.PathValue("account"))
	})
	handle("DELETE /_sandbox/merchants/{account}/certificates/{serial_no}", func(r *http.Request) (any, error) {
		return nil, k.RevokeCertificate(r.PathValue("account"), r.PathValue("serial_no"))
	})
	handle("PUT /_sandbox/merchants/{account}/apiv3-key", account("apiv3_key", k.SetAPIv3Key))
	handle("PUT /_sandbox/platform/key", func(r *http.Request) (any, error) {
		key, err := readText(r, "platform_key")
		if err != nil {
			return nil, err
		}
		return nil, k.SetPlatformKey(key)
	})
	handle("PUT /_sandbox/platform/share", k.shift)
	handle("POST /_sandbox/platform/certificates", func(*http.Request) (any, error) {
		serialNos, err := k.AnnounceCertificate()
		return map[string][]string{"serial_nos": serialNos}, err
	})
	handle("DELETE /_sandbox/platform/certificates", func(*http.Request) (any, error) { return nil, k.RetireCertificates() })
}

func (k Keys) shift(r *http.Request) (any, error) {
	var body struct {
		Share *float64 `json:"share"`
	}
	if err := read(r, &body); err != nil {
		return nil, err
	}
	if body.Share == nil {
		return nil, errors.New("the body has no share")
	}
	return nil, k.ShiftKeys(*body.Share)
}
