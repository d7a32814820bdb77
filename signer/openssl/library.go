//go:build cgo

package openssl

import (
	"fmt"
	"runtime"
	"sync"

	"github.com/golang-fips/openssl/v2"
)

// load loads libcrypto once in a process, because OpenSSL cannot be unloaded.
var load = sync.OnceValue(func() error {
	name, err := choose(libraries(runtime.GOOS), func(name string) bool {
		exists, _ := openssl.CheckVersion(name)
		return exists
	})
	if err != nil {
		return err
	}
	if err := openssl.Init(name); err != nil {
		return fmt.Errorf("openssl: loading %s: %w", name, err)
	}
	return nil
})

// libraries returns the names of libcrypto on an operating system, the best first.
func libraries(goos string) []string {
	switch goos {
	case "windows":
		return []string{"libcrypto-3-x64.dll", "libcrypto-3.dll", "libcrypto-1_1-x64.dll", "libcrypto-1_1.dll"}
	case "darwin":
		return []string{
			"/opt/homebrew/opt/openssl@3/lib/libcrypto.3.dylib", "/usr/local/opt/openssl@3/lib/libcrypto.3.dylib",
			"/opt/homebrew/opt/openssl@1.1/lib/libcrypto.1.1.dylib", "/usr/local/opt/openssl@1.1/lib/libcrypto.1.1.dylib",
		}
	}
	return []string{"libcrypto.so.3", "libcrypto.so.1.1"}
}
