package explain

import (
	"errors"
	"fmt"
	"go/format"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/tidwall/gjson"

	"github.com/wxchain/wechatpay"
)

// A dialect is the way a language writes values.
type dialect struct {
	object, list string // the opening brackets
	shutObject   string
	shutList     string
	colon, null  string
	quote        func(string) string
}

// codeIndent is the indentation of each level of a value.
const codeIndent = "    "

var (
	goDialect  = dialect{"wechatpay.M{", "[]any{", "}", "}", ": ", "nil", strconv.Quote}
	phpDialect = dialect{"[", "[", "]", "]", " => ", "null", phpQuote}
)

// value writes JSON as a value of the language. Fields keep their order.
func (d dialect) value(v gjson.Result, depth int) string {
	var b strings.Builder
	open, shut := d.list, d.shutList
	switch {
	case v.IsObject():
		open, shut = d.object, d.shutObject
	case v.IsArray():
	case v.Type == gjson.String:
		return d.quote(v.String())
	case v.Type == gjson.Null:
		return d.null
	default:
		return v.Raw
	}
	b.WriteString(open + "\n")
	v.ForEach(func(key, value gjson.Result) bool {
		b.WriteString(strings.Repeat(codeIndent, depth+1))
		if v.IsObject() {
			b.WriteString(d.quote(key.String()) + d.colon)
		}
		b.WriteString(d.value(value, depth+1) + ",\n")
		return true
	})
	return b.String() + strings.Repeat(codeIndent, depth) + shut
}

