package settings

import (
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"net/netip"
	"net/url"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/pelletier/go-toml/v2"

	"github.com/wxchain/wechatpay/cmd/wxpay/internal/shared/read"
	"github.com/wxchain/wechatpay/internal/shallow"
	"github.com/wxchain/wechatpay/internal/suggest"
)

const (
	// FileName is the name of the configuration file.
	FileName = "wxpay.toml"

	// MaxConfig is the maximum size of a configuration file.
	MaxConfig = 64 << 10 // bytes
)

// ReadFile reads the settings from the configuration file at path. If path is
// empty, it reads wxpay.toml in the current folder, if that file exists.
func ReadFile(path string) (Settings, error) {
	optional := path == ""
	if optional {
		path = FileName
	}
	text, err := read.File(path, MaxConfig)
	if optional && errors.Is(err, fs.ErrNotExist) {
		return Settings{}, nil
	}
	if err != nil {
		return Settings{}, fmt.Errorf("configuration: %w", err)
	}
	s, err := parseConfig(text, filepath.Dir(path))
	if err == nil && optional && !isHarmless(s.BaseURL) {
		err = fmt.Errorf("base_url is neither the platform nor this machine; a configuration file that you did not name must not send signed requests elsewhere; "+
			"to use it, name the file: --config %s", path)
	}
	if err != nil {
		return Settings{}, fmt.Errorf("%s: %w", path, err)
	}
	return s, nil
}

// isHarmless reports whether a base URL points to the platform or to this
// machine.
func isHarmless(base string) bool {
	if base == "" {
		return true
	}
	u, err := url.Parse(base)
	if err != nil {
		return false
	}
	host := strings.ToLower(u.Hostname())
	ip, err := netip.ParseAddr(host)
	return u.Scheme == "https" && strings.HasSuffix(host, ".mch.weixin.qq.com") || host == "localhost" || err == nil && ip.IsLoopback()
}

// parseConfig reads settings from TOML. Paths in the file are relative to dir.
// Errors never quote a value, because it may be a secret.
func parseConfig(text []byte, dir string) (Settings, error) {
	if !shallow.TOML(text) {
		return Settings{}, errors.New("it is nested too deeply; write lines such as mchid = \"1900000109\"")
	}
	var values map[string]any
	if err := toml.Unmarshal(text, &values); err != nil {
		if at := (*toml.DecodeError)(nil); errors.As(err, &at) {
			line, column := at.Position()
			return Settings{}, fmt.Errorf("line %d, column %d is not TOML; write lines such as mchid = \"1900000109\", with each name once", line, column)
		}
		return Settings{}, errors.New("it is not TOML")
	}
	var s Settings
	var names []string
	for _, setting := range s.All() {
		names = append(names, setting.Name)
		value, given := values[setting.Name]
		if !given {
			continue
		}
		delete(values, setting.Name)
		text, ok := value.(string)
		if !ok {
			return Settings{}, fmt.Errorf("%s is not a text; write it in quotes", setting.Name)
		}
		if setting.Kind == isPath {
			text = under(dir, text)
		}
		*setting.value = text
	}
	if len(values) > 0 {
		name := slices.Min(slices.Collect(maps.Keys(values)))
		if nearest := suggest.Nearest(name, names); nearest != "" {
			return Settings{}, fmt.Errorf("unknown key %q; did you mean %q?", name, nearest)
		}
		return Settings{}, fmt.Errorf("unknown key %s; the keys are %s", quoteShort(name), strings.Join(names, ", "))
	}
	return s, nil
}

// quoteShort quotes a name only if it is too short to be a secret that was
// written in place of the name.
func quoteShort(name string) string {
	const secret = 32 // bytes
	if len(name) < secret {
		return strconv.Quote(name)
	}
	return fmt.Sprintf("of %d bytes, not shown, as it may be a secret", len(name))
}

// under turns the path of a file in dir into a path relative to the current
// folder. It leaves a URL and the text of a key unchanged.
func under(dir, path string) string {
	if path == "" || filepath.IsAbs(path) || strings.Contains(path, "://") || strings.Contains(path, "-----BEGIN") {
		return path
	}
	return filepath.Join(dir, path)
}
