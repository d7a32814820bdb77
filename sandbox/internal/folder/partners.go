package folder

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"slices"

	"github.com/pelletier/go-toml/v2"

	"github.com/wxchain/wechatpay/sandbox/internal/party"
)

// partnersFile has the mode of the merchants, and lists the sub-merchants that they
// act for. It is optional.
const partnersFile = "sandbox.toml"

// filePartners is the content of sandbox.toml.
type filePartners struct {
	Mode         party.Mode        `toml:"platform_key,omitempty"`
	SubMerchants []fileSubMerchant `toml:"sub_merchants"`
}

type fileSubMerchant struct {
	SpMchID  string `toml:"sp_mchid"`
	SubMchID string `toml:"sub_mchid"`
	SubAppID string `toml:"sub_appid,omitempty"`
}

// AddSubMerchant adds a sub-merchant and its partner to the file sandbox.toml in
// a folder that has those keys. If the file has the pair already, nothing
// changes; with another SubAppID it is an error.
func AddSubMerchant(dir string, sub party.SubMerchant, k Keys) error {
	if slices.Contains(k.SubMerchants, sub) {
		return nil
	}
	path := filepath.Join(dir, partnersFile)
	k.SubMerchants = append(k.SubMerchants, sub)
	if err := k.check(); err != nil {
		return fmt.Errorf("adding to %s: %w", path, err)
	}
	return appendSubMerchant(path, sub)
}

// appendSubMerchant appends to the file and leaves its content unchanged.
func appendSubMerchant(path string, sub party.SubMerchant) error {
	text, err := readFile(path)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	more, err := toml.Marshal(filePartners{SubMerchants: []fileSubMerchant{fileSubMerchant(sub)}})
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

// loadPartners adds the mode and the sub-merchants in a file, if there is one.
func (k *Keys) loadPartners(path string) error {
	var partners filePartners
	err := loadTOML(path, &partners)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	if partners.Mode != "" {
		k.Mode = partners.Mode
	}
	if err := k.Mode.Check(); err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	for _, sub := range partners.SubMerchants {
		k.SubMerchants = append(k.SubMerchants, party.SubMerchant(sub))
	}
	if err := k.check(); err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	return nil
}

// check returns an error that says what is wrong with the merchants and
// sub-merchants.
func (k *Keys) check() error {
	merchants, err := party.NewMerchants(k.Merchants, party.RSA{}, nil)
	if err != nil {
		return err
	}
	return merchants.CheckSubs(k.SubMerchants)
}
