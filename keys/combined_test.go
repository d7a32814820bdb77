package keys_test

import (
	"context"
	"crypto"
	"errors"
	"testing"
	"testing/synctest"

	"github.com/wxchain/wechatpay/keys"
	"github.com/wxchain/wechatpay/signer"
)

func TestCombined(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := loadMaterial(t)
		cert := issue(t, 0, year)
		p := &fakePlatform{t: t, certs: []issued{cert}}
		d := p.downloader()
		static := keys.Static{publicID: m.public}
		for _, store := range []signer.PublicKeys{keys.Combined(static, d), keys.Combined(d, static), keys.Combined(nil, d, static)} {
			wantCurrent(t, store, publicID)
			if key, err := store.PublicKey(t.Context(), publicID); err != nil || !m.public.Equal(key) {
				t.Errorf("the public key is another, or none: %v", err)
			}
			wantUnknown(t, store, keys.PublicKeyIDPrefix+"02")
		}
		p.checkRequests(0) // nothing so far was a certificate's
		wantKey(t, keys.Combined(static, d), cert)
		p.checkRequests(1)
	})
}

func TestCombinedFallsBack(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cert := issue(t, 0, year)
		p := &fakePlatform{t: t, certs: []issued{cert}}
		wantCurrent(t, keys.Combined(keys.Static{}, p.downloader()), cert.serial())
	})
}

func TestCombinedOfNothing(t *testing.T) {
	for _, store := range []signer.PublicKeys{keys.Combined(), keys.Combined(nil), keys.Combined(keys.Static{})} {
		if _, _, err := store.Current(t.Context()); err == nil {
			t.Error("Current has a key")
		}
		wantUnknown(t, store, "AB")
	}
}

// lost is a store that cannot be reached.
type lost struct{ err error }

func (l lost) PublicKey(context.Context, string) (crypto.PublicKey, error) { return nil, l.err }
func (l lost) Current(context.Context) (string, crypto.PublicKey, error)   { return "", nil, l.err }

func TestCombinedTellsOfEveryStore(t *testing.T) {
	a, b := lost{errors.New("a is down")}, lost{errors.New("b is down")}
	store := keys.Combined(a, b)
	_, err := store.PublicKey(t.Context(), "AB")
	if !errors.Is(err, a.err) || !errors.Is(err, b.err) {
		t.Errorf("error %v", err)
	}
	if _, _, err = store.Current(t.Context()); !errors.Is(err, a.err) || !errors.Is(err, b.err) {
		t.Errorf("error %v", err)
	}
}

// A store that failed might know the serial: it is not unknown.
func TestCombinedTellsFailedFromUnknown(t *testing.T) {
	down := lost{errors.New("it is down")}
	for _, store := range []signer.PublicKeys{keys.Combined(keys.Static{}, down), keys.Combined(down, keys.Static{})} {
		if err := wantFailed(t, store, "AB"); !errors.Is(err, down.err) {
			t.Errorf("error %v", err)
		}
	}
	wantUnknown(t, keys.Combined(keys.Static{publicID: nil}, keys.Static{"CD": nil}), "AB", publicID, "CD")
}
