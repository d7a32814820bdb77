package sandbox

import (
	"fmt"
	"path/filepath"
	"regexp"

	"github.com/wxchain/wechatpay/cmd/wxpay/internal/shared/lang"
	"github.com/wxchain/wechatpay/cmd/wxpay/internal/shared/read"
	"github.com/wxchain/wechatpay/cmd/wxpay/internal/shared/settings"
	"github.com/wxchain/wechatpay/internal/wholefile"
)

var baseURLLine = regexp.MustCompile(`(?m)^base_url[ \t]*=.*\n?`)

// pointTo sets base_url in the wxpay.toml of each folder, so that commands in
// these folders call the sandbox.
func pointTo(url string, folders ...string) error {
	for _, folder := range folders {
		if err := setBaseURL(filepath.Join(folder, settings.FileName), url); err != nil {
			return lang.Errorf("writing base_url: %w", err)
		}
	}
	return nil
}

// hasServed reports whether a sandbox was served from a folder before. Each
// start writes base_url.
func hasServed(folder string) bool {
	text, err := read.File(filepath.Join(folder, settings.FileName), settings.MaxConfig)
	return err == nil && baseURLLine.Match(text)
}

// setBaseURL makes base_url the first line of a configuration file, because a
// line after a table would belong to that table.
func setBaseURL(path, url string) error {
	text, err := read.File(path, settings.MaxConfig)
	if err != nil {
		return err
	}
	line := fmt.Sprintf("base_url = %q\n", url)
	if found := baseURLLine.FindAllString(string(text), -1); len(found) == 1 && found[0] == line {
		return nil
	}
	file, err := wholefile.Create(path)
	if err != nil {
		return err
	}
	defer file.Discard()
	if _, err := file.WriteString(line + string(baseURLLine.ReplaceAll(text, nil))); err != nil {
		return err
	}
	return file.Commit()
}
