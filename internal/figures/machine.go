package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/wxchain/wechatpay/internal/speed"
)

// describe adds what go test does not print: the machine, the time of fuzzing, and the
// comparison with other SDKs.
func (r *Release) describe(root, docs string) (err error) {
	r.Date, r.Go = time.Now().UTC().Format(time.DateOnly), strings.TrimPrefix(runtime.Version(), "go")
	info, err := os.ReadFile("/proc/cpuinfo")
	if err != nil {
		return fmt.Errorf("figures are recorded on Linux: %w", err)
	}
	r.Machine = machine(string(info), runtime.NumCPU())
	if r.Fuzzing, err = fuzzing(root); err != nil {
		return err
	}
	r.Speed, err = speed.Read(filepath.Join(docs, "speed.json"))
	return err
}

// features are those of a CPU that make RSA, AES and SHA-2 fast, as /proc/cpuinfo names
// them.
var features = []string{"adx", "aes", "avx2", "avx512ifma", "bmi2", "sha2", "sha_ni", "vaes", "vpclmulqdq"}

// machine reads /proc/cpuinfo.
func machine(info string, cores int) Machine {
	m := Machine{CPU: runtime.GOARCH, Cores: cores}
	for line := range strings.Lines(info) {
		key, value, _ := strings.Cut(line, ":")
		switch strings.TrimSpace(key) {
		case "model name":
			m.CPU = strings.Join(strings.Fields(value), " ")
		case "flags", "Features":
			has := strings.Fields(value)
			m.Features = slices.DeleteFunc(slices.Clone(features), func(f string) bool { return !slices.Contains(has, f) })
		}
	}
	return m
}

var (
	fuzzTarget = regexp.MustCompile(`(?m)^func Fuzz\w+\(`)
	fuzzTime   = regexp.MustCompile(`fuzztime=(\d+)s`)
)

// fuzzing counts the fuzz targets of the root module, and reads in .ci/run how long each
// runs.
func fuzzing(root string) (f Fuzzing, err error) {
	script, err := os.ReadFile(filepath.Join(root, ".ci", "run"))
	if err != nil {
		return f, err
	}
	times := fuzzTime.FindAllSubmatch(script, 2)
	if len(times) != 2 {
		return f, errors.New(".ci/run does not set fuzztime for the day and for the night")
	}
	f.Daily, _ = strconv.Atoi(string(times[0][1]))
	f.Nightly, _ = strconv.Atoi(string(times[1][1]))
	err = filepath.WalkDir(root, func(path string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if entry.IsDir() {
			_, err := os.Stat(filepath.Join(path, "go.mod"))
			if isNested := path != root && err == nil; isNested || entry.Name() == ".git" || entry.Name() == "testdata" {
				return fs.SkipDir
			}
			return nil
		}
		if !strings.HasSuffix(path, "_test.go") {
			return nil
		}
		text, err := os.ReadFile(path)
		f.Targets += len(fuzzTarget.FindAll(text, -1))
		return err
	})
	return f, err
}
