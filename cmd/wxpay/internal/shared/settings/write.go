package settings

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/pelletier/go-toml/v2"

	"github.com/wxchain/wechatpay/cmd/wxpay/internal/shared/exit"
	"github.com/wxchain/wechatpay/keys"
)

// comment returns the explanation of a setting for the configuration file, or
// "" if the setting needs no explanation.
func (s Setting) comment() string {
	switch s.Name {
	case "certificate":
		return "The certificate contains its serial number; set one of the two."
	case "platform_public_key_id":
		return "From the merchant platform's account center, under API security; starts with " + keys.PublicKeyIDPrefix + "."
	case "base_url":
		return "Set it only to call a host other than the platform's main one."
	case "apiv3_key", "apiv2_key":
		return "Secret: 32 bytes. Also as " + s.Variable() + "."
	}
	return ""
}

// Write writes the settings into a new file.
func (s *Settings) Write(path string) error {
	var b strings.Builder
	for _, setting := range s.All() {
		if comment := setting.comment(); comment != "" {
			b.WriteString("# " + comment + "\n")
		}
		value := *setting.value
		if value != "" && setting.Kind == isPath && filepath.Dir(path) != "." {
			var err error // it is read relative to the file
			if value, err = filepath.Abs(value); err != nil {
				return err
			}
		}
		line, err := toml.Marshal(map[string]string{setting.Name: value})
		if err != nil {
			return err
		}
		if value == "" {
			b.WriteString("# ")
		}
		b.Write(line)
	}
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if errors.Is(err, fs.ErrExist) {
		return exit.Misuse(fmt.Errorf("%s exists already and is not overwritten; delete it or name another file with --config", path))
	}
	if err != nil {
		return exit.Misuse(err)
	}
	_, err = f.WriteString(b.String())
	return errors.Join(err, f.Close())
}
