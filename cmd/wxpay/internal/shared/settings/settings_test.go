package settings

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/spf13/cobra"
)

// A flag takes precedence over its variable, and the variable over the file.
func TestSettingsPrecedence(t *testing.T) {
	path := filepath.Join(t.TempDir(), FileName)
	var file strings.Builder
	for _, setting := range new(Settings).All() {
		file.WriteString(setting.Name + " = \"/file\"\n")
		t.Setenv(setting.Variable(), "")
	}
	if err := os.WriteFile(path, []byte(file.String()), 0o600); err != nil {
		t.Fatal(err)
	}
	loaded := func(args ...string) *Settings {
		s, cmd := new(Settings), new(cobra.Command)
		s.Bind(cmd)
		if err := cmd.ParseFlags(append(args, "--config", path)); err != nil {
			t.Fatal(err)
		}
		if err := s.Load(); err != nil {
			t.Fatal(err)
		}
		return s
	}
	for i, setting := range new(Settings).All() {
		t.Run(setting.Name, func(t *testing.T) {
			if got := *loaded().All()[i].value; got != "/file" && setting.Name != "serial_no" { // the certificate contains the serial number
				t.Errorf("of the file it is %q", got)
			}
			t.Setenv(setting.Variable(), "/environment")
			if got := *loaded().All()[i].value; got != "/environment" {
				t.Errorf("of the environment it is %q", got)
			}
			if setting.Kind == IsSecret {
				return
			}
			if got := *loaded("--" + setting.Flag() + "=/flag").All()[i].value; got != "/flag" {
				t.Errorf("of the flag it is %q", got)
			}
		})
	}
}
