package doctor

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/wxchain/wechatpay/cmd/wxpay/internal/shared/exit"
	"github.com/wxchain/wechatpay/cmd/wxpay/internal/shared/lang"
	"github.com/wxchain/wechatpay/cmd/wxpay/internal/shared/settings"
	"github.com/wxchain/wechatpay/cmd/wxpay/internal/shared/show"
	"github.com/wxchain/wechatpay/cmd/wxpay/internal/shared/testkit"
	"github.com/wxchain/wechatpay/sandbox"
)

func TestDoctorHealthy(t *testing.T) {
	for name, edit := range map[string]func(*patient){
		"all is set": func(*patient) {},
		// Settings that are not set are not required.
		"the public key alone":   func(p *patient) { p.APIv3Key, p.APIv2Key, p.Certificate = "", "", "" },
		"the certificates alone": func(p *patient) { p.PlatformKeyID, p.PlatformKey, p.SerialNo = "", "", "" },
		"a certificate beside the key": func(p *patient) {
			p.Certificate = ""
		},
		"a certificate as the platform's key": func(p *patient) {
			p.PlatformKey, p.PlatformKeyID = p.platformCertificate("platform.pem")
			p.APIv3Key = ""
			p.behind(func(r *http.Request) { r.Header.Set("Wechatpay-Serial", p.PlatformKeyID) }, nil)
		},
		"the text of a key": func(p *patient) {
			text, err := os.ReadFile(p.Settings.PrivateKey)
			if err != nil {
				p.t.Fatal(err)
			}
			p.Settings.PrivateKey = ""
			p.t.Setenv("WECHATPAY_PRIVATE_KEY", string(text))
		},
		"no certificates for the merchant": func(p *patient) {
			p.behind(func(r *http.Request) { r.URL.Path = "/v3/none" }, nil)
		},
	} {
		t.Run(name, func(t *testing.T) {
			p := newPatient(t)
			edit(p)
			c := p.examine(false)
			if bad := c.with(wrong); bad != nil || c.verdict() != nil {
				t.Errorf("wrong are %v:\n%s", bad, c.text())
			}
			if !slices.Contains(c.with(right), "call") {
				t.Errorf("the call was not made:\n%s", c.text())
			}
		})
	}
}

// An illness is a wrong setting of a patient.
type illness struct {
	name string
	edit func(*patient)
	want string // names of the checks with ✘
	says string // text in the line of the first one
	code int
}

// wantFound checks that doctor finds each illness.
func wantFound(t *testing.T, illnesses []illness) {
	t.Helper()
	for _, tt := range illnesses {
		t.Run(tt.name, func(t *testing.T) {
			p := newPatient(t)
			tt.edit(p)
			c := p.examine(false)
			if got := strings.Join(c.with(wrong), " "); got != tt.want {
				t.Errorf("✘ have %q, want %q", got, tt.want)
			}
			first := c.findings[max(0, slices.IndexFunc(c.findings, func(f finding) bool { return f.OK == wrong }))]
			if line := first.Message.String() + " → " + first.Mend.String(); !strings.Contains(line, tt.says) {
				t.Errorf("it says %q, want %q", line, tt.says)
			}
			if code := exit.Code(c.verdict()); code != tt.code {
				t.Errorf("exit %d, want %d", code, tt.code)
			}
			if t.Failed() {
				t.Log(c.text())
			}
			p.keepsSecrets(c)
		})
	}
}

