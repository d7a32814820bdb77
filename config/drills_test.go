package config_test

import (
	"strings"
	"testing"
	"time"

	"github.com/wxchain/wechatpay/sandbox"
)

const day = 24 * time.Hour

func nothing() {}

// The drills of docs/keys.md: no call fails, and no notification is refused.

func TestDrillMerchantKey(t *testing.T) {
	drilled(t, sandbox.KeyPublic, func(d *drill) {
		old := d.server.Merchant().SerialNo
		var renewed sandbox.Merchant
		d.check(d.phase(0, func() { renewed = d.issue() }), "request", old)
		d.check(d.phase(day, d.deploy(merchantFiles(t, renewed))), "request", renewed.SerialNo)
		d.check(d.phase(day, func() {
			if err := d.server.RevokeCertificate(first, old); err != nil {
				t.Fatal(err)
			}
		}), "request", renewed.SerialNo)
	}).want(false)
}

// issue gives the merchant another certificate.
func (d *drill) issue() sandbox.Merchant {
	m, err := d.server.IssueCertificate(first)
	if err != nil {
		d.fail("%v", err)
	}
	return m
}

func TestDrillAPIv3Key(t *testing.T) {
	renewed := strings.Repeat("n", 32)
	drilled(t, sandbox.KeyCertificate, func(d *drill) { // certificates are encrypted with it too
		old := d.server.Merchant().APIv3Key
		d.phase(0, d.deploy(map[string]string{"other_apiv3_key": renewed}))
		d.phase(time.Hour, func() { d.setAPIv3Key(renewed) })
		d.phase(time.Hour, d.deploy(map[string]string{"apiv3_key": renewed, "other_apiv3_key": old}))
		d.phase(2*day, d.deploy(map[string]string{"other_apiv3_key": ""}))
	}).want(false)
}

func (d *drill) setAPIv3Key(key string) {
	if err := d.server.SetAPIv3Key(first, key); err != nil {
		d.fail("%v", err)
	}
}

func TestDrillPlatformCertificate(t *testing.T) {
	drilled(t, sandbox.KeyCertificate, func(d *drill) {
		old := keysOf(d.phase(0, nothing), "answer")
		if len(old) != 1 {
			t.Fatalf("answers by %q", old)
		}
		var announced []string
		var err error
		d.check(d.phase(day, func() {
			if announced, err = d.server.AnnounceCertificate(); err != nil {
				t.Fatal(err)
			}
		}), "answer", old[0])
		shares := []float64{0.1, 0.5}
		if drillOrders(t) < 20 { // too few to tell them apart
			shares = []float64{0.5}
		}
		for _, share := range shares {
			seen := d.phase(day, d.shift(share))
			d.check(seen, "answer", old[0], announced[0])
			d.check(seen, "notification", old[0], announced[0])
		}
		d.check(d.phase(day, d.shift(1)), "answer", announced[0])
		d.check(d.phase(day, func() {
			if err := d.server.RetireCertificates(); err != nil {
				t.Fatal(err)
			}
		}), "notification", announced[0])
	}).want(false)
}

func (d *drill) shift(share float64) func() {
	return func() {
		if err := d.server.ShiftKeys(share); err != nil {
			d.fail("%v", err)
		}
	}
}

func (d *drill) setPlatformKey(key sandbox.PlatformKey) func() {
	return func() {
		if err := d.server.SetPlatformKey(key); err != nil {
			d.fail("%v", err)
		}
	}
}

func TestDrillPublicKey(t *testing.T) {
	drilled(t, sandbox.KeyCertificate, func(d *drill) {
		id := d.platform.PublicKeyID
		old := keysOf(d.phase(0, nothing), "answer")
		d.check(d.phase(0, func() { // the merchant platform gives the key
			d.setPlatformKey(sandbox.KeyBoth)()
			d.shift(0)()
		}), "answer", old...)
		seen := d.phase(time.Hour, d.deploy(d.publicKeyFiles()))
		d.check(seen, "answer", id)
		d.check(seen, "notification", old...)
		shares := []float64{0.001, 0.01, 0.05, 0.1, 0.2, 0.5}
		if drillOrders(t) < 20 { // too few to tell them apart
			shares = []float64{0.2}
		}
		for _, share := range shares {
			d.phase(day, d.shift(share))
		}
		d.check(d.phase(day, d.shift(1)), "notification", id)
		d.open() // a restart ends the downloads
		if seen := d.phase(day, nothing); seen["download"] > 0 {
			t.Errorf("%d downloads after the restart", seen["download"])
		}
		seen = d.phase(day, d.setPlatformKey(sandbox.KeyPublic))
		d.check(seen, "answer", id)
		d.check(seen, "notification", id)
	}).want(false)
}

// A drill that skips a step fails.
func TestDrillSkipsAStep(t *testing.T) {
	for name, test := range map[string]struct {
		key    sandbox.PlatformKey
		change func(d *drill)
	}{
		"the certificate is revoked before the new one is deployed": {sandbox.KeyPublic, func(d *drill) {
			old := d.server.Merchant().SerialNo
			d.issue()
			if err := d.server.RevokeCertificate(first, old); err != nil {
				d.t.Fatal(err)
			}
		}},
		"the new APIv3 key is not deployed":       {sandbox.KeyPublic, func(d *drill) { d.setAPIv3Key(strings.Repeat("n", 32)) }},
		"the platform public key is not deployed": {sandbox.KeyCertificate, func(d *drill) { d.setPlatformKey(sandbox.KeyPublic)() }},
	} {
		t.Run(name, func(t *testing.T) {
			drilled(t, test.key, func(d *drill) { d.phase(0, func() { test.change(d) }) }).want(true)
		})
	}
}
