package boltfile_test

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"strconv"
	"testing"
	"time"

	"go.etcd.io/bbolt"

	"github.com/wxchain/wechatpay/internal/boltfile"
)

func TestOpen(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a.db")
	db, err := boltfile.Open(path, &bbolt.Options{Timeout: time.Second})
	if err != nil {
		t.Fatal(err)
	}
	err = db.Update(func(tx *bbolt.Tx) error {
		b, err := tx.CreateBucket([]byte("b"))
		for i := 0; i < 2000 && err == nil; i++ {
			err = b.Put([]byte(strconv.Itoa(i)), bytes.Repeat([]byte{'v'}, 100))
		}
		return err
	})
	if err := errors.Join(err, db.Close()); err != nil {
		t.Fatal(err)
	}
	whole, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	spoiled := bytes.Clone(whole)
	for i := 3 * os.Getpagesize(); i < len(spoiled); i++ {
		spoiled[i] ^= 0xff
	}
	for name, test := range map[string]struct {
		text    []byte
		damaged bool
	}{
		"whole":         {whole, false},
		"cut":           {whole[:8*os.Getpagesize()], true},
		"spoiled":       {spoiled, true},
		"another file":  {bytes.Repeat([]byte("x"), 4*os.Getpagesize()), true},
		"a few letters": {[]byte("rubbish"), true},
	} {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "b.db")
			if err := os.WriteFile(path, test.text, 0o600); err != nil {
				t.Fatal(err)
			}
			db, err := boltfile.Open(path, &bbolt.Options{Timeout: time.Second})
			if errors.Is(err, boltfile.ErrDamaged) != test.damaged {
				t.Errorf("error is %v", err)
			}
			if err == nil {
				if err := db.Close(); err != nil {
					t.Error(err)
				}
			}
		})
	}
}
