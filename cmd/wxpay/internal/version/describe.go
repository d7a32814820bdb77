package version

import (
	"regexp"
	"runtime"
	"runtime/debug"
	"strconv"
	"time"

	"github.com/wxchain/wechatpay"
	"github.com/wxchain/wechatpay/cmd/wxpay/internal/shared/build"
	"github.com/wxchain/wechatpay/openapi"
)

// An about is what wxpay version --json prints.
type about struct {
	Version string `json:"version"`
	// Module is the version that the go command knows, such as v0.2.0, a
	// pseudo-version or (devel).
	Module string `json:"module,omitempty"`
	// Commit and its time are missing if the go command did not record them: it does
	// not for go install with a tag, go run and go test.
	Commit     string     `json:"commit,omitempty"`
	CommitTime *time.Time `json:"commit_time,omitempty"`
	// Modified says that files differed from the commit, or is missing with it.
	Modified  *bool     `json:"modified,omitempty"`
	Go        string    `json:"go"`
	OS        string    `json:"os"`
	Arch      string    `json:"arch"`
	Catalogue catalogue `json:"catalogue"`
	Signer    string    `json:"signer"`
	Suite     string    `json:"suite,omitempty"`
}

// A catalogue has the number of operations, and the date of the newest change of the
// platform's pages that it knows.
type catalogue struct {
	Operations int    `json:"operations"`
	Updated    string `json:"updated"`
}

// describe describes a build. The info may be nil.
func describe(info *debug.BuildInfo, b *build.Build) about {
	a := about{
		Version: wechatpay.Version, Go: runtime.Version(), OS: runtime.GOOS, Arch: runtime.GOARCH,
		Catalogue: newCatalogue(), Signer: b.Signer(), Suite: b.SuiteName(),
	}
	if info == nil {
		return a
	}
	a.Module = info.Main.Version
	if at := pseudoVersion.FindStringSubmatch(a.Module); at != nil {
		a.Commit, a.CommitTime = at[2], parseTime("20060102150405", at[1])
	}
	for _, setting := range info.Settings {
		switch setting.Key {
		case "vcs.revision":
			a.Commit = setting.Value
		case "vcs.time":
			a.CommitTime = parseTime(time.RFC3339, setting.Value)
		case "vcs.modified":
			if modified, err := strconv.ParseBool(setting.Value); err == nil {
				a.Modified = &modified
			}
		}
	}
	return a
}

// pseudoVersion is the end of a pseudo-version: a time, and the start of a commit.
var pseudoVersion = regexp.MustCompile(`[-.](\d{14})-([0-9a-f]{12})(?:\+\w+)?$`)

// parseTime returns a time, or nil.
func parseTime(layout, text string) *time.Time {
	at, err := time.Parse(layout, text)
	if err != nil {
		return nil
	}
	at = at.UTC()
	return &at
}

func newCatalogue() (c catalogue) {
	for op := range openapi.Operations() {
		c.Operations++
		c.Updated = max(c.Updated, op.Updated)
	}
	return c
}