// Doctor finds wrong settings of the merchant.
func TestDoctorFindsMerchant(t *testing.T) {
	t.Parallel()
	other := testkit.Keys()[2]
	ec, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	day := 24 * time.Hour
	wantFound(t, []illness{
		{"nothing", func(p *patient) { p.Settings = settings.Settings{Config: p.Settings.Config, BaseURL: p.URL()} },
			"mchid private_key_file platform_public_key_id serial_no", "missing: --mchid or WECHATPAY_MCHID", exit.Usage},
		{"broken file", func(p *patient) { p.Config = p.write("x.toml", `apiv3_kye = "hidden"`) },
			"configuration", `unknown key "apiv3_kye"; did you mean "apiv3_key"?`, exit.Usage},
		{"appid for mchid", func(p *patient) { p.MchID = "wxd678efh567hg6787" }, "mchid", "appid", exit.Usage},
		{"bad mchid", func(p *patient) { p.MchID = `19"` }, "mchid", "MchID", exit.Usage},

		{"no such file", func(p *patient) { p.Settings.PrivateKey = filepath.Join(p.dir, "absent.pem") },
			"private_key_file", "absent.pem: no such file", exit.Usage},
		{"a folder", func(p *patient) { p.Settings.PrivateKey = p.dir }, "private_key_file", "is a directory", exit.Usage},
		{"no PEM", func(p *patient) { p.Settings.PrivateKey = p.write("x.pem", "key") }, "private_key", "no PEM block", exit.Usage},
		{"EC key", func(p *patient) { p.Settings.PrivateKey = p.privateKey("x.pem", ec) }, "private_key", "not an RSA key", exit.Usage},
		{"public key for private", func(p *patient) { p.Settings.PrivateKey = p.PlatformKey }, "private_key", "this is a public key, not a private key", exit.Usage},
		{"certificate for private", func(p *patient) { p.Settings.PrivateKey = p.Certificate }, "private_key", "this is a certificate, not a private key", exit.Usage},
		{"encrypted", func(p *patient) { p.Settings.PrivateKey = p.file("x.pem", "ENCRYPTED PRIVATE KEY", []byte{0x30}) },
			"private_key", "openssl pkcs8", exit.Usage},

		{"key for certificate", func(p *patient) { p.Certificate = p.Settings.PrivateKey }, "certificate", "want CERTIFICATE", exit.Usage},
		{"expired", func(p *patient) { p.Certificate = p.certify(time.Now().Add(-2*day), time.Now().Add(-day)) },
			"certificate_in_force", "it expired at", exit.Usage},
		{"not yet", func(p *patient) { p.Certificate = p.certify(time.Now().Add(day), time.Now().Add(100*day)) },
			"certificate_in_force", "it is not in force before", exit.Usage},
		{"key of another", func(p *patient) { p.Settings.PrivateKey = p.privateKey("x.pem", other) },
			"key_pair", "the private key is not that of the certificate", exit.Usage},
	})
}

// Doctor finds wrong keys that the merchant shares with the platform.
func TestDoctorFindsKeys(t *testing.T) {
	t.Parallel()
	other := testkit.Keys()[2]
	wantFound(t, []illness{
		{"APIv3 key too long", func(p *patient) { p.APIv3Key += "\n" }, "apiv3_key", "33 bytes, want 32: set it in the merchant platform's account center, under API security; there is a line break in it", exit.Usage},
		{"APIv3 key of another", func(p *patient) { p.APIv3Key = strings.Repeat("k", 32) }, "platform_certificates", "the APIv3 key is not the merchant's", exit.Usage},
		{"APIv2 key too short", func(p *patient) { p.APIv2Key = "short key" }, "apiv2_key", "9 bytes, an APIv2 key has 32; there is a space in it", exit.Usage},

		{"no platform key", func(p *patient) { p.PlatformKey, p.PlatformKeyID, p.APIv3Key = "", "", "" },
			"platform_public_key_id", "missing: --platform-public-key-id and --platform-public-key", exit.Usage},
		{"id alone", func(p *patient) { p.PlatformKey = "" }, "platform_public_key", "missing: --platform-public-key", exit.Usage},
		{"key alone", func(p *patient) { p.PlatformKeyID = "" }, "platform_public_key_id platform_public_key", "missing: --platform-public-key-id", exit.Usage},
		{"id without prefix", func(p *patient) { p.PlatformKeyID = "0114" }, "platform_public_key_id platform_public_key", "does not start with PUB_KEY_ID_", exit.Usage},
		{"serial for id", func(p *patient) { p.PlatformKeyID = p.SerialNo }, "platform_public_key_id platform_public_key", "is the serial number of the merchant's certificate", exit.Usage},
		{"certificate for public key", func(p *patient) { p.PlatformKey, _ = p.platformCertificate("x.pem") },
			"platform_public_key", "it is a certificate, but the id is that of a public key", exit.Usage},
		{"private for public key", func(p *patient) { p.PlatformKey = p.Settings.PrivateKey }, "platform_public_key", "this is a private key, not a public key", exit.Usage},
		{"own public key", func(p *patient) { p.PlatformKey = p.Certificate }, "platform_public_key", "it is the merchant's own key", exit.Usage},
		{"public key of another", func(p *patient) {
			der, err := x509.MarshalPKIXPublicKey(other.Public())
			if err != nil {
				p.t.Fatal(err)
			}
			p.PlatformKey = p.file("x.pem", "PUBLIC KEY", der)
		}, "answer", "pub_key.pem is not the key of this id", exit.Verify},
		{"public key of another id", func(p *patient) {
			right := p.PlatformKeyID
			p.PlatformKeyID, p.APIv3Key = "PUB_KEY_ID_0114232134912410000000000000", ""
			p.behind(func(r *http.Request) { r.Header.Set("Wechatpay-Serial", right) }, nil)
		}, "answer", "add the platform public key", exit.Verify},
	})
}

