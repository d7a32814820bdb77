// Command api compares what this repository exports with what the last release exported.
//
//	go run -C interop ./api record ../api/v0.2.0.txt.gz
//	go run -C interop ./api check ../api/v0.2.0.txt.gz ../CHANGELOG.md
//
// A record has the declarations that others can see, as Go. golang.org/x/exp/apidiff
// finds what changed since. The check fails if the changelog does not name an
// incompatible change.
package main

import (
	"fmt"
	"io"
	"log"
	"os"
	"path/filepath"
	"strings"

	"golang.org/x/exp/apidiff"
)

const modulePath = "github.com/wxchain/wechatpay"

// published are the folders of the modules that a release has, which .ci/tags lists too.
var published = []string{"..", "../signer/openssl", "../signer/sm2", "../store/redisstore", "../store/sqlstore", "../wxotel"}

func main() {
	log.SetFlags(0)
	log.SetPrefix("api: ")
	var err error
	switch args := os.Args[1:]; {
	case len(args) == 2 && args[0] == "record":
		err = record(args[1])
	case len(args) == 3 && args[0] == "check":
		err = check(os.Stdout, args[1], args[2])
	default:
		log.Fatal("usage: api record FILE, or api check FILE CHANGELOG")
	}
	if err != nil {
		log.Fatal(err)
	}
}

// record writes what the repository exports into a file.
func record(file string) error {
	now, err := load(modulePath, published...)
	if err != nil {
		return err
	}
	packed, err := pack(now.declarations())
	if err != nil {
		return err
	}
	// A record that is not what it records would hide changes, or make some up.
	then, err := read(packed, now)
	if err != nil {
		return err
	}
	if report := compare(then, now); len(report.Changes) > 0 {
		return fmt.Errorf("the record is not what it records:\n%s", report)
	}
	return os.WriteFile(file, packed, 0o644)
}

// check prints what changed since the record of a release. It fails if the changelog
// does not name an incompatible change above that release.
func check(w io.Writer, file, changelog string) error {
	packed, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	text, err := os.ReadFile(changelog)
	if err != nil {
		return err
	}
	now, err := load(modulePath, published...)
	if err != nil {
		return err
	}
	then, err := read(packed, now)
	if err != nil {
		return err
	}
	report := compare(then, now)
	fmt.Fprint(w, report)
	version := strings.TrimPrefix(strings.TrimSuffix(filepath.Base(file), ".txt.gz"), "v")
	if missing := unexplained(report, sinceRelease(string(text), version)); len(missing) > 0 {
		return fmt.Errorf("these changes since %s break programs. Undo them, or name each in %s, with what to write now:\n%s",
			version, filepath.Base(changelog), strings.Join(missing, "\n"))
	}
	return nil
}

// compare compares two versions of the API.
func compare(then, now *api) apidiff.Report {
	return apidiff.ModuleChanges(
		&apidiff.Module{Path: then.module, Packages: then.public()},
		&apidiff.Module{Path: now.module, Packages: now.public()})
}
