package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/pelletier/go-toml/v2"
	"github.com/spf13/cobra"

	"github.com/wxchain/wechatpay/keys"
)

func newInit() *cobra.Command {
	var s settings
	cmd := &cobra.Command{
		Use:   "init",
		Short: "Write wxpay.toml, which says for whom the commands call",
		Long: `init writes a configuration file with what the flags say, and a line to fill in
for all else. Only you can read it, as it is a place for the APIv3 key; keep it
out of version control. A file that is there is never written over.`,
		Example: "  wxpay init --mchid 1900000109 --certificate apiclient_cert.pem --private-key apiclient_key.pem",
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if holdsKey(s.privateKey) {
				return misuse{errKeyArgument}
			}
			path := s.config
			if path == "" {
				path = configName
			}
			if err := s.write(path); err != nil {
				return err
			}
			_, err := fmt.Fprintf(cmd.OutOrStdout(), "wrote %s; fill in what it lacks\n", path)
			return err
		},
	}
	s.bind(cmd)
	return cmd
}

// comment says in the configuration file what a setting is, if need be.
func (s setting) comment() string {
	switch s.name {
	case "certificate":
		return "The certificate says its serial number itself; one of the two is enough."
	case "platform_public_key_id":
		return "From the merchant platform's account center, under API security; starts with " + keys.PublicKeyIDPrefix + "."
	case "base_url":
		return "Only to call another host than the platform's main one."
	case "apiv3_key", "apiv2_key":
		return "Secret: 32 bytes. Also as " + s.variable() + "."
	}
	return ""
}

// write writes the settings into a new file.
func (s *settings) write(path string) error {
	var b strings.Builder
	for _, setting := range s.all() {
		if comment := setting.comment(); comment != "" {
			b.WriteString("# " + comment + "\n")
		}
		value := *setting.value
		if value != "" && setting.kind == isPath && filepath.Dir(path) != "." {
			var err error // it is read relative to the file
			if value, err = filepath.Abs(value); err != nil {
				return err
			}
		}
		line, err := toml.Marshal(map[string]string{setting.name: value})
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
		return misuse{fmt.Errorf("%s is there already, and is not written over", path)}
	}
	if err != nil {
		return misuse{err}
	}
	_, err = f.WriteString(b.String())
	return errors.Join(err, f.Close())
}
