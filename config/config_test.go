package config_test

import (
	"bytes"
	"encoding/gob"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/wxchain/wechatpay"
	"github.com/wxchain/wechatpay/config"
)

func TestLoad(t *testing.T) {
	w := newWorld(t)
	settings, err := config.Load(t.Context(), config.File(w.file()), w.clock)
	if err != nil {
		t.Fatal(err)
	}
	client, err := wechatpay.New(settings)
	if err != nil {
		t.Fatal(err)
	}
	call(t, client, first)
}

// Without a source, the environment comes before wxpay.toml of this folder.
func TestLoadWithoutSources(t *testing.T) {
	w := newWorld(t)
	t.Chdir(w.dir)
	settings, err := config.Load(t.Context())
	if err != nil || settings.MchID != first || settings.APIv2Key == "" {
		t.Fatalf("%v, %v", settings, err)
	}
	key := strings.Repeat("k", 32)
	t.Setenv("WECHATPAY_APIV2_KEY", key)
	if settings, err = config.Load(t.Context()); err != nil || settings.APIv2Key != key || settings.MchID != first {
		t.Errorf("%v, %v", settings, err)
	}
	t.Chdir(t.TempDir())
	if _, err = config.Load(t.Context()); !errors.Is(err, wechatpay.ErrConfig) {
		t.Errorf("the environment alone: %v", err)
	}
	t.Setenv("WECHATPAY_MCHID", second)
	t.Setenv("WECHATPAY_APIV2_KEY", "")
	t.Setenv("WECHATPAY_APIV2_KEY_FILE", write(t, t.TempDir(), "secret", key+"\n"))
	if settings, err = config.Load(t.Context()); err != nil || settings.APIv2Key != key || settings.MchID != second {
		t.Errorf("%v, %v", settings, err)
	}
}

// A file that lies in the current folder must not send signed requests elsewhere.
func TestFoundFileKeepsToThePlatform(t *testing.T) {
	clearEnvironment(t)
	dir := t.TempDir()
	t.Chdir(dir)
	for base, harmless := range map[string]bool{
		"https://api2.mch.weixin.qq.com/":        true,
		"http://127.0.0.1:8686/":                 true,
		"http://[::1]:8686/":                     true,
		"https://api.mch.weixin.qq.com.example/": false,
		"https://mch.weixin.qq.com@example.com/": false,
		"http://127.0.0.1.example.com/":          false,
	} {
		write(t, dir, config.FileName, fmt.Sprintf("base_url = %q\n", base))
		if _, err := config.Read(); (err == nil) != harmless {
			t.Errorf("%s: %v", base, err)
		}
		if _, err := config.Read(config.File(config.FileName)); err != nil {
			t.Errorf("%s in a file that was named: %v", base, err)
		}
	}
}

// An unnamed file whose base URL lacks its scheme is not taken for one that leads elsewhere.
func TestUnnamedFileWithoutScheme(t *testing.T) {
	clearEnvironment(t)
	dir := t.TempDir()
	t.Chdir(dir)
	write(t, dir, config.FileName, "base_url = \"localhost:8686\"\n")
	if _, err := config.Read(); err == nil || !strings.Contains(err.Error(), `wxpay.toml:1: base_url "localhost:8686" must start with https:// or http:// and a host; write "http://localhost:8686"`) {
		t.Error(err)
	}
}