// Doctor finds a wrong network and a failing signed call.
func TestDoctorFindsCall(t *testing.T) {
	t.Parallel()
	other := testkit.Keys()[2]
	wantFound(t, []illness{
		{"bad base URL", func(p *patient) { p.BaseURL = "http://example.com/?x" }, "base_url", "BaseURL", exit.Usage},
		{"base URL without a scheme", func(p *patient) { p.BaseURL = "localhost:8686" }, "base_url", "write http://localhost:8686", exit.Usage},
		{"unreachable", func(p *patient) { p.BaseURL = "http://127.0.0.1:1" }, "connection", "connection refused", exit.Network},
		{"another server", func(p *patient) {
			s := httptest.NewServer(http.NotFoundHandler())
			p.t.Cleanup(s.Close)
			p.BaseURL = s.URL
		}, "connection", "not the platform", exit.Network},
		{"clock ahead", func(p *patient) { p.now = func() time.Time { return time.Now().Add(time.Hour) } },
			"clock", "s ahead of the platform's, and at most 300 are allowed", exit.Usage},
		{"clock ahead by nearly too much", func(p *patient) { p.now = func() time.Time { return time.Now().Add(290 * time.Second) } },
			"clock", "s ahead of the platform's, and at most 300 are allowed", exit.Usage},
		{"clock behind", func(p *patient) { p.now = func() time.Time { return time.Now().Add(-6 * time.Minute) } },
			"clock", "s behind the platform's", exit.Usage},

		{"serial number of nobody", func(p *patient) { p.SerialNo = strings.Repeat("5A", 20) }, "serial_no", "but the certificate has", exit.Usage},
		{"public key id as serial number", func(p *patient) { p.SerialNo = p.PlatformKeyID },
			"serial_no", "is the id of a platform public key, not the serial number of the merchant's certificate", exit.Usage},
		{"platform's serial number, by its file", func(p *patient) { _, p.SerialNo = p.platformCertificate("wechatpay.pem") },
			"serial_no", "is the serial number of a certificate of the platform, not of the merchant's", exit.Usage},
		{"platform's serial number, by an answer", func(p *patient) {
			p.SerialNo = p.platformSerialNo()
			p.APIv3Key = ""
			p.behind(func(r *http.Request) { r.Header.Set("Wechatpay-Serial", p.SerialNo) }, nil)
		}, "serial_no", "is the serial number of a certificate of the platform", exit.Usage},
		{"platform's serial number, by its list", func(p *patient) { p.SerialNo = p.platformSerialNo() },
			"serial_no", "is the serial number of a certificate of the platform", exit.Usage},

		{"merchant of another", func(p *patient) { p.MchID = "1900000110" }, "signature", `there is no merchant "1900000110"`, exit.Failed},
		{"key of another, without certificate", func(p *patient) {
			p.Certificate, p.Settings.PrivateKey = "", p.privateKey("x.pem", other)
			if err := os.Remove(filepath.Join(p.dir, "apiclient_cert.pem")); err != nil {
				p.t.Fatal(err)
			}
		}, "signature", "the private key is not that of serial_no", exit.Failed},
		{"changed on the way", func(p *patient) { p.behind(func(r *http.Request) { r.URL.RawQuery = "via=proxy" }, nil) },
			"signature", "the platform computed something else than was signed here: url, bytes", exit.Failed},
		{"refused", func(p *patient) {
			if err := p.Faults(sandbox.Fault{Kind: sandbox.FaultTooMany}); err != nil {
				p.t.Fatal(err)
			}
		}, "call", "429 FREQUENCY_LIMITED", exit.Failed},
		{"forged", func(p *patient) {
			if err := p.Faults(sandbox.Fault{Kind: sandbox.FaultSignature}); err != nil {
				p.t.Fatal(err)
			}
			p.APIv3Key = ""
		}, "answer", "", exit.Verify},
		{"unsigned", func(p *patient) {
			p.APIv3Key = ""
			p.behind(nil, func(resp *http.Response) { resp.Header.Del("Wechatpay-Signature") })
		}, "answer", "Wechatpay-Signature is missing", exit.Verify},
	})
}

