package sandbox

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"slices"
	"time"

	"github.com/pelletier/go-toml/v2"
)

// partnersFile says for whom the merchants act as partners, if the folder has
// it.
const partnersFile = "sandbox.toml"

// filePartners are what sandbox.toml has.
type filePartners struct {
	SubMerchants []fileSubMerchant `toml:"sub_merchants"`
}

type fileSubMerchant struct {
	SpMchID  string `toml:"sp_mchid"`
	SubMchID string `toml:"sub_mchid"`
	SubAppID string `toml:"sub_appid,omitempty"`
}

// AddSubMerchant has a merchant act for a sub-merchant: it adds both to the file
// sandbox.toml in the folder of a sandbox, which [LoadDir] makes if need be. The
// partner must be one of the merchants there. If they are in the file, nothing
// changes, unless with another SubAppID, which is an error: edit the file. A
// sandbox that is running does not see them before its next start.
func AddSubMerchant(dir string, sub SubMerchant, now time.Time) error {
	config, err := LoadDir(dir, now)
	if err != nil || slices.Contains(config.SubMerchants, sub) {
		return err
	}
	path := filepath.Join(dir, partnersFile)
	config.SubMerchants = append(config.SubMerchants, sub)
	if err := config.checkMerchants(); err != nil {
		return fmt.Errorf("sandbox: adding to %s: %w", path, err)
	}
	if err := appendSubMerchant(path, sub); err != nil {
		return fmt.Errorf("sandbox: %w", err)
	}
	return nil
}

// appendSubMerchant leaves what is in the file as it is.
func appendSubMerchant(path string, sub SubMerchant) error {
	text, err := readFile(path)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	more, err := toml.Marshal(filePartners{[]fileSubMerchant{fileSubMerchant(sub)}})
	if err != nil {
		return err
	}
	if len(text) > 0 {
		text = append(bytes.TrimRight(text, "\n"), "\n\n"...)
	}
	if text = append(text, more...); !decodeTOML(text, new(filePartners)) {
		return fmt.Errorf("%s has sub_merchants in a form that cannot be added to; write it in there:\n\n%s", path, more)
	}
	return writeFile(path, publicMode, text)
}

// loadSubMerchants adds those in a file, if there is one.
func (config *Config) loadSubMerchants(path string) error {
	var partners filePartners
	err := loadTOML(path, &partners)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	for _, sub := range partners.SubMerchants {
		config.SubMerchants = append(config.SubMerchants, SubMerchant(sub))
	}
	if err := config.checkMerchants(); err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	return nil
}

// checkMerchants says what New would of the merchants and whom they act for.
func (config *Config) checkMerchants() error {
	s := &Server{merchants: make(map[string]Merchant)}
	if err := s.setMerchants(config.Merchants); err != nil {
		return err
	}
	return s.setSubMerchants(config.SubMerchants)
}
