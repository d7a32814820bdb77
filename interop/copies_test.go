package interop

import (
	"encoding/json"
	"fmt"
	"html"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/tidwall/gjson"

	"github.com/wxchain/wechatpay"
	"github.com/wxchain/wechatpay/config"
)

// A copier runs the texts that the page of a request has to copy, in the folder of its
// sandbox.
type copier struct {
	t      *testing.T
	url    string
	dir    string
	client *wechatpay.Client
}

var sandboxURL = regexp.MustCompile(`http://127\.0\.0\.1:[0-9]+/`)

// The texts of "copy as" on the page of a request, run as they are, send the request
// again: with wxpay, with curl, and from Go. The text for PHP, for which a stand-in of
// wechatpay-php notes what it is told, says the same.
func TestCopies(t *testing.T) {
	c := newCopier(t)
	const text = `it's "a" $cup\ of 茶 ` + "`tea` &lt;b> %s"
	order := wechatpay.M{"appid": appID, "mchid": "1900000109", "description": text, "attach": text, "out_trade_no": "copied-1", "notify_url": "http://127.0.0.1:1/", "amount": wechatpay.M{"total": 12}}
	var programs, ids []string
	for _, call := range []struct {
		name, method, path string
		opts               []wechatpay.Option
	}{
		{"a JSON body", "POST", "v3/pay/transactions/native", []wechatpay.Option{wechatpay.JSON(order)}},
		{"a variable and a query", "GET", "v3/pay/transactions/out-trade-no/{out_trade_no}", []wechatpay.Option{wechatpay.Bind("out_trade_no", "copied-1"), wechatpay.Query(wechatpay.M{"mchid": "1900000109"})}},
		{"a variable and a body", "POST", "v3/pay/transactions/out-trade-no/{out_trade_no}/close", []wechatpay.Option{wechatpay.Bind("out_trade_no", "copied|2*-"), wechatpay.JSON(wechatpay.M{"mchid": "1900000109"})}},
		{"APIv2", "POST", "v2/pay/unifiedorder", []wechatpay.Option{wechatpay.XML(wechatpay.M{"appid": appID, "body": text, "out_trade_no": "copied-2", "total_fee": 88,
			"spbill_create_ip": "127.0.0.1", "notify_url": "http://127.0.0.1:1/", "trade_type": "NATIVE"})}},
		{"a body refused", "POST", "v3/refund/domestic/refunds", []wechatpay.Option{wechatpay.JSON(wechatpay.M{"out_trade_no": "none-1", "out_refund_no": text, "amount": wechatpay.M{"refund": 1, "total": 1, "currency": "CNY"}})}},
	} {
		_, _ = c.client.Chain(call.path).Do(t.Context(), call.method, append(call.opts, wechatpay.HTTPErrors(false))...) // some are refused
		sent := c.last()
		page := c.get("console/requests/" + sent.Get("id").String())
		for _, kind := range []string{"wxpay", "curl"} {
			out, err := c.shell(copiedText(t, page, kind))
			if err != nil && sent.Get("status").Int() < 400 {
				t.Errorf("%s, %s: %v: %s", call.name, kind, err, out)
			}
			c.same(call.name+", "+kind, sent)
		}
		c.php(call.name, copiedText(t, page, "php"), call.path)
		c.same(call.name+", PHP", sent)
		programs = append(programs, copiedText(t, page, "go"))
		ids = append(ids, sent.Get("id").String())
	}
	c.golang(programs)
	for i, id := range ids {
		sent := gjson.Parse(c.get("_sandbox/requests/" + id))
		all := gjson.Parse(c.get("_sandbox/requests?limit=500")).Get("requests").Array() // newest first
		c.compare("Go, "+sent.Get("target").String(), sent, gjson.Parse(c.get("_sandbox/requests/"+all[len(ids)-1-i].Get("id").String())))
	}
}

