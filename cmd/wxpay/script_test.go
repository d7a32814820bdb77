package main

import (
	"context"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	osexec "os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/wxchain/wechatpay/internal/platform"
	"github.com/wxchain/wechatpay/internal/xmlmap"
	"github.com/wxchain/wechatpay/keys"
	"github.com/wxchain/wechatpay/signer"
)

func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"wxpay": main})
}

// Each script is a person at work in a folder with the keys of a merchant and
// of a platform, which is at $PLATFORM.
func TestScripts(t *testing.T) {
	t.Parallel()
	testscript.Run(t, testscript.Params{
		Dir:  filepath.Join("testdata", "script"),
		Cmds: map[string]func(*testscript.TestScript, bool, []string){"exitcode": exitCodeIs},
		Setup: func(env *testscript.Env) error {
			server := httptest.NewServer(echo{})
			env.Defer(server.Close)
			env.Setenv("PLATFORM", server.URL)
			config := strings.ReplaceAll(scriptConfig, "$PLATFORM", server.URL)
			if err := os.WriteFile(filepath.Join(env.WorkDir, configName), []byte(config), 0o600); err != nil {
				return err
			}
			if err := writeMessage(env.WorkDir, "new", time.Now()); err != nil {
				return err
			}
			if err := writeMessage(env.WorkDir, "old", time.Unix(1554209980, 0)); err != nil {
				return err
			}
			return writeScriptKeys(env.WorkDir)
		},
	})
}

// exitCodeIs runs a command and wants that it exits so: exitcode 2 wxpay ….
func exitCodeIs(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: exitcode N command...")
	}
	got := "0"
	if err := ts.Exec(args[1], args[2:]...); err != nil {
		exit := (*osexec.ExitError)(nil)
		if !errors.As(err, &exit) {
			ts.Fatalf("%v", err)
		}
		got = strconv.Itoa(exit.ExitCode())
	}
	if got != args[0] {
		ts.Fatalf("exit %s, want %s", got, args[0])
	}
}

// The merchant and the platform of the tests.
const (
	demoMchID       = "8956000"
	demoSerialNo    = "3775B6A45ACD588826D15E583A95F5DD12345678"
	demoPublicKeyID = keys.PublicKeyIDPrefix + "0114232134912410000000000000"
)

const scriptConfig = `mchid = "` + demoMchID + `"
serial_no = "` + demoSerialNo + `"
private_key = "apiclient_key.pem"
platform_public_key_id = "` + demoPublicKeyID + `"
platform_public_key = "pub_key.pem"
apiv2_key = "` + scriptAPIv2Key + `"
base_url = "$PLATFORM"
`

// scriptKeys are the keys of the merchant, the platform and a stranger.
var scriptKeys = sync.OnceValue(func() (k [3]*rsa.PrivateKey) {
	for i := range k {
		var err error
		if k[i], err = rsa.GenerateKey(rand.Reader, signer.MinBits); err != nil {
			panic(err)
		}
	}
	return k
})

func writeScriptKeys(dir string) error {
	k := scriptKeys()
	private, err := x509.MarshalPKCS8PrivateKey(k[0])
	if err != nil {
		return err
	}
	public, err := x509.MarshalPKIXPublicKey(k[1].Public())
	if err != nil {
		return err
	}
	if err := os.WriteFile(filepath.Join(dir, "apiclient_key.pem"), pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: private}), 0o600); err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(dir, "pub_key.pem"), pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: public}), 0o644)
}

// writeMessage writes the headers and the body of an answer of the platform.
func writeMessage(dir, name string, at time.Time) error {
	body := []byte(`{"coupon_id":"9867041"}`)
	s, err := signer.NewRSA(demoPublicKeyID, scriptKeys()[1])
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

// echo is a platform that answers what it was asked. In the paths of some calls
// it is told to refuse, to sign with another's key, or to hang up.
type echo struct{}

func (echo) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	k := scriptKeys()
	body, err := io.ReadAll(r.Body)
	if err != nil {
		panic(http.ErrAbortHandler)
	}
	if !strings.HasPrefix(r.URL.Path, "/v3/") {
		echoV2(w, body)
		return
	}
	if body, err = platform.Signed(r.Header, body); err != nil {
		panic(http.ErrAbortHandler)
	}
	status, key := http.StatusOK, k[1]
	answer := map[string]any{"method": r.Method, "target": r.RequestURI, "body": json.RawMessage(body)}
	if len(body) == 0 {
		delete(answer, "body")
	}
	a, err := platform.ParseAuthorization(r.Header.Get("Authorization"))
	if err == nil {
		err = platform.Verify(r.Context(), keys.Static{demoSerialNo: k[0].Public()}, r.Method, r.RequestURI, a, body)
	}
	switch {
	case err != nil:
		status, answer = http.StatusUnauthorized, map[string]any{"code": "SIGN_ERROR", "message": err.Error()}
	case strings.Contains(r.URL.Path, "refused"):
		status, answer = http.StatusForbidden, map[string]any{"code": "NOT_ENOUGH", "message": "the budget is spent"}
	case strings.Contains(r.URL.Path, "forged"):
		key = k[2]
	case strings.Contains(r.URL.Path, "broken"):
		panic(http.ErrAbortHandler)
	}
	text, err := json.Marshal(answer)
	if err != nil {
		panic(http.ErrAbortHandler)
	}
	s, err := signer.NewRSA(demoPublicKeyID, key)
	if err == nil {
		err = platform.Sign(r.Context(), s, w.Header(), strconv.FormatInt(time.Now().Unix(), 10), text)
	}
	if err != nil {
		panic(http.ErrAbortHandler)
	}
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Request-ID", "08F78BA8A10610C9")
	w.WriteHeader(status)
	w.Write(text)
}

const scriptAPIv2Key = "an APIv2 key, which has 32 bytes"

// echoV2 answers what it was asked, as APIv2 does.
func echoV2(w http.ResponseWriter, body []byte) {
	answer := map[string]any{"return_code": "SUCCESS", "result_code": "SUCCESS"}
	fields, err := xmlmap.Decode(body)
	if err != nil {
		panic(http.ErrAbortHandler)
	}
	texts := make(map[string]string)
	for name, value := range fields {
		texts[name], _ = value.(string)
	}
	if err := signer.V2Verify(scriptAPIv2Key, texts); err != nil || texts["out_trade_no"] == "refused" {
		answer["result_code"], answer["err_code"] = "FAIL", "ORDERNOTEXIST"
	}
	answer["out_trade_no"] = texts["out_trade_no"]
	clear(texts)
	for name, value := range answer {
		texts[name], _ = value.(string)
	}
	key := scriptAPIv2Key
	if texts["out_trade_no"] == "forged" {
		key = strings.ToUpper(key)
	}
	if answer["sign"], err = signer.V2Sign("", key, texts); err != nil {
		panic(http.ErrAbortHandler)
	}
	text, err := xmlmap.Encode(answer)
	if err != nil {
		panic(http.ErrAbortHandler)
	}
	w.Header().Set("Content-Type", "text/xml")
	w.Write(text)
}
