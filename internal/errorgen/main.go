// Errorgen writes docs/errors.md and docs/zh-CN/errors.md, the lists of the errors of the
// packages with their meaning and remedy. It reads the messages from the code and the rest
// from errors.jsonl, and fails if one of both lacks what the other has.
//
//	go run ./internal/errorgen ROOT
package main

import (
	"log"
	"os"
	"path/filepath"
)

func main() {
	log.SetFlags(0)
	log.SetPrefix("errorgen: ")
	if len(os.Args) != 2 {
		log.Fatal("usage: errorgen ROOT")
	}
	root := os.Args[1]
	chapters, err := load(os.DirFS(root))
	if err != nil {
		log.Fatal(err)
	}
	for _, l := range languages {
		if err := os.WriteFile(filepath.Join(root, l.file), l.page(chapters), 0o644); err != nil {
			log.Fatal(err)
		}
	}
}

// A room is a package as its users know it, with the folders whose errors it returns. The
// first folder is that of the package.
type room struct {
	name    string
	folders []string
}

// rooms are in the order of the page.
var rooms = []room{
	{"wechatpay", []string{".", "internal/identity", "internal/stringify", "internal/uritemplate", "internal/xmlmap", "internal/transport"}},
	{"keys", []string{"keys", "internal/keyfile"}},
	{"signer", []string{"signer"}},
	{"cipher", []string{"cipher"}},
	{"middleware", []string{"middleware"}},
	{"notify", []string{"notify"}},
	{"bill", []string{"bill", "internal/wholefile"}},
	{"config", []string{"config"}},
	{"resilience", []string{"resilience"}},
	{"openapi", []string{"openapi"}},
	{"wechatpaytest", []string{"wechatpaytest", "internal/platform"}},
	{"sandbox", []string{"sandbox", "sandbox/internal/store", "sandbox/internal/folder"}},
	{"store/redisstore", []string{"store/redisstore"}},
	{"store/sqlstore", []string{"store/sqlstore"}},
	{"signer/openssl", []string{"signer/openssl"}},
	{"signer/sm2", []string{"signer/sm2"}},
}
