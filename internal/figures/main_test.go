package main

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

const output = `load: 0.2
goos: linux
pkg: github.com/wxchain/wechatpay
cpu: Some CPU
BenchmarkCoupon-2           	     500	   1240512 ns/op	   12345 B/op	      36 allocs/op
BenchmarkSpell/chain         	 5000000	        62.5 ns/op
PASS
ok  	github.com/wxchain/wechatpay	2.1s
pkg: github.com/wxchain/wechatpay/signer/openssl
BenchmarkSign-16	100	2500000000 ns/op	1.5 MB/s	7 B/op	1 allocs/op
ok  	github.com/wxchain/wechatpay	12.0s	coverage: 91.4% of statements
ok  	github.com/wxchain/wechatpay/sandbox/console	(cached)	coverage: 100.0% of statements
`

// newRepository returns the folder docs of a repository with what figures are made from.
func newRepository(t *testing.T) (docs string) {
	t.Helper()
	root := t.TempDir()
	speed, err := os.ReadFile("../../docs/speed.json")
	if err != nil {
		t.Fatal(err)
	}
	for name, text := range map[string]string{
		"docs/speed.json": string(speed), "docs/zh-CN/x.md": "",
		".ci/run":          "fuzztime=4s\nif [ 1 ]; then fuzztime=60s; fi\n",
		"a_test.go":        "package a\n\nfunc FuzzOne(f *testing.F) {}\nfunc FuzzTwo(f *testing.F) {}\nfunc TestFuzz(t *testing.T) {}\n",
		"in/b_test.go":     "package b\n\nfunc FuzzThree(f *testing.F) {}\n",
		"nested/go.mod":    "module nested\n",
		"nested/c_test.go": "package c\n\nfunc FuzzFour(f *testing.F) {}\n",
	} {
		path := filepath.Join(root, filepath.FromSlash(name))
		if err := errors.Join(os.MkdirAll(filepath.Dir(path), 0o755), os.WriteFile(path, []byte(text), 0o644)); err != nil {
			t.Fatal(err)
		}
	}
	return filepath.Join(root, "docs")
}

// Each release has its figures on both pages, the newest first.
func TestRecord(t *testing.T) {
	if _, err := os.Stat("/proc/cpuinfo"); err != nil {
		t.Skip(err)
	}
	docs := newRepository(t)
	for _, version := range []string{"0.2.0", "0.3.0", "0.2.0"} {
		if err := record(docs, version, strings.NewReader(output)); err != nil {
			t.Fatal(err)
		}
	}
	for page, want := range map[string][]string{
		"figures.md":       {"## 0.3.0", "Load by other programs: 0.2;", "| `wechatpay` | `Coupon` | 1.24 ms | 12345 B | 36 |", "| `wechatpay` | `Spell/chain` | 62.5 ns | 0 B | 0 |", "| `signer/openssl` | `Sign` | 2.5 s | 7 B | 1 |", "| `sandbox/console` | 100.0% |", "each of 3 targets for 4 s, 12 s in all. The nightly run fuzzes each for 60 s, 3 minutes in all.", "| gopay | ", "## 0.2.0"},
		"zh-CN/figures.md": {"## 0.3.0", "| `wechatpay` | `Coupon` | 1.24 ms | 12345 B | 36 |", "| `wechatpay` | 91.4% |", "3 个目标各做 4 秒模糊测试，共 12 秒", "| gopay | ", "## 0.2.0"},
	} {
		text, err := os.ReadFile(filepath.Join(docs, filepath.FromSlash(page)))
		if err != nil {
			t.Fatal(err)
		}
		rest := string(text)
		for _, part := range want {
			_, after, ok := strings.Cut(rest, part)
			if !ok {
				t.Errorf("%s does not have %q after what is above it:\n%s", page, part, rest)
				continue
			}
			rest = after
		}
		if n := strings.Count(string(text), "\n## "); n != 2 {
			t.Errorf("%s has %d releases", page, n)
		}
	}
}

// Figures of tests that failed, or a part of them, are not recorded.
func TestRefused(t *testing.T) {
	for text, want := range map[string]string{
		"--- FAIL: TestX (0.00s)\n" + output:                                   "a test failed: --- FAIL: TestX",
		output + "FAIL\tgithub.com/x\t1s\n":                                    "a test failed: FAIL",
		output[:strings.Index(output, "ok  	github.com/wxchain/wechatpay	12")]: "the coverage of 0 packages",
		output[strings.Index(output, "ok  	github.com/wxchain/wechatpay	12"):]: "0 benchmarks",
		"": "run .ci/figures",
	} {
		if _, err := parse(strings.NewReader(text)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want %q", err, want)
		}
	}
}

func TestMachine(t *testing.T) {
	for info, want := range map[string]Machine{
		"processor\t: 0\nmodel name\t: Intel(R)  Xeon(R)\nflags\t\t: fpu aes adx sha_ni avx512ifma\n": {"Intel(R) Xeon(R)", 2, []string{"adx", "aes", "avx512ifma", "sha_ni"}},
		"model name\t: AMD EPYC\nflags\t: fpu\n":                                                      {"AMD EPYC", 2, nil},
	} {
		if got := machine(info, 2); got.CPU != want.CPU || got.Cores != want.Cores || !slices.Equal(got.Features, want.Features) {
			t.Errorf("got %+v, want %+v", got, want)
		}
	}
}
