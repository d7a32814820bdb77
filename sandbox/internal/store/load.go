package store

import (
	"encoding/json"

	"github.com/wxchain/wechatpay/sandbox/internal/plainjson"
)

// Load reads the value under a key, and reports whether there is one.
func Load[T any](tx Tx, bucket, key string) (v T, found bool, err error) {
	text, err := tx.Get(bucket, key)
	if err != nil || text == nil {
		return v, false, err
	}
	err = json.Unmarshal(text, &v)
	return v, err == nil, err
}

// Save stores v under a key.
func Save(tx Tx, bucket, key string, v any) error {
	text, err := plainjson.Encode(v)
	if err != nil {
		return err
	}
	return tx.Put(bucket, key, text)
}

// Each calls f with every value of a bucket whose key has the prefix.
func Each[T any](tx Tx, bucket, prefix string, f func(T) error) error {
	return tx.Each(bucket, prefix, func(_ string, value []byte) error {
		var v T
		if err := json.Unmarshal(value, &v); err != nil {
			return err
		}
		return f(v)
	})
}