// The texts for an upload send its file again, which is in the folder where they run, and
// the fields beside it. The text for PHP says so to stand-ins.
func TestCopiesOfUpload(t *testing.T) {
	c := newCopier(t)
	image := filepath.Join(c.dir, "it's 茶.png")
	if err := os.WriteFile(image, []byte("\x89PNG\r\n\x1a\n\r\n\r\n--x"), 0o600); err != nil {
		t.Fatal(err)
	}
	for path, opts := range map[string][]wechatpay.Option{
		"v3/merchant/media/upload":                                    nil,
		"v3/mch-manage/submission-files/sub-mchid/{sub_mchid}/upload": {wechatpay.Bind("sub_mchid", "1900000208"), wechatpay.Set("item_id", 12), wechatpay.Set("manage_record_id", "it's 1")},
	} {
		if _, err := c.client.Chain(path).Post(t.Context(), append(opts, wechatpay.File(image))...); err != nil {
			t.Fatalf("%s: %v", path, err)
		}
		sent := c.last()
		page := c.get("console/requests/" + sent.Get("id").String())
		if out, err := c.shell(copiedText(t, page, "wxpay")); err != nil {
			t.Errorf("%s, wxpay: %v: %s", path, err, out)
		}
		c.same(path+", wxpay", sent)
		c.golang([]string{copiedText(t, page, "go")})
		c.same(path+", Go", sent)
		c.phpUpload(path, copiedText(t, page, "php"), path)
		c.same(path+", PHP", sent)
	}
}

// newCopier starts wxpay sandbox, and finds its client.
func newCopier(t *testing.T) copier {
	t.Helper()
	wxpay := builtProgram(t, "cmd/wxpay")
	t.Setenv("PATH", filepath.Dir(wxpay)+string(os.PathListSeparator)+os.Getenv("PATH"))
	c := copier{t: t, dir: t.TempDir()}
	c.url = sandboxURL.FindString(served(t, exec.Command(wxpay, "--lang", "en", "sandbox", "--addr", "127.0.0.1:0", "--dir", c.dir)))
	settings, err := config.Load(t.Context(), config.File(filepath.Join(c.dir, "wxpay.toml")))
	if err != nil {
		t.Fatal(err)
	}
	if c.client, err = wechatpay.New(settings); err != nil {
		t.Fatal(err)
	}
	return c
}

