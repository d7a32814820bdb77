package main

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/wxchain/wechatpay/internal/speed"
)

// A Release is what was measured of a version.
type Release struct {
	Version    string             `json:"version"`
	Date       string             `json:"date"`
	Go         string             `json:"go"`
	Machine    Machine            `json:"machine"`
	Load       float64            `json:"load"` // of the machine by other programs, before it measured
	Benchmarks []Benchmark        `json:"benchmarks"`
	Coverage   map[string]float64 `json:"coverage_percent"` // by the folder of a package
	Fuzzing    Fuzzing            `json:"fuzzing"`
	// Speed compares a call with other SDKs. It was measured at another time, perhaps on
	// another machine, which it names.
	Speed *speed.Run `json:"speed"`
}

// A Machine is the kind of a machine.
type Machine struct {
	CPU      string   `json:"cpu"`
	Cores    int      `json:"cores"`
	Features []string `json:"features"` // those with which cryptography is fast
}

// A Benchmark is a line of go test -bench -benchmem.
type Benchmark struct {
	Package     string  `json:"package"` // its folder
	Name        string  `json:"name"`
	Nanoseconds float64 `json:"ns_per_op"`
	Bytes       int64   `json:"bytes_per_op"`
	Allocs      int64   `json:"allocs_per_op"`
}

// Fuzzing is how long .ci/run fuzzes.
type Fuzzing struct {
	Targets int `json:"targets"`
	Daily   int `json:"daily_seconds_each"`
	Nightly int `json:"nightly_seconds_each"`
}

// read reads the releases, the newest first. It returns none if the file does not exist.
func read(file string) (releases []Release, err error) {
	text, err := os.ReadFile(file)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	if err := json.Unmarshal(text, &releases); err != nil {
		return nil, fmt.Errorf("%s: %w", file, err)
	}
	return releases, nil
}

func save(file string, releases []Release) error {
	text, err := json.MarshalIndent(releases, "", "\t")
	if err != nil {
		return err
	}
	return os.WriteFile(file, append(text, '\n'), 0o644)
}

// add puts a release in front, or in place of the one with its version.
func add(releases []Release, release Release) []Release {
	i := slices.IndexFunc(releases, func(r Release) bool { return r.Version == release.Version })
	if i < 0 {
		return slices.Insert(releases, 0, release)
	}
	releases[i] = release
	return releases
}

const module = "github.com/wxchain/wechatpay"

var (
	packageLine   = regexp.MustCompile(`^pkg: (\S+)$`)
	benchmarkLine = regexp.MustCompile(`^(Benchmark\S+?)(?:-\d+)?\s+\d+\s+([\d.]+) ns/op`)
	memory        = regexp.MustCompile(`\s(\d+) B/op\s+(\d+) allocs/op`)
	coverageLine  = regexp.MustCompile(`^ok\s+(\S+)\s.*coverage: ([\d.]+)% of statements`)
	loadLine      = regexp.MustCompile(`^load: ([\d.]+)$`)
	failedLine    = regexp.MustCompile(`^(--- FAIL|FAIL|panic:)`)
)

// parse reads what go test printed.
func parse(r io.Reader) (*Release, error) {
	release := &Release{Coverage: make(map[string]float64)}
	pkg := ""
	lines := bufio.NewScanner(r)
	for lines.Scan() {
		line := lines.Text()
		if failedLine.MatchString(line) {
			return nil, fmt.Errorf("a test failed: %s", line)
		}
		if m := packageLine.FindStringSubmatch(line); m != nil {
			pkg = folder(m[1])
		}
		if m := coverageLine.FindStringSubmatch(line); m != nil {
			release.Coverage[folder(m[1])], _ = strconv.ParseFloat(m[2], 64)
		}
		if m := loadLine.FindStringSubmatch(line); m != nil {
			release.Load, _ = strconv.ParseFloat(m[1], 64)
		}
		benchmark, err := parseBenchmark(pkg, line)
		if err != nil {
			return nil, err
		}
		if benchmark != nil {
			release.Benchmarks = append(release.Benchmarks, *benchmark)
		}
	}
	if len(release.Benchmarks) == 0 || len(release.Coverage) == 0 {
		return nil, fmt.Errorf("%d benchmarks and the coverage of %d packages: run .ci/figures, which measures both", len(release.Benchmarks), len(release.Coverage))
	}
	return release, lines.Err()
}

// parseBenchmark returns the benchmark of a line, or nil.
func parseBenchmark(pkg, line string) (*Benchmark, error) {
	m := benchmarkLine.FindStringSubmatch(line)
	if m == nil {
		return nil, nil
	}
	b := &Benchmark{Package: pkg, Name: strings.TrimPrefix(m[1], "Benchmark")}
	var errs [3]error
	b.Nanoseconds, errs[0] = strconv.ParseFloat(m[2], 64)
	if m := memory.FindStringSubmatch(line); m != nil {
		b.Bytes, errs[1] = strconv.ParseInt(m[1], 10, 64)
		b.Allocs, errs[2] = strconv.ParseInt(m[2], 10, 64)
	}
	return b, errors.Join(errs[:]...)
}

// folder returns the folder of a package in the repository.
func folder(path string) string {
	if path == module {
		return "."
	}
	return strings.TrimPrefix(path, module+"/")
}