func phpQuote(s string) string {
	return "'" + strings.NewReplacer(`\`, `\\`, `'`, `\'`).Replace(s) + "'"
}

// arguments returns the options of a call as JSON, with examples of everything
// that is required and of the whole body.
func (s Sample) arguments(body []byte) gjson.Result {
	var fields []string
	add := func(name string, value []byte) {
		fields = append(fields, string(appendText(nil, name))+":"+string(value))
	}
	for _, v := range s.Path() {
		add(v.Name, appendText(nil, v.Text))
	}
	var query []string
	for _, v := range s.Query() {
		query = append(query, string(appendText(nil, v.Name))+":"+string(appendText(nil, v.Text)))
	}
	if len(query) > 0 {
		add("query", []byte("{"+strings.Join(query, ",")+"}"))
	}
	var headers []string
	for _, v := range s.Headers() {
		headers = append(headers, string(appendText(nil, v.Name))+":"+string(appendText(nil, v.Text)))
	}
	if len(headers) > 0 {
		add("headers", []byte("{"+strings.Join(headers, ",")+"}"))
	}
	if len(s.op.Form) > 0 {
		add("file", appendText(nil, s.upload()))
	} else if body != nil {
		name := "json"
		if isV2(s.op) {
			name = "xml"
		}
		add(name, body)
	}
	return gjson.Parse("{" + strings.Join(fields, ",") + "}")
}

// Go returns the call in Go. It uses the tree.
func (s Sample) Go() (string, error) { return s.goCallBy(s.op.GoChain()) }

// goCallBy returns the call in Go, with the options added to a call that is spelled in
// some way.
func (s Sample) goCallBy(chain string) (string, error) {
	body, secrets, err := s.sealed()
	if err != nil {
		return "", err
	}
	chain, wait := strings.CutSuffix(chain, waits)
	code := "resp, err := " + chain
	if args := s.arguments(body); len(args.Map()) > 0 {
		options := strings.Replace(goDialect.value(args, 0), goDialect.object, "wechatpay.Options{", 1)
		code = strings.TrimSuffix(code, ")") + ", " + options + ")"
	}
	if wait {
		code += waits
	}
	code = reveal(code, secrets, strconv.Quote, func(text string) string { return "wechatpay.Secret(" + strconv.Quote(text) + ")" })
	formatted, err := format.Source([]byte(code))
	return string(formatted) + "\n", err
}

// PHP returns the call in PHP. It uses wechatpay-php.
func (s Sample) PHP() (string, error) { return s.phpCallBy(s.op.PHPChain()) }

// phpCallBy is goCallBy for PHP.
func (s Sample) phpCallBy(chain string) (string, error) {
	body, secrets, err := s.sealed()
	if err != nil {
		return "", err
	}
	chain, wait := strings.CutSuffix(chain, phpWaits)
	code := "$response = " + chain
	if args := s.arguments(body); len(args.Map()) > 0 {
		options := phpDialect.value(args, 0)
		if len(secrets) > 0 {
			options = strings.TrimSuffix(options, "]") + codeIndent + "'headers' => ['Wechatpay-Serial' => $platformKeyId],\n]"
		}
		code = strings.TrimSuffix(code, ")") + options + ")"
	}
	if wait {
		code += phpWaits
	}
	code = reveal(code, secrets, phpQuote, func(text string) string { return "Rsa::encrypt(" + phpQuote(text) + ", $platformKey)" })
	return code + ";\n", nil
}

// curlEncrypt is a shell function that encrypts a field for curl: RSA-OAEP with
// SHA-1, in base64.
const curlEncrypt = `encrypt() { printf %s "$1" | openssl pkeyutl -encrypt -pubin -inkey pub_key.pem -pkeyopt rsa_padding_mode:oaep | openssl base64 -A; }
`

// Curl returns the call with curl. wxpay sign signs it. It is an error that curl cannot
// make the call.
func (s Sample) Curl() (string, error) {
	op := s.op
	switch {
	case isV2(op):
		return "", errors.New("APIv2 is signed inside of its XML, which curl cannot do; wxpay call makes the call")
	case len(op.Form) > 0:
		return "", errors.New("an upload is signed by a part of its form, which curl cannot do; wxpay call makes the call")
	}
	body, secrets, err := s.sealed()
	if err != nil {
		return "", err
	}
	target, base := s.target(), strings.TrimSuffix(wechatpay.DefaultBaseURL, "/")
	if op.BaseURL != "" {
		base = strings.TrimSuffix(op.BaseURL, "/")
	}
	sign := fmt.Sprintf("wxpay sign --authorization --method %s --target %s", op.Method, shellQuote(target))
	call := fmt.Sprintf("curl -X %s %s \\\n  -H 'Accept: application/json'", op.Method, shellQuote(base+target))
	for _, v := range s.Headers() {
		call += " \\\n  -H " + shellQuote(v.Name+": "+v.Text)
	}
	if body == nil {
		if op.Method != http.MethodGet {
			sign += " /dev/null"
		}
		return fmt.Sprintf("%s \\\n  -H \"Authorization: $(%s)\"\n", call, sign), nil
	}
	text := "body=" + shellQuote(string(body)) + "\n"
	call += " \\\n  -H 'Content-Type: application/json'"
	if len(secrets) > 0 {
		asItIs := func(s string) string { return s }
		text = curlEncrypt + reveal(text, secrets, asItIs, func(text string) string { return `'"$(encrypt ` + shellQuote(text) + `)"'` })
		call += " \\\n  -H 'Wechatpay-Serial: PUB_KEY_ID_…'"
	}
	return fmt.Sprintf("%s%s \\\n  -H \"Authorization: $(printf %%s \"$body\" | %s)\" \\\n  --data-raw \"$body\"\n", text, call, sign), nil
}

// target returns the path and query of a call, with examples of everything that
// is required.
func (s Sample) target() string {
	path := s.op.Template
	for _, v := range s.Path() {
		path = strings.ReplaceAll(path, "{"+v.Name+"}", url.PathEscape(v.Text))
	}
	query := make(url.Values)
	for _, v := range s.Query() {
		query.Set(v.Name, v.Text)
	}
	target := "/" + path
	if len(query) > 0 {
		target += "?" + strings.ReplaceAll(query.Encode(), "+", "%20")
	}
	return target
}

// Wxpay returns the call with wxpay, with examples of everything that is required.
func (s Sample) Wxpay() string {
	words := []string{"wxpay call " + s.op.Method + " " + shellQuote(s.op.Template)}
	for _, v := range s.Path() {
		words = append(words, shellQuote(v.Name+"="+v.Text))
	}
	for _, v := range s.Query() {
		words = append(words, shellQuote(v.Name+"=="+v.Text))
	}
	for _, v := range s.Headers() {
		words = append(words, shellQuote(v.Name+":"+v.Text))
	}
	if len(s.op.Form) > 0 {
		words = append(words, "@"+s.upload())
	} else {
		var given []string // by variables of the path
		for _, v := range s.Path() {
			given = append(given, v.Name)
		}
		gjson.ParseBytes(s.Least()).ForEach(func(name, v gjson.Result) bool {
			if slices.Contains(given, name.Str) {
				return true
			}
			if v.Type == gjson.String {
				words = append(words, shellQuote(name.String()+"="+v.String()))
			} else {
				words = append(words, shellQuote(name.String()+":="+v.Raw))
			}
			return true
		})
	}
	return strings.Join(words, " \\\n  ") + "\n"
}

// shellQuote quotes a word for a shell. It leaves a word of letters and safe
// signs unquoted.
func shellQuote(s string) string {
	plain := func(r rune) bool {
		return 'a' <= r && r <= 'z' || 'A' <= r && r <= 'Z' || '0' <= r && r <= '9' || strings.ContainsRune("_-./:=@,+%", r)
	}
	if s != "" && strings.IndexFunc(s, func(r rune) bool { return !plain(r) }) < 0 {
		return s
	}
	return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'"
}