// get returns a page of the sandbox.
func (c copier) get(path string) string {
	c.t.Helper()
	resp, err := http.Get(c.url + path)
	if err != nil {
		c.t.Fatal(err)
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	if err != nil || resp.StatusCode != http.StatusOK {
		c.t.Fatalf("%s: %d, %v", path, resp.StatusCode, err)
	}
	return string(text)
}

// last returns the latest request.
func (c copier) last() gjson.Result {
	c.t.Helper()
	list := gjson.Parse(c.get("_sandbox/requests?limit=1"))
	return gjson.Parse(c.get("_sandbox/requests/" + list.Get("requests.0.id").String()))
}

// copiedText returns the text of a page that a button copies.
func copiedText(t *testing.T, page, kind string) string {
	t.Helper()
	_, text, found := strings.Cut(page, `id="copy-`+kind+`"`)
	_, text, _ = strings.Cut(text, ">")
	text, _, closed := strings.Cut(text, "</pre>")
	if !found || !closed {
		t.Fatalf("the page has no text for %s", kind)
	}
	return html.UnescapeString(text)
}

func (c copier) shell(text string) (string, error) {
	cmd := exec.CommandContext(c.t.Context(), "sh", "-c", text)
	cmd.Dir = c.dir
	out, err := cmd.CombinedOutput()
	return string(out), err
}

// same fails the test unless the latest request says what an earlier one said, and was
// answered like it.
func (c copier) same(what string, sent gjson.Result) {
	c.t.Helper()
	c.compare(what, sent, c.last())
}

func (c copier) compare(what string, sent, again gjson.Result) {
	c.t.Helper()
	if again.Get("id").String() == sent.Get("id").String() {
		c.t.Errorf("%s sends nothing", what)
	}
	for _, name := range []string{"method", "target", "status", "code"} {
		if a, b := sent.Get(name).String(), again.Get(name).String(); a != b {
			c.t.Errorf("%s: the %s is %q, want %q: %s", what, name, b, a, again.Get("answer"))
		}
	}
	if a, b := said(sent.Get("body").String()), said(again.Get("body").String()); a != b {
		c.t.Errorf("%s: the body is %s, want %s", what, b, a)
	}
	for _, path := range []string{"code_url", "trade_state"} {
		if a, b := gjson.Get(sent.Get("answer").String(), path).String(), gjson.Get(again.Get("answer").String(), path).String(); a != b {
			c.t.Errorf("%s: %s is %q, want %q", what, path, b, a)
		}
	}
}

// What each APIv2 request has of its own.
var made = regexp.MustCompile(`<(sign|nonce_str)>.*?</(sign|nonce_str)>`)

var element = regexp.MustCompile(`<(\w+)>(?:<!\[CDATA\[)?(.*?)(?:\]\]>)?</\w+>`)

// frame are the lines between the parts of a form.
var frame = regexp.MustCompile(`--[0-9a-f]{60}(--)?`)

// said returns what a body says, however it is written.
func said(body string) string {
	if strings.HasPrefix(body, "--") {
		return frame.ReplaceAllString(body, "--")
	}
	if strings.HasPrefix(body, "<xml>") {
		fields := map[string]string{}
		for _, m := range element.FindAllStringSubmatch(made.ReplaceAllString(strings.TrimPrefix(body, "<xml>"), ""), -1) {
			fields[m[1]] = html.UnescapeString(m[2])
		}
		return fmt.Sprint(fields)
	}
	var v any
	if json.Unmarshal([]byte(body), &v) != nil {
		return body
	}
	text, _ := json.Marshal(v) // which has no order and no spaces of its own
	return string(text)
}

// php runs the text with a stand-in for the instance of wechatpay-php, and sends what
// it is told.
func (c copier) php(name, text, template string) {
	c.t.Helper()
	method, options := c.noted(name, text, template)
	_, _ = c.client.Chain(template).Do(c.t.Context(), method, options, wechatpay.HTTPErrors(false))
}

// phpUpload does what php does, for a form with a file: what the stand-ins note of the form
// is sent.
func (c copier) phpUpload(name, text, template string) {
	c.t.Helper()
	method, options := c.noted(name, text, template)
	told, err := json.Marshal(options["body"])
	if err != nil {
		c.t.Fatal(err)
	}
	body, headers := gjson.ParseBytes(told), fmt.Sprint(options["headers"])
	if meta := body.Get("signed").String(); gjson.Get(meta, "sha256").String() != body.Get("sha256").String() || gjson.Get(meta, "filename").String() != body.Get("name").String() {
		c.t.Errorf("%s: PHP signs %s of %s", name, meta, told)
	}
	if want := "map[Content-Type:multipart/form-data; boundary=x]"; headers != want {
		c.t.Errorf("%s: the headers are %s, want %s", name, headers, want)
	}
	delete(options, "body")
	delete(options, "headers")
	all := []wechatpay.Option{options, wechatpay.File(filepath.Join(c.dir, body.Get("name").String()))}
	for _, field := range body.Get("beside").Array() {
		all = append(all, wechatpay.Set(field.Get("name").String(), field.Get("contents").String()))
	}
	_, _ = c.client.Chain(template).Do(c.t.Context(), method, append(all, wechatpay.HTTPErrors(false))...)
}

// standIns are PHP's classes of wechatpay-php and of Guzzle that a text uses. They note
// what they are told.
const standIns = `<?php
namespace WeChatPay\Util {
	class MediaUtil {
		private $path;
		function __construct(string $path) { $this->path = $path; }
		function getMeta() { return json_encode(['filename' => basename($this->path), 'sha256' => hash_file('sha256', $this->path)]); }
		function getStream() { return ['name' => $this->path, 'sha256' => hash_file('sha256', $this->path), 'signed' => $this->getMeta(), 'beside' => []]; }
		function getContentType() { return 'multipart/form-data; boundary=x'; }
	}
}
namespace GuzzleHttp\Psr7 {
	class MultipartStream {
		public $parts;
		function __construct(array $parts) { $this->parts = $parts; }
		function getBoundary() { return 'x'; }
	}
	class FnStream {
		static function decorate(MultipartStream $form, array $methods) {
			$beside = $form->parts;
			$meta = array_shift($beside);
			$file = array_pop($beside);
			$told = ['name' => $file['filename'], 'sha256' => hash('sha256', stream_get_contents($file['contents'])), 'signed' => $methods['__toString'](), 'beside' => $beside];
			if ($meta['contents'] !== $told['signed'] || $methods['getSize']() !== null || $meta['name'] . $file['name'] !== 'metafile') {
				throw new \Exception('the form would not be sent as it is signed');
			}
			return $told;
		}
	}
}
namespace {
	class Noted {
		public $template;
		function chain($template) { $this->template = $template; return $this; }
		function __call($method, $arguments) { return [strtoupper($method), $this->template, (object) ($arguments[0] ?? [])]; }
	}
	$instance = new Noted;
`

// noted runs a text for PHP in the folder of the sandbox, and returns what the stand-ins note.
func (c copier) noted(name, text, template string) (method string, options wechatpay.Options) {
	c.t.Helper()
	out := run(c.t, c.dir, standIns+text+"echo json_encode($resp, JSON_UNESCAPED_UNICODE | JSON_THROW_ON_ERROR);\n}\n", "php", "-d", "error_reporting=-1", "-d", "display_errors=stderr")
	told := gjson.Parse(out)
	decoder := json.NewDecoder(strings.NewReader(told.Get("2").Raw))
	decoder.UseNumber()
	if err := decoder.Decode(&options); err != nil || told.Get("1").String() != template {
		c.t.Fatalf("%s: PHP says %s, %v", name, out, err)
	}
	return told.Get("0").String(), options
}

// golang runs the texts for Go, one after the other, in one program.
func (c copier) golang(texts []string) {
	c.t.Helper()
	dir, err := os.MkdirTemp(".", "copied") // for the modules that it imports
	if err != nil {
		c.t.Fatal(err)
	}
	defer os.RemoveAll(dir)
	var b strings.Builder
	fmt.Fprintf(&b, `package main

import (
	"context"
	"encoding/json"
	"log"
	"os"

	"github.com/wxchain/wechatpay"
	"github.com/wxchain/wechatpay/config"
)

var _ json.RawMessage

func main() {
	ctx := context.Background()
	if err := os.Chdir(%q); err != nil {
		log.Fatal(err)
	}
	settings, err := config.Load(ctx, config.File(%q))
	if err != nil {
		log.Fatal(err)
	}
	client, err := wechatpay.New(settings)
	if err != nil {
		log.Fatal(err)
	}
`, c.dir, filepath.Join(c.dir, "wxpay.toml"))
	for _, text := range texts {
		b.WriteString("\tfunc() {\n" + text + "\t_ = resp\n\tlog.Print(err)\n\t}()\n")
	}
	b.WriteString("}\n")
	if err := os.WriteFile(filepath.Join(dir, "main.go"), []byte(b.String()), 0o600); err != nil {
		c.t.Fatal(err)
	}
	if out, err := exec.CommandContext(c.t.Context(), "go", "run", "./"+dir).CombinedOutput(); err != nil {
		c.t.Fatalf("%v: %s\n%s", err, out, b.String())
	}
}
