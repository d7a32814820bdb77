package main

import (
	"regexp"
	"strings"

	"golang.org/x/exp/apidiff"
)

// sinceRelease returns the part of a changelog above the heading of a release, or all of
// it if the release has none.
func sinceRelease(changelog, version string) string {
	heading := regexp.MustCompile(`(?m)^## v?` + regexp.QuoteMeta(version) + `\b`)
	if at := heading.FindStringIndex(changelog); at != nil {
		return changelog[:at[0]]
	}
	return changelog
}

// unexplained returns the incompatible changes whose name is not in a text.
func unexplained(report apidiff.Report, text string) (missing []string) {
	for _, change := range report.Changes {
		if name := nameOf(change.Message); !change.Compatible && !hasName(text, name) {
			missing = append(missing, change.Message+" (name it as "+name+")")
		}
	}
	return missing
}

// nameOf returns the name of what changed, as a user writes it: Client.Notify,
// sandbox.Config.Store, or a package.
func nameOf(message string) string {
	name, _, _ := strings.Cut(message, ": ")
	name = strings.NewReplacer("package ", "", "(", "", ")", "", "*", "").Replace(name)
	if method, embedder, ok := strings.Cut(name, ", method set of "); ok {
		name = embedder + method[strings.LastIndexByte(method, '.'):]
	}
	name, _, _ = strings.Cut(name, ", ")
	return name[strings.LastIndexByte(name, '/')+1:]
}

// hasName reports whether a text has a name that is not a part of another.
func hasName(text, name string) bool {
	return regexp.MustCompile(`(^|[^\w.])(wechatpay\.)?` + regexp.QuoteMeta(name) + `($|\W)`).MatchString(text)
}
