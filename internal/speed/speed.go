// Package speed is the form in which BenchmarkSpeed, in interop, records what it
// measured, and from which internal/speedgen draws it.
package speed

import (
	"encoding/json"
	"fmt"
	"os"
	"slices"
)

// The names of the sides that are compared.
const (
	BareGo      = "crypto/rsa"             // a signature and a verification, and nothing else
	Ours        = "wechatpay"              // this library
	WechatpayGo = "wechatpay-go"           // the official SDK
	Gopay       = "gopay"                  // another SDK
	BareOpenSSL = "OpenSSL"                // a signature and a verification by OpenSSL
	OursOpenSSL = "wechatpay with OpenSSL" // this library with signer/openssl
)

// Names are the names of all sides, in the order in which they are shown.
var Names = [...]string{BareGo, Ours, WechatpayGo, Gopay, BareOpenSSL, OursOpenSSL}

// A Run is what the benchmark measured on one machine.
type Run struct {
	CPU     string             `json:"cpu"`         // the name of its model
	IFMA    bool               `json:"avx512_ifma"` // whether it has AVX-512 IFMA
	Go      string             `json:"go"`          // the version of Go
	OpenSSL string             `json:"openssl"`     // the version of OpenSSL
	SDKs    map[string]string  `json:"sdks"`        // the versions of the other SDKs
	Turns   int                `json:"turns"`       // how often each side was measured
	Medians map[string]float64 `json:"medians_us"`  // of the CPU times of each side, in microseconds
	Fastest map[string]float64 `json:"fastest_us"`  // the least of the CPU times of each side, in microseconds
}

// Read reads a file with a Run.
func Read(file string) (*Run, error) {
	text, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	run := new(Run)
	if err := json.Unmarshal(text, run); err != nil {
		return nil, fmt.Errorf("%s: %w", file, err)
	}
	for _, name := range Names {
		if run.Medians[name] <= 0 || run.Fastest[name] <= 0 {
			return nil, fmt.Errorf("%s: a time of %s is missing", file, name)
		}
	}
	return run, nil
}

// Bare returns the name of the side that does only the cryptography of a side.
func Bare(name string) string {
	if slices.Contains([]string{BareOpenSSL, OursOpenSSL}, name) {
		return BareOpenSSL
	}
	return BareGo
}

// Ratio returns the fastest time of a side divided by that of another.
func (r *Run) Ratio(name, other string) float64 { return r.Fastest[name] / r.Fastest[other] }
