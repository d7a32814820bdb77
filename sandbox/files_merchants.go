package sandbox

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
)

// merchantsDir has a folder for each merchant but the first, with its number as
// the name and the same files.
const merchantsDir = "merchants"

// AddMerchant makes a merchant with that number, of 1 to 32 digits, and writes
// its files into the folder of a sandbox, which [LoadDir] makes if need be: into
// the folder merchants/ and the number there, under the names that those of the
// first merchant have. If the sandbox has the merchant, nothing changes. A
// sandbox that is running does not see it before its next start.
func AddMerchant(dir, mchID string, now time.Time) error {
	if !mchIDs.MatchString(mchID) {
		return fmt.Errorf("sandbox: %.40q is no number of a merchant, which has 1 to 32 digits", mchID)
	}
	config, err := LoadDir(dir, now)
	if err != nil || slices.ContainsFunc(config.Merchants, func(m Merchant) bool { return m.MchID == mchID }) {
		return err
	}
	if err := addMerchant(filepath.Join(dir, merchantsDir), mchID, config.Platform.PublicKeyID, now); err != nil {
		return fmt.Errorf("sandbox: adding merchant %s: %w", mchID, err)
	}
	return nil
}

// addMerchant makes the folder of a merchant, whole or not at all.
func addMerchant(all, mchID, platformKeyID string, now time.Time) error {
	m, err := NewMerchant(mchID, now)
	if err != nil {
		return err
	}
	files, err := merchantFiles(m, platformKeyID, "../../"+publicFile)
	if err != nil {
		return err
	}
	if err := wholefile.MakeFolder(all); err != nil {
		return err
	}
	made, err := os.MkdirTemp(all, ".new-*")
	if err != nil {
		return err
	}
	if err = writeFiles(made, files); err == nil {
		err = os.Rename(made, filepath.Join(all, mchID))
	}
	if err != nil {
		return errors.Join(err, os.RemoveAll(made))
	}
	return wholefile.SyncFolder(all)
}

// loadMerchants adds the merchants that have a folder in that one.
func (config *Config) loadMerchants(all string) error {
	folders, err := os.ReadDir(all) // sorted
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	for _, folder := range folders {
		if strings.HasPrefix(folder.Name(), ".") {
			continue // was not made to its end
		}
		dir := filepath.Join(all, folder.Name())
		s, err := loadSettings(dir)
		if err != nil {
			return err
		}
		if first := config.Merchants[0].MchID; s.MchID != folder.Name() || s.MchID == first {
			return fmt.Errorf("%s: mchid is %.40q, want the name of the folder, and not the first merchant, %s",
				filepath.Join(dir, settingsFile), s.MchID, first)
		}
		if id := config.Platform.PublicKeyID; s.PlatformKeyID != id {
			return fmt.Errorf("%s: platform_public_key_id is %.60q, want that of this platform, %s", filepath.Join(dir, settingsFile), s.PlatformKeyID, id)
		}
		m, err := loadMerchant(dir, s)
		if err != nil {
			return err
		}
		config.Merchants = append(config.Merchants, m)
	}
	return nil
}
