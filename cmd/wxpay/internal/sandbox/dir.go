package sandbox

import (
	"strings"
	"time"

	"github.com/wxchain/wechatpay/cmd/wxpay/internal/shared/lang"
	"github.com/wxchain/wechatpay/sandbox"
	"github.com/wxchain/wechatpay/sandbox/console"
)

// newServer creates a sandbox with the keys in the folder.
func (o options) newServer(config sandbox.Config) (*sandbox.Server, *connection, error) {
	files, err := o.loadDir(time.Now())
	if err != nil {
		return nil, nil, err
	}
	config.Merchants, config.SubMerchants, config.Platform, config.PlatformKey = files.Merchants, files.SubMerchants, files.Platform, files.PlatformKey
	config.RSA, config.Suite = o.build.SandboxRSA(), files.Suite
	config.Seed, config.Speed, config.Demo, config.AllowHosts = o.seed, o.speed, true, o.controlHosts()
	text := new(connection) // complete once the sandbox listens
	config.Console = console.Options{Connection: text.String}.New
	config.SlowTransfers, config.AsDocumented = o.slow, o.asDocumented
	server, err := sandbox.New(config)
	if err != nil {
		return nil, nil, err
	}
	*text = newConnection(files, server, o)
	return server, text, nil
}

// loadDir adds what the flags name to the folder, then loads the folder.
func (o options) loadDir(now time.Time) (sandbox.Config, error) {
	dir := sandbox.Dir{Path: o.dir, Suite: o.suite, MakesSuite: o.suiteName != ""}
	for _, mchID := range o.merchants {
		if err := dir.AddMerchant(mchID, now); err != nil {
			return sandbox.Config{}, lang.Errorf("--merchant: %w", err)
		}
	}
	for _, pair := range o.subMerchants {
		sp, sub, _ := strings.Cut(pair, "/") // without a slash, sub is not a number
		if err := dir.AddSubMerchant(sandbox.SubMerchant{SpMchID: sp, SubMchID: sub}, now); err != nil {
			return sandbox.Config{}, lang.Errorf("--sub-merchant %.80q: %w", pair, err)
		}
	}
	if o.platformKey != "" {
		if err := dir.SetPlatformKey(sandbox.PlatformKey(o.platformKey), now); err != nil {
			return sandbox.Config{}, lang.Errorf("--platform-key: %w", err)
		}
	}
	config, err := dir.Load(now)
	if err == nil && o.suiteName != "" && config.Suite == nil {
		return config, lang.Errorf("--suite: no merchant in %s is of the suite %s; create one with --merchant", o.dir, o.suiteName)
	}
	return config, err
}