func TestSourcesInOrder(t *testing.T) {
	clearEnvironment(t)
	dir := t.TempDir()
	several := write(t, dir, "several.toml", "base_url = \"http://localhost:1/\"\n[[merchant]]\nmchid = \"1\"\nserial_no = \"A1\"\n[[merchant]]\nmchid = \"2\"\nserial_no = \"A2\"\nbase_url = \"http://localhost:2/\"\n")
	one := write(t, dir, "one.toml", "mchid = \"3\"\ncertificate = \"c.pem\"\n")
	nameless := write(t, dir, "nameless.toml", "apiv2_key = \"2\"\n")
	file, values := config.File, func(m config.Merchant) config.Option { return config.Values(m) }
	type list []string // mchid, serial_no, base_url of each
	for _, tt := range []struct {
		name    string
		sources []config.Option
		want    list
		err     string
	}{
		{"several in a file", []config.Option{file(several)}, list{"1 A1 http://localhost:1/", "2 A2 http://localhost:2/"}, ""},
		{"files have all their merchants", []config.Option{file(several), file(one)}, list{"1 A1 http://localhost:1/", "2 A2 http://localhost:2/", "3  "}, ""},
		{"one is selected", []config.Option{values(config.Merchant{MchID: "2", SerialNo: "B"}), file(several)}, list{"2 B http://localhost:2/"}, ""},
		{"the first source wins", []config.Option{file(several), values(config.Merchant{MchID: "2", SerialNo: "B"})}, list{"2 A2 http://localhost:2/"}, ""},
		{"another than the file's", []config.Option{values(config.Merchant{MchID: "4"}), file(several)}, list{"4  "}, ""},
		{"every setting of one merchant", []config.Option{values(config.Merchant{MchID: "4", BaseURL: "http://localhost:4/"}), file(one)}, list{"4  http://localhost:4/"}, ""},
		{"a host for all", []config.Option{values(config.Merchant{BaseURL: "http://localhost:3/"}), file(several)}, list{"1 A1 http://localhost:3/", "2 A2 http://localhost:3/"}, ""},
		{"of whom", []config.Option{values(config.Merchant{SerialNo: "B"}), file(several)}, nil, "serial_no"},
		{"a certificate has its serial number", []config.Option{file(one), values(config.Merchant{SerialNo: "B"})}, list{"3  "}, ""},
		{"a file completes another", []config.Option{file(nameless), file(one)}, list{"3  "}, ""},
		{"a file for whom", []config.Option{file(several), file(nameless)}, nil, "nameless.toml"},
		{"nothing", []config.Option{values(config.Merchant{}), nil}, nil, ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			merchants, err := config.Read(tt.sources...)
			if tt.err != "" && (err == nil || !strings.Contains(err.Error(), tt.err)) || tt.err == "" && err != nil {
				t.Fatalf("error %v, want %q", err, tt.err)
			}
			var got list
			for _, m := range merchants {
				got = append(got, fmt.Sprint(m.MchID, " ", m.SerialNo, " ", m.BaseURL))
			}
			if strings.Join(got, "; ") != strings.Join(tt.want, "; ") {
				t.Errorf("%q, want %q", got, tt.want)
			}
		})
	}
}

func TestOrigin(t *testing.T) {
	clearEnvironment(t)
	path := write(t, t.TempDir(), config.FileName, "# the shop\nmchid = \"1900000109\"\n\nserial_no = \"AB\"\n")
	t.Setenv("WECHATPAY_SERIAL_NO", "CD")
	merchants, err := config.Read(config.Environment(), config.File(path))
	if err != nil || len(merchants) != 1 {
		t.Fatal(merchants, err)
	}
	m := merchants[0]
	if m.Origin("mchid") != path+":2" || m.Origin("serial_no") != "WECHATPAY_SERIAL_NO" || m.Origin("apiv3_key") != "" || m.SerialNo != "CD" {
		t.Errorf("%q, %q, %q", m.Origin("mchid"), m.Origin("serial_no"), m.Origin("apiv3_key"))
	}
}

