package sandbox_test

import (
	"fmt"
	"log"
	"net/http/httptest"
	"os"
	"path/filepath"
	"time"

	"github.com/wxchain/wechatpay/sandbox"
)

// A sandbox whose keys and orders stay in a folder, as wxpay sandbox --dir has
// it.
func ExampleLoadDir() {
	dir, err := os.MkdirTemp("", "sandbox-*")
	if err != nil {
		log.Fatal(err)
	}
	defer os.RemoveAll(dir)

	config, err := sandbox.LoadDir(dir, time.Now())
	if err != nil {
		log.Fatal(err)
	}
	store, err := sandbox.OpenStore(filepath.Join(dir, "sandbox.db"))
	if err != nil {
		log.Fatal(err)
	}
	defer store.Close()
	config.Store = store
	server, err := sandbox.New(config)
	if err != nil {
		log.Fatal(err)
	}
	defer server.Close()

	tls, err := sandbox.LoadTLS(dir, time.Now(), "127.0.0.1")
	if err != nil {
		log.Fatal(err)
	}
	s := httptest.NewUnstartedServer(server)
	s.TLS = tls
	s.StartTLS()
	defer s.Close()

	fmt.Println("merchant", server.Merchant().MchID)
	files, err := filepath.Glob(filepath.Join(dir, "*.*"))
	if err != nil {
		log.Fatal(err)
	}
	for _, file := range files {
		fmt.Println(filepath.Base(file))
	}
	// Output:
	// merchant 1900000109
	// apiclient_cert.p12
	// apiclient_cert.pem
	// apiclient_key.pem
	// ca.pem
	// ca_key.pem
	// pub_key.pem
	// sandbox.db
	// sandbox.toml
	// wxpay.toml
}

func ExampleFileStore() {
	dir, err := os.MkdirTemp("", "sandbox-*")
	if err != nil {
		log.Fatal(err)
	}
	defer os.RemoveAll(dir)
	store, err := sandbox.OpenStore(filepath.Join(dir, "sandbox.db"))
	if err != nil {
		log.Fatal(err)
	}
	defer store.Close()

	if err := store.Update(func(tx sandbox.Tx) error {
		return tx.Put("shop", "greeting", []byte(`"hello"`))
	}); err != nil {
		log.Fatal(err) // nothing is stored
	}
	if err := store.View(func(tx sandbox.Tx) error {
		text, err := tx.Get("shop", "greeting")
		fmt.Printf("%s\n", text)
		return err
	}); err != nil {
		log.Fatal(err)
	}
	// Output: "hello"
}
