package main

import (
	"context"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/wxchain/wechatpay/cmd/wxpay/internal/shared/cli/clitest"
	"github.com/wxchain/wechatpay/cmd/wxpay/internal/shared/settings"
	"github.com/wxchain/wechatpay/cmd/wxpay/internal/shared/testkit"
	"github.com/wxchain/wechatpay/internal/platform"
	"github.com/wxchain/wechatpay/signer"
)

func TestMain(m *testing.M) {
	clitest.Main(m, commands)
}

// Each script runs in a folder with the keys of a merchant and of a platform.
// The platform is at $PLATFORM.
func TestScripts(t *testing.T) {
	t.Parallel()
	testscript.Run(t, testscript.Params{
		Dir:  filepath.Join("testdata", "script"),
		Cmds: map[string]func(*testscript.TestScript, bool, []string){"exitcode": testkit.ExitCode},
		Setup: func(env *testscript.Env) error {
			server := httptest.NewServer(testkit.Platform{})
			env.Defer(server.Close)
			env.Setenv("PLATFORM", server.URL)
			config := strings.ReplaceAll(testkit.Config, "$PLATFORM", server.URL)
			if err := os.WriteFile(filepath.Join(env.WorkDir, settings.FileName), []byte(config), 0o600); err != nil {
				return err
			}
			if err := writeMessage(env.WorkDir, "new", time.Now()); err != nil {
				return err
			}
			if err := writeMessage(env.WorkDir, "old", time.Unix(1554209980, 0)); err != nil {
				return err
			}
			return testkit.WriteKeys(env.WorkDir)
		},
	})
}

// writeMessage writes the headers and the body of an answer from the platform.
func writeMessage(dir, name string, at time.Time) error {
	body := []byte(`{"coupon_id":"9867041"}`)
	s, err := signer.NewRSA(testkit.PublicKeyID, testkit.Keys()[1])
	if err != nil {
		return err
	}
	h := make(http.Header)
	if err := platform.Sign(context.Background(), s, h, strconv.FormatInt(at.Unix(), 10), body); err != nil {
		return err
	}
	var lines strings.Builder
	lines.WriteString("HTTP/1.1 200 OK\r\n")
	if err := h.Write(&lines); err != nil {
		return err
	}
	if err := os.WriteFile(filepath.Join(dir, name+".txt"), []byte(lines.String()), 0o644); err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(dir, name+".json"), body, 0o644)
}
