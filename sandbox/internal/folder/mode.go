package folder

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"

	"github.com/wxchain/wechatpay/keys"
	"github.com/wxchain/wechatpay/sandbox/internal/party"
)

// oldMode is the mode of a folder that names none. Such a folder is older than
// modes, when each merchant worked with both kinds of keys.
const oldMode = party.WithBoth

var (
	modeLine       = regexp.MustCompile(`(?m)^platform_key[ \t]*=.*\n?`)
	publicKeyLines = regexp.MustCompile(`(?m)^platform_public_key(_id)?[ \t]*=.*\n?`)
)

// SetMode changes the mode of a folder that has those keys. The settings of each
// merchant then have the public key, or do without it.
func SetMode(dir string, mode party.Mode, k Keys) error {
	if mode == k.Mode {
		return nil
	}
	for i, m := range k.Merchants {
		if m.PrivateKey == nil { // it works with certificates
			continue
		}
		path, public := filepath.Join(dir, settingsFile), publicFile
		if i > 0 {
			path, public = filepath.Join(dir, merchantsDir, m.MchID, settingsFile), fromMerchant+publicFile
		}
		lines := fmt.Sprintf("platform_public_key_id = '%s'\nplatform_public_key = '%s'\n", k.Platform.PublicKeyID, public)
		if mode == party.WithCertificates {
			lines = ""
		}
		if err := replaceLines(path, secretMode, publicKeyLines, lines); err != nil {
			return err
		}
	}
	return writeMode(dir, mode)
}

// writeMode writes the mode into the file sandbox.toml.
func writeMode(dir string, mode party.Mode) error {
	path := filepath.Join(dir, partnersFile)
	return replaceLines(path, publicMode, modeLine, fmt.Sprintf("platform_key = '%s'\n", mode))
}

// replaceLines removes the lines of a file that match, and puts others at its
// beginning, because a line after a table would belong to that table. A missing
// file is made.
func replaceLines(path string, perm fs.FileMode, match *regexp.Regexp, lines string) error {
	text, err := readFile(path)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return writeFile(path, perm, append([]byte(lines), match.ReplaceAll(text, nil)...))
}

// publicKeyID returns the id of the platform public key. If the settings do not
// name it, its file in the folder of the platform does.
func publicKeyID(dir string, s fileSettings) (string, error) {
	settings := filepath.Join(dir, settingsFile)
	if id := s.PlatformKeyID; id != "" {
		if !strings.HasPrefix(id, keys.PublicKeyIDPrefix) || filepath.Base(id) != id {
			return "", fmt.Errorf("%s: platform_public_key_id is %.60q, want %s…", settings, id, keys.PublicKeyIDPrefix)
		}
		return id, nil
	}
	files, err := os.ReadDir(filepath.Join(dir, platformDir))
	if err != nil {
		return "", err
	}
	var ids []string
	for _, file := range files {
		if id, isKey := strings.CutSuffix(file.Name(), ofKey); isKey && strings.HasPrefix(id, keys.PublicKeyIDPrefix) {
			ids = append(ids, id)
		}
	}
	if len(ids) != 1 {
		return "", fmt.Errorf("%s has no platform_public_key_id, and %s has %d keys named %s…%s, want 1",
			settings, filepath.Join(dir, platformDir), len(ids), keys.PublicKeyIDPrefix, ofKey)
	}
	return ids[0], nil
}
