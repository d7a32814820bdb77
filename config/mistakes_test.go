package config_test

import (
	"errors"
	"path/filepath"
	"strings"
	"testing"

	"github.com/wxchain/wechatpay"
	"github.com/wxchain/wechatpay/config"
)

const secret = "SECRETSECRETSECRETSECRETSECRET32"

// An error names the file, the line and the key, and shows no secret.
func TestMistakes(t *testing.T) {
	w := newWorld(t)
	cert, key := filepath.Join(w.dir, "apiclient_cert.pem"), filepath.Join(w.dir, "apiclient_key.pem")
	pub := filepath.Join(w.dir, "pub_key.pem")
	write(t, w.dir, "garbage.pem", secret)
	write(t, w.dir, "empty", "\n")
	whole := func(lines ...string) string {
		return strings.Join(append([]string{"mchid = \"1900000109\"", "private_key = '" + key + "'"}, lines...), "\n")
	}
	const id = "platform_public_key_id = \"PUB_KEY_ID_0114232134912410000000000000\"\n"
	certLine, pubLines := "certificate = '"+cert+"'", id+"platform_public_key = '"+pub+"'"
	for _, tt := range []struct{ name, text, want string }{
		{"not TOML", "mchid = 1900000109\nserial_no 5", ": line 2, column"},
		{"GBK", "# \xd6\xd0\xb9\xfa\nmchid = \"1900000109\"", " is not UTF-8; save it as UTF-8"},
		{"a key twice", "mchid = \"1\"\nmchid = \"2\"", ":2"},
		{"a number", "\n\nmchid = 1900000109", ":3: mchid is not a text; write it in quotes"},
		{"a key that is nearly one", "mch_id = \"1\"", `:1: unknown key "mch_id"; did you mean "mchid"?`},
		{"an unknown key", "\nzzzzzz = \"1\"", `:2: unknown key "zzzzzz"`},
		{"a secret in place of a key", secret + " = \"1\"", ":1: unknown key of 32 bytes"},
		{"dotted", "a.b = \"1\"", `:1: unknown key "a.b"`},
		{"a table", "[merchant]\nmchid = \"1\"", `:1: unknown table "[merchant]"`},
		{"an unknown list", "[[shops]]\nmchid = \"1\"", `:1: unknown table "[[shops]]"`},
		{"nameless", "[[merchant]]\nmchid = \"1\"\n[[merchant]]\nserial_no = \"AB\"", ":3: this [[merchant]] has no mchid"},
		{"the same twice", "[[merchant]]\nmchid = \"1\"\n[[merchant]]\nmchid = \"1\"", ":4: mchid \"1\" is that of"},
		{"above all", "apiv3_key = \"" + secret + "\"\n[[merchant]]\nmchid = \"1\"", ":1: apiv3_key stands above"},
		{"a secret and its file", "apiv3_key = \"" + secret + "\"\napiv3_key_file = \"empty\"", ":2: apiv3_key is set on line 1 already"},
		{"no file of a secret", "apiv3_key_file = \"none\"", ":1: apiv3_key_file: "},
		{"a secret in place of its file", "apiv3_key_file = \"" + secret + "\"", ":1: apiv3_key_file: it is the secret itself"},
		{"an empty file of a secret", "apiv3_key_file = \"empty\"", ":1: apiv3_key_file: "},
		{"an appid", whole(certLine, pubLines) + "\n# here\n" + "[[", "column"},
		{"no mchid", "apiv2_key = \"" + secret + "\"", "missing: mchid"},
		{"a short secret", "mchid = \"1900000109\"\napiv2_key = \"" + secret[:31] + "\"", ":2: apiv2_key has 31 bytes"},
		{"a long secret", whole(certLine, pubLines, "apiv3_key = \""+secret+secret[:1]+"\""), ":6: apiv3_key has 33 bytes"},
		{"a short other secret", whole(certLine, pubLines, "apiv3_key = \""+secret+"\"", "other_apiv3_key = \"short\""), ":7: other_apiv3_key has 5 bytes"},
		{"an other secret alone", whole(certLine, pubLines, "other_apiv3_key = \""+secret+"\""), "missing: apiv3_key, beside other_apiv3_key"},
		{"a base URL", whole(certLine, pubLines, "base_url = \"ftp://example.com/\""), ":6: base_url "},
		{"a base URL without a scheme", whole(certLine, pubLines, "base_url = \"localhost:8686\""), `:6: base_url "localhost:8686" must start with https:// or http:// and a host; write "http://localhost:8686"`},
		{"no private key", "mchid = \"1900000109\"\n" + certLine + "\n" + pubLines, "merchant \"1900000109\": missing: private_key"},
		{"no certificate", whole(pubLines), "missing: serial_no, or certificate"},
		{"no platform key", whole(certLine), "missing: platform_public_key_id and platform_public_key"},
		{"half a platform key", whole(certLine, id), "missing: platform_public_key, "},
		{"the other half", whole(certLine, "platform_public_key = '"+pub+"'"), "missing: platform_public_key_id, "},
		{"an id of something else", whole(certLine, "platform_public_key_id = \"0x1\"", "platform_public_key = '"+pub+"'"), ":4: platform_public_key_id "},
		{"no such file", whole(certLine, id+"platform_public_key = \"none.pem\""), ":5: platform_public_key: open "},
		{"garbage", "mchid = \"1900000109\"\nprivate_key = \"garbage.pem\"\n" + certLine, ":2: private_key: "},
		{"the wrong file", "mchid = \"1900000109\"\nprivate_key = \"pub_key.pem\"\n" + certLine, ":2: private_key: this is a public key"},
		{"the wrong certificate", whole("certificate = \"pub_key.pem\"", pubLines), ":3: certificate: the PEM block is"},
		{"another's certificate", whole("certificate = \"merchants/1900000110/apiclient_cert.pem\"", pubLines), ":3: certificate does not belong to private_key of "},
		{"another serial number", whole(certLine, "serial_no = \"AB\"", pubLines), ":4: serial_no is not that of certificate"},
		{"the platform's serial number", whole("serial_no = \"PUB_KEY_ID_01\"", pubLines), ":3: serial_no is the id of a platform public key"},
		{"a decimal serial number", whole("serial_no = \""+strings.Repeat("12", 24)+"\"", pubLines), ":3: serial_no has 48 digits"},
		{"an appid", strings.Replace(whole(certLine, pubLines), "1900000109", "wxd678efh567hg6787", 1), ":1: mchid \"wxd678efh567hg6787\" is an appid"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			path := write(t, w.dir, "bad.toml", tt.text)
			_, err := config.Load(t.Context(), config.File(path))
			if err == nil {
				t.Fatal("no error")
			}
			if !errors.Is(err, wechatpay.ErrConfig) || !strings.Contains(err.Error(), path) || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("%v\nwant %s%s", err, path, tt.want)
			}
			if strings.Contains(err.Error(), secret[:16]) {
				t.Errorf("a secret: %v", err)
			}
		})
	}
}

