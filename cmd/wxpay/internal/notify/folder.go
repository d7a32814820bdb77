package notify

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/wxchain/wechatpay/cmd/wxpay/internal/shared/lang"
	"github.com/wxchain/wechatpay/cmd/wxpay/internal/shared/settings"
	"github.com/wxchain/wechatpay/cmd/wxpay/internal/shared/term"
	"github.com/wxchain/wechatpay/sandbox"
)

// sandbox reads the keys of a sandbox, with the merchant that is notified first. It
// does not create keys, because handlers would not know them.
func (f sendOptions) sandbox() (sandbox.Config, error) {
	dir, mchID, err := f.folder()
	if err != nil {
		return sandbox.Config{}, err
	}
	suite, err := f.build.SandboxSuite("")
	if err != nil {
		return sandbox.Config{}, err
	}
	config, err := sandbox.Dir{Path: dir, Suite: suite}.Load(time.Now())
	if err != nil || mchID == "" {
		return config, err
	}
	i := slices.IndexFunc(config.Merchants, func(m sandbox.Merchant) bool { return m.MchID == mchID })
	if i < 0 {
		return config, lang.Errorf("--mchid: the sandbox in %s has no merchant %q; wxpay sandbox --merchant makes one", dir, term.Cut(mchID))
	}
	config.Merchants[0], config.Merchants[i] = config.Merchants[i], config.Merchants[0]
	return config, nil
}

// folder returns the folder of the sandbox, and the number of the merchant that is
// notified: "" is the first.
func (f sendOptions) folder() (dir, mchID string, err error) {
	if f.dir != "" {
		if _, err := os.Stat(filepath.Join(f.dir, settings.FileName)); err != nil {
			return "", "", lang.Errorf("--dir is not the folder of a sandbox, which wxpay sandbox --dir makes: %w", err)
		}
		return f.dir, f.mchID, nil
	}
	here, err := os.Getwd()
	if err != nil {
		return "", "", err
	}
	for dir = here; !isSandbox(dir); dir = filepath.Dir(dir) {
		if dir == filepath.Dir(dir) {
			return "", "", noSandbox(here)
		}
	}
	if mchID = f.mchID; mchID == "" {
		mchID = merchantOf(dir, here)
	}
	return dir, mchID, nil
}

// isSandbox reports whether a sandbox keeps its keys in dir.
func isSandbox(dir string) bool {
	platform, err := os.Stat(filepath.Join(dir, "platform"))
	if err != nil || !platform.IsDir() {
		return false
	}
	_, err = os.Stat(filepath.Join(dir, settings.FileName))
	return err == nil
}

// merchantOf returns the number of the merchant whose folder, in that of a sandbox,
// is or holds here. It returns "" for the first merchant.
func merchantOf(sandboxDir, here string) string {
	path, err := filepath.Rel(sandboxDir, here)
	if err != nil {
		return ""
	}
	parts := strings.Split(filepath.ToSlash(path), "/")
	if len(parts) < 2 || parts[0] != "merchants" {
		return ""
	}
	return parts[1]
}

// noSandbox is the error if neither here nor a folder above is that of a sandbox.
func noSandbox(here string) error {
	paths, _ := filepath.Glob(filepath.Join(here, "*", settings.FileName)) // a folder with an invalid pattern as its name has no matches
	var found lang.List
	for _, path := range paths {
		if dir := filepath.Dir(path); isSandbox(dir) {
			found = append(found, lang.Sprintf("--dir %s", filepath.Base(dir)))
		}
	}
	switch len(found) {
	case 0:
	case 1:
		return lang.Errorf("missing: --dir, the folder of a sandbox; one is here: %s", found)
	default:
		return lang.Errorf("missing: --dir, the folder of a sandbox; several are here: %s", found)
	}
	return lang.Errorf("missing: --dir, the folder of a sandbox; wxpay sandbox --dir makes one. In that folder the flag is not needed")
}
