package openssl

import (
	"context"
	"crypto"
	"crypto/rsa"
	"errors"
	"reflect"
	"sync"

	"github.com/wxchain/wechatpay/keys"
	"github.com/wxchain/wechatpay/signer"
)

// maxKept is how many keys a store keeps. A platform has few.
const maxKept = 64

// A store replaces the RSA keys of another store by native ones.
type store struct {
	keys signer.PublicKeys

	mu     sync.RWMutex
	native map[*rsa.PublicKey]crypto.PublicKey
}

func newStore(from signer.PublicKeys) (signer.PublicKeys, error) {
	if rv := reflect.ValueOf(from); !rv.IsValid() || rv.Kind() == reflect.Pointer && rv.IsNil() {
		return nil, errors.New("openssl: the platform keys are missing")
	}
	s := &store{keys: from, native: make(map[*rsa.PublicKey]crypto.PublicKey)}
	switch fixed := from.(type) {
	case keys.Static:
		return fixedStore{s, fixed}, nil
	case interface{ Static() keys.Static }: // of keys.Combined
		return fixedStore{s, fixed.Static()}, nil
	}
	return s, nil
}

// PublicKey returns the native key of a serial number.
func (s *store) PublicKey(ctx context.Context, serial string) (crypto.PublicKey, error) {
	key, err := s.keys.PublicKey(ctx, serial)
	if err != nil {
		return nil, err
	}
	return s.nativeOf(key)
}

// Current returns the native key that encrypts.
func (s *store) Current(ctx context.Context) (string, crypto.PublicKey, error) {
	serial, key, err := s.keys.Current(ctx)
	if err != nil {
		return "", nil, err
	}
	key, err = s.nativeOf(key)
	return serial, key, err
}

// nativeOf returns the native key of an RSA key, and any other key as it is.
func (s *store) nativeOf(key crypto.PublicKey) (crypto.PublicKey, error) {
	k, ok := key.(*rsa.PublicKey)
	if !ok || signer.CheckRSA(k) != nil { // whoever uses it reports what is wrong
		return key, nil
	}
	s.mu.RLock()
	native, ok := s.native[k]
	s.mu.RUnlock()
	if ok {
		return native, nil
	}
	native, err := newPublicKey(k)
	if err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.native) >= maxKept {
		clear(s.native)
	}
	s.native[k] = native
	return native, nil
}

// A fixedStore also has keys that are known without the network, so that
// wechatpay.New can check them.
type fixedStore struct {
	*store
	fixed keys.Static
}

// Static returns the keys that are known without the network.
func (s fixedStore) Static() keys.Static { return s.fixed }