// Doctor warns about settings that are correct now but should be fixed.
func TestDoctorWarns(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name string
		edit func(*patient)
		want string
		says string
	}{
		{"readable", func(p *patient) {
			if err := os.Chmod(p.Settings.PrivateKey, 0o644); err != nil {
				p.t.Fatal(err)
			}
		}, "private_key_file", "chmod 600"},
		{"soon", func(p *patient) {
			p.Certificate = p.certify(time.Now().Add(-time.Hour), time.Now().Add(29*24*time.Hour))
		},
			"certificate_in_force", "it expires in 28 days"},
		{"one key for two", func(p *patient) { p.APIv2Key = p.APIv3Key }, "apiv3_key", "it is the APIv2 key, too"},
		{"a space", func(p *patient) { p.APIv2Key = testkit.APIv2Key }, "apiv2_key", "there is a space in it"},
		{"small letters", func(p *patient) { p.PlatformKeyID = strings.ToLower(p.PlatformKeyID) }, "platform_public_key_id", "but ids start with PUB_KEY_ID_ in capitals → set it to PUB_KEY_ID_"},
		{"clock ahead", func(p *patient) { p.now = func() time.Time { return time.Now().Add(2 * time.Minute) } }, "clock", "s ahead of the platform's, and at most 300 are allowed → set it"},
		{"clock behind", func(p *patient) { p.now = func() time.Time { return time.Now().Add(-70 * time.Second) } }, "clock", "s behind the platform's"},
		{"clock hardly behind", func(p *patient) { p.now = func() time.Time { return time.Now().Add(-40 * time.Second) } }, "", "s of the platform's"},
		{"slow answers", func(p *patient) { p.slow(4 * time.Minute) }, "", "within 1 s of the platform's"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			p := newPatient(t)
			tt.edit(p)
			c := p.examine(false)
			if got := strings.Join(c.with(doubtful), " "); got != tt.want || !strings.Contains(c.text(), tt.says) || c.verdict() != nil {
				t.Errorf("! have %q, want %q, with %q:\n%s", got, tt.want, tt.says, c.text())
			}
			p.keepsSecrets(c)
		})
	}
}

// A check that depends on a failed check is skipped and says so. All other
// checks run.
func TestDoctorGoesOn(t *testing.T) {
	t.Parallel()
	p := newPatient(t)
	p.Settings.PrivateKey = p.write("x.pem", "key")
	p.APIv3Key = "short"
	c := p.examine(false)
	if got, want := strings.Join(c.with(wrong), " "), "private_key apiv3_key"; got != want {
		t.Errorf("✘ have %s, want %s", got, want)
	}
	if got, want := strings.Join(c.with(unchecked), " "), "key_pair signature call platform_certificates answer"; got != want {
		t.Errorf("– have %s, want %s", got, want)
	}
	if text := c.text(); !strings.Contains(text, "– signature               private_key is wrong\n– call                    signature was not checked\n") {
		t.Errorf("it says\n%s", text)
	}
	if got := len(c.findings); got != len(checks()) {
		t.Errorf("%d findings of %d checks", got, len(checks()))
	}
}

func TestDoctorOffline(t *testing.T) {
	t.Parallel()
	p := newPatient(t)
	p.BaseURL = "http://127.0.0.1:1"
	c := p.examine(true)
	if got, want := strings.Join(c.with(unchecked), " "), "connection clock signature call platform_certificates answer"; got != want || c.verdict() != nil {
		t.Errorf("– have %s, want %s:\n%s", got, want, c.text())
	}
}

func TestDoctorJSON(t *testing.T) {
	t.Parallel()
	p := newPatient(t)
	p.SerialNo = strings.Repeat("5A", 20)
	var b bytes.Buffer
	if err := printFindings(show.New(&b, nil, show.View{}), lang.Language{}, p.examine(false).findings, true); err != nil {
		t.Fatal(err)
	}
	var all []map[string]any
	if err := json.Unmarshal(b.Bytes(), &all); err != nil {
		t.Fatal(err)
	}
	got := make(map[any]any)
	var names []string // programs rely on these names
	for _, f := range all {
		names = append(names, fmt.Sprint(f["check"]))
		if len(f) != 4 || f["message"] == "" {
			t.Errorf("a finding is %v", f)
		}
		got[f["check"]] = f["ok"]
	}
	if want := "configuration mchid private_key_file private_key certificate certificate_in_force key_pair apiv3_key apiv2_key " +
		"platform_public_key_id platform_public_key base_url connection clock serial_no signature call platform_certificates answer"; strings.Join(names, " ") != want {
		t.Errorf("the checks are %s, want %s", names, want)
	}
	if got["mchid"] != true || got["serial_no"] != false || got["call"] != nil || len(got) != len(checks()) {
		t.Errorf("it is %v", got)
	}
}

// With only an APIv2 key, doctor skips the checks of APIv3.
func TestDoctorAPIv2Alone(t *testing.T) {
	t.Parallel()
	p := newPatient(t)
	p.Settings = settings.Settings{MchID: p.MchID, APIv2Key: p.APIv2Key, BaseURL: p.BaseURL, Config: p.Config}
	c := p.examine(false)
	if got, want := strings.Join(c.with(right), " "), "configuration mchid apiv2_key base_url connection clock"; got != want || c.verdict() != nil {
		t.Errorf("✔ have %s, want %s:\n%s", got, want, c.text())
	}
}