// Kubernetes mounts a secret as links to the files of a folder that ..data points to.
func TestFolder(t *testing.T) {
	w := newWorld(t)
	mount := t.TempDir()
	data := filepath.Join(mount, "..2026_11_29")
	for name, from := range map[string]string{"apiclient_key.pem": "", "certificate": "apiclient_cert.pem", "pub_key.pem": ""} {
		if from == "" {
			from = name
		}
		write(t, data, name, contents(t, filepath.Join(w.dir, from)))
	}
	merchants, err := config.Read(config.File(w.file()))
	if err != nil {
		t.Fatal(err)
	}
	m := merchants[0]
	write(t, data, "mchid", m.MchID+"\n")
	write(t, data, "WECHATPAY_APIV3_KEY", m.APIv3Key)
	write(t, data, "platform-public-key-id.txt", " "+m.PlatformPublicKeyID+"\r\n")
	write(t, data, "database_password", "of something else")
	if err := os.Symlink(filepath.Base(data), filepath.Join(mount, "..data")); err != nil {
		t.Skip("no symbolic links here:", err)
	}
	settings, err := config.Load(t.Context(), config.Folder(mount), config.Values(config.Merchant{BaseURL: m.BaseURL}), w.clock)
	if err != nil {
		t.Fatal(err)
	}
	client, err := wechatpay.New(settings)
	if err != nil {
		t.Fatal(err)
	}
	call(t, client, first)

	nearly := write(t, data, "apiv3_kye", "a secret")
	if _, err = config.Read(config.Folder(mount)); err == nil || !strings.Contains(err.Error(), "apiv3_kye") || strings.Contains(err.Error(), "a secret") {
		t.Errorf("a name that is nearly that of a setting: %v", err)
	}
	os.Remove(nearly)
	write(t, data, "apiv3_key", "again")
	if _, err = config.Read(config.Folder(mount)); err == nil || !strings.Contains(err.Error(), "apiv3_key too") {
		t.Errorf("two files of one setting: %v", err)
	}
}

func TestFolderOfMerchants(t *testing.T) {
	clearEnvironment(t)
	dir := t.TempDir()
	write(t, filepath.Join(dir, "1900000110"), "apiv2_key", strings.Repeat("b", 32))
	write(t, filepath.Join(dir, "1900000109"), "apiv2_key", strings.Repeat("a", 32))
	write(t, filepath.Join(dir, "lost+found"), "apiv2_key", "")
	clients, err := config.Open(t.Context(), config.Folder(dir))
	if err != nil || strings.Join(clients.MchIDs(), " ") != "1900000109 1900000110" {
		t.Fatal(clients, err)
	}
	write(t, dir, "serial_no", "AB")
	if _, err := config.Open(t.Context(), config.Folder(dir)); err == nil || !strings.Contains(err.Error(), "move the settings") {
		t.Errorf("settings beside merchants: %v", err)
	}
	for name, dir := range map[string]string{"an empty folder": t.TempDir(), "no folder": filepath.Join(dir, "none")} {
		if _, err := config.Read(config.Folder(dir)); !errors.Is(err, wechatpay.ErrConfig) || !strings.Contains(err.Error(), dir) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestPrintsNoSecret(t *testing.T) {
	const secret = "SECRETSECRETSECRETSECRETSECRET32"
	m := config.Merchant{MchID: "1900000109", PrivateKey: "-----BEGIN " + secret, Certificate: secret, APIv3Key: secret, APIv2Key: secret, PlatformPublicKey: secret}
	var log bytes.Buffer
	slog.New(slog.NewTextHandler(&log, nil)).Info("m", "m", m, "p", &m)
	text, err := json.Marshal(m)
	if err != nil {
		t.Fatal(err)
	}
	if gob.NewEncoder(new(bytes.Buffer)).Encode(m) == nil {
		t.Error("gob encodes a Merchant")
	}
	for _, printed := range []string{
		fmt.Sprint(m), fmt.Sprintf("%v %+v %#v %s %q %x", m, m, m, m, m, m), fmt.Sprintf("%+v", &m),
		fmt.Sprintf("%+v", struct{ M config.Merchant }{m}), log.String(), string(text),
	} {
		if strings.Contains(printed, secret) || !strings.Contains(printed, "1900000109") {
			t.Errorf("printed: %s", printed)
		}
	}
}

func TestNilContext(t *testing.T) {
	//lint:ignore SA1012 the mistake of a caller
	if _, err := config.Load(nil); !errors.Is(err, wechatpay.ErrConfig) {
		t.Error(err)
	}
	//lint:ignore SA1012 the mistake of a caller
	if _, err := config.Open(nil); !errors.Is(err, wechatpay.ErrConfig) {
		t.Error(err)
	}
}
