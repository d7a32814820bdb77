package version

import (
	"bytes"
	"encoding/json"
	"errors"
	"runtime"
	"runtime/debug"
	"strings"
	"testing"

	"github.com/spf13/cobra"

	"github.com/wxchain/wechatpay"
	"github.com/wxchain/wechatpay/cmd/wxpay/internal/shared/build"
	"github.com/wxchain/wechatpay/cmd/wxpay/internal/shared/cli"
	"github.com/wxchain/wechatpay/cmd/wxpay/internal/shared/exit"
	"github.com/wxchain/wechatpay/cmd/wxpay/internal/shared/lang"
	"github.com/wxchain/wechatpay/cmd/wxpay/internal/shared/testkit"
)

// A build says its commit however the go command recorded it: from a repository, for a
// pseudo-version, or not at all.
func TestDescribe(t *testing.T) {
	vcs := func(pairs ...string) *debug.BuildInfo {
		info := &debug.BuildInfo{Main: debug.Module{Version: pairs[0]}}
		for i := 1; i < len(pairs); i += 2 {
			info.Settings = append(info.Settings, debug.BuildSetting{Key: pairs[i], Value: pairs[i+1]})
		}
		return info
	}
	const revision = "1ac4c9170bbcf2d0a1a36f4f0a3bb7e1d2c3b4a5"
	for name, test := range map[string]struct {
		info *debug.BuildInfo
		want string
	}{
		"no information": {nil, ``},
		"go test":        {vcs("(devel)"), `"module":"(devel)",`},
		"go install with a tag": {
			vcs("v0.2.0"), `"module":"v0.2.0",`,
		},
		"go install of a commit": {
			vcs("v0.2.1-0.20261129181629-2266e720c744"),
			`"module":"v0.2.1-0.20261129181629-2266e720c744","commit":"2266e720c744","commit_time":"2026-11-29T18:16:29Z",`,
		},
		"go install before the first tag": {
			vcs("v0.0.0-20261129181629-2266e720c744"),
			`"module":"v0.0.0-20261129181629-2266e720c744","commit":"2266e720c744","commit_time":"2026-11-29T18:16:29Z",`,
		},
		"a repository": {
			vcs("v0.2.0", "vcs", "git", "vcs.revision", revision, "vcs.time", "2026-11-25T18:39:00+08:00", "vcs.modified", "false"),
			`"module":"v0.2.0","commit":"` + revision + `","commit_time":"2026-11-25T10:39:00Z","modified":false,`,
		},
		"a repository with changes": {
			vcs("v0.2.1-0.20261129181629-2266e720c744+dirty", "vcs.revision", revision, "vcs.time", "2026-11-29T18:16:29Z", "vcs.modified", "true"),
			`"module":"v0.2.1-0.20261129181629-2266e720c744+dirty","commit":"` + revision + `","commit_time":"2026-11-29T18:16:29Z","modified":true,`,
		},
		"odd values": {
			vcs("v0.2.0", "vcs.time", "yesterday", "vcs.modified", "perhaps"), `"module":"v0.2.0",`,
		},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := json.Marshal(describe(test.info, nil))
			if err != nil {
				t.Fatal(err)
			}
			rest, ok := strings.CutPrefix(string(got), `{"version":"`+wechatpay.Version+`",`+test.want)
			if !ok || !strings.HasPrefix(rest, `"go":"`+runtime.Version()+`","os":"`+runtime.GOOS+`","arch":"`+runtime.GOARCH+`","catalogue":{"operations":`) ||
				!strings.HasSuffix(rest, `"signer":"crypto/rsa"}`) {
				t.Errorf("got %s", got)
			}
		})
	}
}

func TestDescribeNative(t *testing.T) {
	got := describe(nil, &build.Build{RSABy: "OpenSSL", Suite: &build.Suite{Name: "sm2"}})
	if got.Signer != "OpenSSL" || got.Suite != "sm2" {
		t.Errorf("got %+v", got)
	}
}

// What version prints of a build, in both languages.
func TestAbout(t *testing.T) {
	t.Parallel()
	native := &build.Build{RSABy: "OpenSSL", Suite: &build.Suite{Name: "sm2", Scheme: "WECHATPAY2-SM2-WITH-SM3"}}
	lacking := &build.Build{RSABy: "OpenSSL", Lacking: errors.New("openssl: no libcrypto")}
	for name, test := range map[string]struct {
		build            *build.Build
		english, chinese string
	}{
		"plain":           {nil, "RSA by crypto/rsa", "RSA 由 crypto/rsa 实现"},
		"native":          {native, "RSA by OpenSSL\nSM suite: WECHATPAY2-SM2-WITH-SM3", "RSA 由 OpenSSL 实现\n国密套件：WECHATPAY2-SM2-WITH-SM3"},
		"without OpenSSL": {lacking, "RSA by crypto/rsa, because OpenSSL cannot be used: openssl: no libcrypto", "RSA 由 crypto/rsa 实现，因为不能使用 OpenSSL：openssl: no libcrypto"},
	} {
		for language, want := range map[string]string{"en": test.english, "zh": test.chinese} {
			var out, stderr bytes.Buffer
			code := cli.Run(t.Context(), []*cobra.Command{New(test.build)}, []string{"version", "--lang", language}, &out, &stderr)
			if code != exit.OK || out.String() != "wxpay "+wechatpay.Version+"\n"+want+"\n" {
				t.Errorf("%s: exit %d, printed %q%s, want %q", name, code, &out, &stderr, want)
			}
		}
	}
	if got := describe(nil, lacking); got.Signer != "crypto/rsa" {
		t.Errorf("without OpenSSL the signer is %s", got.Signer)
	}
	var warned bytes.Buffer
	if err := lacking.Warn(lang.Chinese(), &warned, "wxpay batch"); err != nil || warned.String() != "wxpay batch: RSA 由 crypto/rsa 实现，因为不能使用 OpenSSL：openssl: no libcrypto\n" {
		t.Errorf("it warns %q, %v", &warned, err)
	}
	if err := native.Warn(lang.Chinese(), testkit.Full{}, "wxpay batch"); err != nil {
		t.Errorf("with OpenSSL it warns: %v", err)
	}
}
