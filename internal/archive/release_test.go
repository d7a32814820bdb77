package main

import (
	"os"
	"os/exec"
	"regexp"
	"strings"
	"testing"
)

// .ci/release and .ci/cut stop before they do anything if the version is not one, or not
// that of the code, and say what to do.
func TestRefusedVersions(t *testing.T) {
	if _, err := exec.LookPath("bash"); err != nil {
		t.Skip(err)
	}
	source, err := os.ReadFile("../../client.go")
	if err != nil {
		t.Fatal(err)
	}
	version := regexp.MustCompile(`(?m)^const Version = "(.*)"$`).FindStringSubmatch(string(source))[1]
	for command, want := range map[string]string{
		"release":                 "the version is missing; want one such as v1.2.3",
		"release " + version:      "the version is " + version + "; want one such as v1.2.3",
		"release v1.2":            "the version is v1.2; want",
		"release v1.2.03":         "the version is v1.2.03; want",
		"release v1.2.3-rc.1":     "the version is v1.2.3-rc.1; want",
		"release v987.0.0":        "Version in client.go is " + version + "; run .ci/cut 987.0.0, and commit",
		"cut":                     "the version is missing; want one such as 1.2.3",
		"cut v" + version:         "the version is v" + version + "; want one such as 1.2.3",
		"cut " + version:          version + " does not follow " + version,
		"cut 0.0.1":               "0.0.1 does not follow " + version,
		"tags":                    "usage: .ci/tags vX.Y.Z CLONE",
		"archives " + t.TempDir(): "usage: .ci/archives CLONE OUT",
		"installs":                "usage: .ci/installs CLONE",
		"figures v" + version:     "usage: .ci/figures X.Y.Z",
	} {
		name, args, _ := strings.Cut(command, " ")
		out, err := exec.CommandContext(t.Context(), "bash", append([]string{"../../.ci/" + name}, strings.Fields(args)...)...).CombinedOutput()
		if err == nil || !strings.Contains(string(out), want) {
			t.Errorf(".ci/%s: %v, %q does not say %q", command, err, out, want)
		}
	}
}
