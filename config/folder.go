package config

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/wxchain/wechatpay/internal/suggest"
)

// Folder reads a folder with one file for each setting, as Kubernetes, Docker and
// Vault mount secrets. The file has the name of the key or of the variable, in any
// case, with hyphens or underscores, and perhaps .pem or .txt at its end: apiv3_key,
// private-key.pem, WECHATPAY_MCHID. The names that the platform gives its files work
// too: apiclient_key.pem, apiclient_cert.pem and pub_key.pem. Other files are ignored,
// unless their name is nearly that of a setting.
//
// Each subfolder is a merchant, whose mchid is the name of the subfolder if no file
// says so. Names that start with a dot are ignored.
func Folder(path string) Option { return from(folder(path)) }

type folder string

func (f folder) read() ([]Merchant, error) {
	root := string(f)
	// Kubernetes replaces all files at once, by pointing ..data to another folder.
	if data, err := filepath.EvalSymlinks(filepath.Join(root, "..data")); err == nil {
		root = data
	}
	entries, err := os.ReadDir(root)
	if err != nil {
		return nil, err
	}
	own := Merchant{origin: string(f)}
	var merchants []Merchant
	for _, entry := range entries {
		name := entry.Name()
		if strings.HasPrefix(name, ".") {
			continue
		}
		info, err := os.Stat(filepath.Join(root, name)) // of what a link leads to
		if err != nil {
			return nil, err
		}
		if !info.IsDir() {
			err = own.readEntry(root, string(f), name)
		} else if isNumber(name) {
			var m Merchant
			if m, err = readMerchant(filepath.Join(root, name), filepath.Join(string(f), name)); err == nil {
				merchants = append(merchants, m)
			}
		}
		if err != nil {
			return nil, err
		}
	}
	switch {
	case own.origins == nil && len(merchants) == 0:
		return nil, at(string(f), fmt.Errorf("no file in this folder has the name of a setting; the names are %s", strings.Join(names(), ", ")))
	case own.origins == nil:
		return merchants, nil
	case len(merchants) == 0:
		return []Merchant{own}, nil
	}
	return nil, at(string(f), errors.New("it has both settings and folders of merchants; move the settings into the folder of their merchant"))
}

// readMerchant reads the folder of one merchant.
func readMerchant(dir, origin string) (Merchant, error) {
	m := Merchant{origin: origin}
	entries, err := os.ReadDir(dir)
	if err != nil {
		return m, err
	}
	for _, entry := range entries {
		if name := entry.Name(); !strings.HasPrefix(name, ".") {
			if err := m.readEntry(dir, origin, name); err != nil {
				return m, err
			}
		}
	}
	if m.MchID == "" {
		m.set("mchid", filepath.Base(dir), origin)
	}
	return m, nil
}

// readEntry reads the file of a setting. dir is the folder that it is in, and shown
// that folder as it was named.
func (m *Merchant) readEntry(dir, shown, name string) error {
	key := settingOf(name)
	path, origin := filepath.Join(dir, name), filepath.Join(shown, name)
	all := m.settings()
	i := slices.IndexFunc(all, func(s setting) bool { return s.key == key })
	if i < 0 {
		if nearest := suggest.Nearest(key, names()); nearest != "" {
			return at(origin, fmt.Errorf("no setting has this name; did you mean %s?", nearest))
		}
		return nil
	}
	if before := m.Origin(key); before != "" {
		return at(origin, fmt.Errorf("%s has %s too; remove one of the files", before, key))
	}
	if all[i].kind == isPath {
		if info, err := os.Stat(path); err != nil || info.IsDir() {
			return at(origin, errors.Join(err, fs.ErrInvalid))
		}
		m.set(key, path, origin)
		return nil
	}
	value, err := readSecret("", path)
	if err != nil {
		return err
	}
	m.set(key, value, origin)
	return nil
}

// settingOf returns the key that the name of a file stands for.
func settingOf(name string) string {
	switch name {
	case "apiclient_key.pem":
		return "private_key"
	case "apiclient_cert.pem":
		return "certificate"
	case "pub_key.pem":
		return "platform_public_key"
	}
	key := strings.ToLower(name)
	for _, end := range []string{".pem", ".txt"} {
		key = strings.TrimSuffix(key, end)
	}
	return strings.TrimPrefix(strings.ReplaceAll(key, "-", "_"), "wechatpay_")
}

// isNumber reports whether the name of a folder is that of a merchant.
func isNumber(name string) bool {
	return name != "" && strings.Trim(name, "0123456789") == ""
}
