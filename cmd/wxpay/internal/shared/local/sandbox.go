package local

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"time"

	"github.com/spf13/cobra"

	"github.com/wxchain/wechatpay/cmd/wxpay/internal/shared/lang"
	"github.com/wxchain/wechatpay/cmd/wxpay/internal/shared/settings"
	"github.com/wxchain/wechatpay/sandbox"
)

const sandboxFlag = "sandbox"

// BindSandbox adds the flag --sandbox to root. Commands that make calls accept
// it, and it may come before the command's name.
func BindSandbox(root *cobra.Command) {
	root.PersistentFlags().Bool(sandboxFlag, false, "with call and batch: start a sandbox inside this process and call it")
	root.PersistentPreRunE = func(cmd *cobra.Command, _ []string) error {
		if WantsSandbox(cmd) && cmd.Name() != "call" && cmd.Name() != "batch" {
			return lang.Errorf("--sandbox is for wxpay call and wxpay batch; wxpay sandbox runs one that others can call")
		}
		return nil
	}
}

// WantsSandbox reports whether cmd was called with --sandbox.
func WantsSandbox(cmd *cobra.Command) bool {
	on, err := cmd.Flags().GetBool(sandboxFlag)
	return err == nil && on
}

// Load loads the settings of cmd. With --sandbox it starts a sandbox and uses
// that sandbox's merchant in place of the settings. stop removes everything the
// sandbox made.
func Load(cmd *cobra.Command, s *settings.Settings) (stop func() error, err error) {
	if !WantsSandbox(cmd) {
		return func() error { return nil }, s.Load()
	}
	return useSandbox(cmd.Context(), s)
}

// useSandbox starts a sandbox and fills in the settings for it.
func useSandbox(ctx context.Context, s *settings.Settings) (stop func() error, err error) {
	dir, err := os.MkdirTemp("", "wxpay-sandbox-*")
	if err != nil {
		return nil, err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, os.RemoveAll(dir))
		}
	}()
	config, err := sandbox.LoadDir(dir, time.Now())
	if err != nil {
		return nil, err
	}
	config.Demo, config.RSA = true, s.Build.SandboxRSA()
	server, err := sandbox.New(config)
	if err != nil {
		return nil, err
	}
	baseURL, stopServing, err := Serve(ctx, server)
	if err != nil {
		server.Close()
		return nil, err
	}
	stop = func() error {
		err := stopServing()
		server.Close()
		return errors.Join(err, os.RemoveAll(dir))
	}
	b := s.Build
	if *s, err = settings.ReadFile(filepath.Join(dir, settings.FileName)); err != nil {
		return nil, errors.Join(err, stop())
	}
	s.BaseURL, s.Build = baseURL, b
	return stop, nil
}
