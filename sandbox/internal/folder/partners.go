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
// sandbox.toml in a folder that has those keys. If they are in the file, nothing
// changes, unless with another SubAppID, which is an error.
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

// appendSubMerchant leaves what is in the file as it is.
func appendSubMerchant(path string, sub party.SubMerchant) error {
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
func (k *Keys) loadSubMerchants(path string) error {
	var partners filePartners
	err := loadTOML(path, &partners)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	for _, sub := range partners.SubMerchants {
		k.SubMerchants = append(k.SubMerchants, party.SubMerchant(sub))
	}
	if err := k.check(); err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	return nil
}

// check says what of the merchants, and of whom they act for, is wrong.
func (k *Keys) check() error {
	merchants, err := party.NewMerchants(k.Merchants)
	if err != nil {
		return err
	}
	return merchants.CheckSubs(k.SubMerchants)
}
