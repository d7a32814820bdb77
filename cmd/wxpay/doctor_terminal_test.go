//go:build unix

package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestDoctorOnTerminal(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	if err := writeScriptKeys(dir); err != nil {
		t.Fatal(err)
	}
	config := strings.ReplaceAll(scriptConfig, "$PLATFORM", "http://127.0.0.1:1")
	if err := os.WriteFile(filepath.Join(dir, configName), []byte(config), 0o600); err != nil {
		t.Fatal(err)
	}
	for env, want := range map[string]string{"NO_COLOR=": "\x1b[32m✔\x1b[0m mchid ", "NO_COLOR=1": "✔ mchid "} {
		shown := onTerminal(t, dir, []string{"TERM=xterm", env}, "doctor", "--offline")
		if !strings.Contains(shown, "\r\n"+want) {
			t.Errorf("%s: it shows %q", env, shown)
		}
	}
}
