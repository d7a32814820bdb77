package folder

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/wxchain/wechatpay/internal/wholefile"
	"github.com/wxchain/wechatpay/sandbox/internal/party"
)

// merchantsDir has a folder for each merchant except the first. Its name is the
// merchant's number, and it has the same files.
const merchantsDir = "merchants"

// fromMerchant is the path from the folder of such a merchant to that of the first.
const fromMerchant = "../../"

// AddMerchant makes a merchant and writes its files into a folder that has those
// keys. If the folder has the merchant already, nothing changes.
func AddMerchant(dir, mchID string, kind Kind, k Keys, now time.Time) error {
	if slices.ContainsFunc(k.Merchants, func(m party.Merchant) bool { return m.MchID == mchID }) {
		return nil
	}
	if err := addSuite(dir, kind.made(), k.Platform, now); err != nil {
		return err
	}
	return addMerchant(filepath.Join(dir, merchantsDir), mchID, kind.made(), k, now)
}

// addMerchant makes the folder of a merchant, completely or not at all.
func addMerchant(all, mchID string, suite party.Suite, k Keys, now time.Time) error {
	m, key, err := newMerchant(suite, mchID, now)
	if err != nil {
		return err
	}
	id, public := k.Platform.PublicKeyID, fromMerchant+publicFile
	if k.Mode == party.WithCertificates {
		id, public = "", ""
	}
	files, err := merchantFiles(m, key, id, public)
	if err != nil {
		return err
	}
	if err := wholefile.MakeFolder(all); err != nil {
		return err
	}
	return writeFolder(all, mchID, files)
}

// writeFolder makes a folder with files, completely or not at all.
func writeFolder(parent, name string, files []newFile) error {
	made, err := os.MkdirTemp(parent, ".new-*")
	if err != nil {
		return err
	}
	if err = writeFiles(made, files); err == nil {
		err = os.Rename(made, filepath.Join(parent, name))
	}
	if err != nil {
		return errors.Join(err, os.RemoveAll(made))
	}
	return wholefile.SyncFolder(parent)
}

// loadMerchants adds the merchants that have a folder below all.
func (k *Keys) loadMerchants(all string, suite party.Suite) error {
	folders, err := os.ReadDir(all) // sorted
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	for _, folder := range folders {
		if strings.HasPrefix(folder.Name(), ".") {
			continue // it was not written completely
		}
		dir := filepath.Join(all, folder.Name())
		s, err := loadSettings(dir)
		if err != nil {
			return err
		}
		if first := k.Merchants[0].MchID; s.MchID != folder.Name() || s.MchID == first {
			return fmt.Errorf("%s: mchid is %.40q, want the name of the folder, and not the first merchant, %s",
				filepath.Join(dir, settingsFile), s.MchID, first)
		}
		if id := k.Platform.PublicKeyID; s.PlatformKeyID != id && s.PlatformKeyID != "" {
			return fmt.Errorf("%s: platform_public_key_id is %.60q, want that of this platform, %s", filepath.Join(dir, settingsFile), s.PlatformKeyID, id)
		}
		m, err := loadMerchant(dir, s, suite)
		if err != nil {
			return err
		}
		k.Merchants = append(k.Merchants, m)
	}
	return nil
}
