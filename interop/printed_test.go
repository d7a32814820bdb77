package interop

import (
	"bufio"
	"bytes"
	"encoding/json"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// What wxpay sandbox prints for each library is put into a program unchanged. The
// programs for Go and Node.js call that sandbox. Those for PHP and Python run
// with stand-ins for the libraries, which report their configuration.
func TestPrinted(t *testing.T) {
	wxpay := builtProgram(t, "cmd/wxpay")
	for _, mode := range []string{"public", "certificate", "both"} {
		t.Run(mode, func(t *testing.T) {
			p := printed{text: served(t, exec.Command(wxpay, "--lang", "en", "sandbox", "--addr", "127.0.0.1:0", "--dir", t.TempDir(), "--platform-key", mode))}
			t.Run("Go", p.testGo)
			t.Run("Node.js", p.testNode)
			t.Run("PHP", p.testPHP)
			t.Run("Python", p.testPython)
		})
	}
}

// A printed is what wxpay sandbox prints.
type printed struct{ text string }

func (p printed) testGo(t *testing.T) {
	// Beside the others, for the modules that it imports.
	dir, err := os.MkdirTemp(".", "printed")
	if err != nil {
		t.Fatal(err)
	}
	defer os.RemoveAll(dir)
	program := header("ours", `"github.com/wxchain/wechatpay"`, `"github.com/wxchain/wechatpay/keys"`) + "func ours() {\n" + p.block(t, "Go, this library:") + printedOurs
	theirs, declarations, _ := strings.Cut(p.block(t, "Go, wechatpay-go, whose services have their host built in:"), "\n\ttype ")
	imports := []string{`"net/http"`, `"net/url"`, `"github.com/wechatpay-apiv3/wechatpay-go/core"`,
		`"github.com/wechatpay-apiv3/wechatpay-go/core/option"`, `"github.com/wechatpay-apiv3/wechatpay-go/services/payments/native"`,
		`"github.com/wechatpay-apiv3/wechatpay-go/utils"`}
	if strings.Contains(theirs, "x509.") {
		imports = append(imports, `"crypto/x509"`)
	}
	other := header("theirs", imports...) + "func theirs() {\n" + theirs + printedTheirs + "type " + declarations
	for name, text := range map[string]string{"ours.go": program, "theirs.go": other, "main.go": "package main\n\nfunc main() {\n\tours()\n\ttheirs()\n}\n"} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	out, err := exec.CommandContext(t.Context(), "go", "run", "./"+dir).CombinedOutput()
	if want := "NOTPAY\nNOTPAY\n"; err != nil || string(out) != want {
		t.Errorf("%v, it prints %q, want %q:\n%s\n%s", err, out, want, program, other)
	}
}

// header returns the beginning of a program that imports packages. context is
// header returns the beginning of a program with the given imports. It uses context
// itself, because not every block does.
func header(name string, imports ...string) string {
	return "package main\n\nimport (\n\t\"context\"\n\t\"fmt\"\n\n\t" + strings.Join(imports, "\n\t") + "\n)\n\nvar of" + name + " context.Context = context.Background()\n\n"
}

const printedOurs = `
	resp, err := client.Chain("v3/pay/transactions/native").Post(ofours, wechatpay.JSON(wechatpay.M{
		"appid": "wxd678efh567hg6787", "mchid": "1900000109", "description": "d", "out_trade_no": "printed_ours",
		"notify_url": "https://www.example.com/notify", "amount": wechatpay.M{"total": 1},
	}))
	if err != nil {
		panic(err)
	}
	resp, err = client.Chain("v2/pay/orderquery").Post(ofours, wechatpay.XML(wechatpay.M{"appid": "wxd678efh567hg6787", "out_trade_no": "printed_ours"}))
	if err != nil {
		panic(err)
	}
	fmt.Println(resp.Get("trade_state"))
}
`

const printedTheirs = `
	service := native.NativeApiService{Client: client}
	if _, _, err := service.Prepay(oftheirs, native.PrepayRequest{
		Appid: core.String("wxd678efh567hg6787"), Mchid: core.String("1900000109"), Description: core.String("d"),
		OutTradeNo: core.String("printed_theirs"), NotifyUrl: core.String("https://www.example.com/notify"), Amount: &native.Amount{Total: core.Int64(1)},
	}); err != nil {
		panic(err)
	}
	order, _, err := service.QueryOrderByOutTradeNo(oftheirs, native.QueryOrderByOutTradeNoRequest{OutTradeNo: core.String("printed_theirs"), Mchid: core.String("1900000109")})
	if err != nil {
		panic(err)
	}
	fmt.Println(*order.TradeState)
}

`

// testNode orders with wechatpay-axios-plugin, which must verify the answers of
// both protocols.
func (p printed) testNode(t *testing.T) {
	out := run(t, "node", p.block(t, "Node.js, wechatpay-axios-plugin:")+`
wxpay.v3.pay.transactions.native.post({
	appid: 'wxd678efh567hg6787', mchid: '1900000109', description: 'd', out_trade_no: 'printed_node',
	notify_url: 'https://www.example.com/notify', amount: { total: 1 },
}).then(() => wxpay.v2.pay.orderquery.post({
	appid: 'wxd678efh567hg6787', mch_id: '1900000109', nonce_str: '5K8264ILTKCH16CQ2502SI8ZNMTM67VS', out_trade_no: 'printed_node',
})).then(({ data }) => console.log(data.trade_state));
`, "node", "-")
	if out != "NOTPAY\n" {
		t.Errorf("it prints %q", out)
	}
}

// testPHP checks the text with php -l, and the configuration that it makes.
func (p printed) testPHP(t *testing.T) {
	code := p.block(t, "PHP, wechatpay-php:")
	run(t, ".", "<?php\n"+code, "php", "-l")
	checkSettings(t, run(t, ".", `<?php
namespace WeChatPay {
	class Builder { static function factory(array $config): array { return $config; } }
}
namespace WeChatPay\Crypto {
	class Rsa {
		const KEY_TYPE_PRIVATE = 'private';
		const KEY_TYPE_PUBLIC = 'public';
		static function from(string $source, string $type): string {
			$text = file_get_contents($source);
			if ($type === self::KEY_TYPE_PRIVATE ? !openssl_pkey_get_private($text) : !openssl_pkey_get_public($text)) { exit("$source is not a $type key"); }
			return $type;
		}
	}
}
namespace {
`+code+`
	foreach ($instance['merchant'] as $file) { file_get_contents($file) || exit("$file is empty"); }
	echo json_encode(['mchid' => $instance['mchid'], 'serial' => $instance['serial'], 'url' => $instance['base_uri'],
		'secrets' => [$instance['secret']], 'keys' => array_keys($instance['certs'])]);
}
`, "php"), p.text)
}

// testPython runs the text with a module in place of wechatpayv3.
func (p printed) testPython(t *testing.T) {
	checkSettings(t, run(t, ".", `
import json, os, sys, types
module = types.ModuleType('wechatpayv3')
class WeChatPay:
    def __init__(self, **config):
        self.config, self._core = config, types.SimpleNamespace()
module.WeChatPay = WeChatPay
module.WeChatPayType = types.SimpleNamespace(NATIVE='native')
sys.modules['wechatpayv3'] = module
`+strings.ReplaceAll("\n"+p.block(t, "Python, wechatpayv3, which has its host built in:"), "\n\t", "\n")+`
config = wxpay.config
assert 'PRIVATE KEY' in config['private_key']
assert 'public_key' not in config or 'PUBLIC KEY' in config['public_key']
keys = [config['public_key_id']] if 'public_key_id' in config else [name[:-4] for name in os.listdir(config['cert_dir']) if name.endswith('.pem')]
print(json.dumps({'mchid': config['mchid'], 'serial': config['cert_serial_no'], 'url': wxpay._core._gate_way + '/', 'secrets': [config['apiv3_key']], 'keys': keys}))
`, "python3"), p.text)
}

// checkSettings compares the configuration of a library with what the sandbox
// prints above its blocks.
func checkSettings(t *testing.T, out, text string) {
	t.Helper()
	var got struct {
		MchID   string `json:"mchid"`
		Serial  string `json:"serial"`
		URL     string `json:"url"`
		Secrets []string
		Keys    []string
	}
	if err := json.Unmarshal([]byte(out), &got); err != nil {
		t.Fatalf("%v in %s", err, out)
	}
	above, _, _ := strings.Cut(text, "\nwxpay:\n")
	wants := append(got.Secrets, "sandbox on "+got.URL+" ", "merchant "+got.MchID+", certificate "+got.Serial+"\n")
	for _, want := range wants {
		if want == "" || !strings.Contains(above, want) {
			t.Errorf("%q is not in\n%s", want, above)
		}
	}
	if len(got.Keys) == 0 {
		t.Errorf("no key of the platform: %s", out)
	}
	for _, key := range got.Keys {
		key = strings.TrimSuffix(key, "_key") // cert_dir has the private keys too
		if len(key) != 40 && !strings.HasPrefix(key, "PUB_KEY_ID_") {
			t.Errorf("%q is neither a serial number nor the id of a public key", key)
		}
	}
}

// run runs a program that standard input holds. It skips the test if the machine
// lacks the program, which .ci/run installs.
func run(t *testing.T, dir, text string, command ...string) string {
	t.Helper()
	if _, err := exec.LookPath(command[0]); err != nil {
		t.Skip(err)
	}
	cmd := exec.CommandContext(t.Context(), command[0], command[1:]...)
	cmd.Dir, cmd.Stdin = dir, strings.NewReader(text)
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("%s: %v: %s%s\n%s", command[0], err, out, stderr.Bytes(), text)
	}
	return string(out)
}

// block returns the code that is printed below a title.
func (p printed) block(t *testing.T, title string) (code string) {
	t.Helper()
	_, rest, found := strings.Cut(p.text, "\n"+title+"\n")
	if !found {
		t.Fatalf("it does not print %q:\n%s", title, p.text)
	}
	for line := range strings.Lines(rest) {
		if line != "\n" && !strings.HasPrefix(line, "\t") {
			break
		}
		code += line
	}
	return code
}

// served starts wxpay sandbox, for as long as the test runs, and returns what it
// prints.
func served(t *testing.T, cmd *exec.Cmd) string {
	t.Helper()
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out := startProgram(t, cmd)
	var text strings.Builder
	lines := bufio.NewReader(io.TeeReader(out, &text))
	for { // PHP comes last
		line, err := lines.ReadString('\n')
		if err != nil {
			t.Fatalf("%v: %s", err, stderr.String())
		}
		if line == "\t]);\n" {
			return text.String()
		}
	}
}
