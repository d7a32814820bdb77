package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/spf13/cobra"
)

// Each setting is its flag, or else its variable, or else what the file says.
func TestSettingsPrecedence(t *testing.T) {
	path := filepath.Join(t.TempDir(), configName)
	var file strings.Builder
	for _, setting := range new(settings).all() {
		file.WriteString(setting.name + " = \"/file\"\n")
		t.Setenv(setting.variable(), "")
	}
	if err := os.WriteFile(path, []byte(file.String()), 0o600); err != nil {
		t.Fatal(err)
	}
	loaded := func(args ...string) *settings {
		s, cmd := new(settings), new(cobra.Command)
		s.bind(cmd)
		if err := cmd.ParseFlags(append(args, "--config", path)); err != nil {
			t.Fatal(err)
		}
		if err := s.load(); err != nil {
			t.Fatal(err)
		}
		return s
	}
	for i, setting := range new(settings).all() {
		t.Run(setting.name, func(t *testing.T) {
			if got := *loaded().all()[i].value; got != "/file" && setting.name != "serial_no" { // the certificate says it
				t.Errorf("of the file it is %q", got)
			}
			t.Setenv(setting.variable(), "/environment")
			if got := *loaded().all()[i].value; got != "/environment" {
				t.Errorf("of the environment it is %q", got)
			}
			if setting.kind == isSecret {
				return
			}
			if got := *loaded("--" + setting.flag() + "=/flag").all()[i].value; got != "/flag" {
				t.Errorf("of the flag it is %q", got)
			}
		})
	}
}