// All mistakes of all merchants are reported at once.
func TestAllMistakes(t *testing.T) {
	clearEnvironment(t)
	path := write(t, t.TempDir(), config.FileName, `
[[merchant]]
mchid = "1900000109"
apiv2_key = "short"
[[merchant]]
mchid = "wx1"
private_key = "none.pem"
`)
	_, err := config.Open(t.Context(), config.File(path))
	for _, want := range []string{":4: apiv2_key has 5 bytes", ":6: mchid", ":7: private_key: open ", "missing: serial_no"} {
		if err == nil || !strings.Contains(err.Error(), path+want) && !strings.Contains(err.Error(), want) {
			t.Errorf("%v\nlacks %s", err, want)
		}
	}
}

func TestEnvironmentMistakes(t *testing.T) {
	clearEnvironment(t)
	t.Setenv("WECHATPAY_MCHID", "1900000109")
	t.Setenv("WECHATPAY_APIV2_KEY", secret[:30])
	if _, err := config.Load(t.Context(), config.Environment()); err == nil || !strings.Contains(err.Error(), "WECHATPAY_APIV2_KEY: apiv2_key has 30 bytes") {
		t.Error(err)
	}
	t.Setenv("WECHATPAY_BASE_URL", "127.0.0.1:8686")
	if _, err := config.Load(t.Context(), config.Environment()); err == nil || !strings.Contains(err.Error(), `WECHATPAY_BASE_URL: base_url "127.0.0.1:8686" must start with https:// or http:// and a host; write "http://127.0.0.1:8686"`) {
		t.Error(err)
	}
	t.Setenv("WECHATPAY_APIV2_KEY_FILE", "none")
	if _, err := config.Load(t.Context(), config.Environment()); err == nil || !strings.Contains(err.Error(), "WECHATPAY_APIV2_KEY and WECHATPAY_APIV2_KEY_FILE are both set") {
		t.Error(err)
	}
	t.Setenv("WECHATPAY_APIV2_KEY", "")
	if _, err := config.Load(t.Context(), config.Environment()); err == nil || !strings.Contains(err.Error(), "WECHATPAY_APIV2_KEY_FILE: open none") {
		t.Error(err)
	}
}
