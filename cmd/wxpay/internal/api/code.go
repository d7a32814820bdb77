package api

import (
	"encoding/json"
	"errors"
	"fmt"
	"go/format"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"github.com/tidwall/gjson"

	"github.com/wxchain/wechatpay"
	"github.com/wxchain/wechatpay/cmd/wxpay/internal/shared/operation"
	"github.com/wxchain/wechatpay/openapi"
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
func arguments(op *openapi.Operation, body []byte) gjson.Result {
	var fields []string
	add := func(name string, value []byte) {
		quoted, err := json.Marshal(name)
		if err == nil {
			fields = append(fields, string(quoted)+":"+string(value))
		}
	}
	text := func(p openapi.Parameter) []byte {
		quoted, err := json.Marshal(openapi.ExampleValue(p))
		if err != nil {
			return []byte(`""`)
		}
		return quoted
	}
	for _, p := range operation.PathParameters(op) {
		add(p.Name, text(p))
	}
	var query []string
	for _, p := range requiredQuery(op) {
		query = append(query, strconv.Quote(p.Name)+":"+string(text(p)))
	}
	if len(query) > 0 {
		add("query", []byte("{"+strings.Join(query, ",")+"}"))
	}
	if len(op.Form) > 0 {
		add("file", []byte(`"image.jpg"`))
	} else if body != nil {
		name := "json"
		if operation.IsV2(op.Template) {
			name = "xml"
		}
		add(name, body)
	}
	return gjson.Parse("{" + strings.Join(fields, ",") + "}")
}

// requiredQuery returns the required parameters of the query.
func requiredQuery(op *openapi.Operation) []openapi.Parameter {
	var list []openapi.Parameter
	for _, p := range op.Query {
		if p.Required {
			list = append(list, p)
		}
	}
	return list
}

// goCall returns the call in Go. It uses the tree.
func goCall(op *openapi.Operation) (string, error) {
	body, secrets, err := exampleBody(op)
	if err != nil {
		return "", err
	}
	code := "resp, err := " + op.GoChain()
	if args := arguments(op, body); len(args.Map()) > 0 {
		options := strings.Replace(goDialect.value(args, 0), goDialect.object, "wechatpay.Options{", 1)
		code = strings.TrimSuffix(code, ")") + ", " + options + ")"
	}
	code = reveal(code, secrets, strconv.Quote, func(text string) string { return "wechatpay.Secret(" + strconv.Quote(text) + ")" })
	formatted, err := format.Source([]byte(code))
	return string(formatted) + "\n", err
}

// phpCall returns the call in PHP. It uses wechatpay-php.
func phpCall(op *openapi.Operation) (string, error) {
	body, secrets, err := exampleBody(op)
	if err != nil {
		return "", err
	}
	code := "$response = " + op.PHPChain()
	if args := arguments(op, body); len(args.Map()) > 0 {
		options := phpDialect.value(args, 0)
		if len(secrets) > 0 {
			options = strings.TrimSuffix(options, "]") + codeIndent + "'headers' => ['Wechatpay-Serial' => $platformKeyId],\n]"
		}
		code = strings.TrimSuffix(code, ")") + options + ")"
	}
	code = reveal(code, secrets, phpQuote, func(text string) string { return "Rsa::encrypt(" + phpQuote(text) + ", $platformKey)" })
	return code + ";\n", nil
}

// curlEncrypt is a shell function that encrypts a field for curl: RSA-OAEP with
// SHA-1, in base64.
const curlEncrypt = `encrypt() { printf %s "$1" | openssl pkeyutl -encrypt -pubin -inkey pub_key.pem -pkeyopt rsa_padding_mode:oaep | openssl base64 -A; }
`

// curlCall returns the call with curl. wxpay sign signs it.
func curlCall(op *openapi.Operation) (string, error) {
	switch {
	case operation.IsV2(op.Template):
		return "", errors.New("APIv2 is signed inside of its XML, which curl cannot do; wxpay call makes the call")
	case len(op.Form) > 0:
		return "", errors.New("an upload is signed by a part of its form, which curl cannot do; wxpay call makes the call")
	}
	body, secrets, err := exampleBody(op)
	if err != nil {
		return "", err
	}
	target, base := exampleTarget(op), strings.TrimSuffix(wechatpay.DefaultBaseURL, "/")
	if op.BaseURL != "" {
		base = strings.TrimSuffix(op.BaseURL, "/")
	}
	sign := fmt.Sprintf("wxpay sign --authorization --method %s --target %s", op.Method, shellQuote(target))
	call := fmt.Sprintf("curl -X %s %s \\\n  -H 'Accept: application/json'", op.Method, shellQuote(base+target))
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

// exampleTarget returns the path and query of a call, with examples of
// everything that is required.
func exampleTarget(op *openapi.Operation) string {
	path := op.Template
	for _, p := range operation.PathParameters(op) {
		path = strings.ReplaceAll(path, "{"+p.Name+"}", url.PathEscape(openapi.ExampleValue(p)))
	}
	query := make(url.Values)
	for _, p := range requiredQuery(op) {
		query.Set(p.Name, openapi.ExampleValue(p))
	}
	target := "/" + path
	if len(query) > 0 {
		target += "?" + strings.ReplaceAll(query.Encode(), "+", "%20")
	}
	return target
}

// wxpayCall returns the call with wxpay, with examples of everything that is
// required.
func wxpayCall(op *openapi.Operation) string {
	words := []string{"wxpay call " + op.Method + " " + shellQuote(op.Template)}
	for _, p := range operation.PathParameters(op) {
		words = append(words, shellQuote(p.Name+"="+openapi.ExampleValue(p)))
	}
	for _, p := range requiredQuery(op) {
		words = append(words, shellQuote(p.Name+"=="+openapi.ExampleValue(p)))
	}
	if len(op.Form) > 0 {
		words = append(words, "@image.jpg")
	}
	body := gjson.ParseBytes(openapi.Example(op, 0))
	if schema := op.Body(); schema != nil {
		for _, p := range schema.Properties {
			value := body.Get(gjson.Escape(p.Name))
			switch {
			case !p.Required || !value.Exists():
			case value.Type == gjson.String:
				words = append(words, shellQuote(p.Name+"="+value.String()))
			default:
				words = append(words, shellQuote(p.Name+":="+value.Raw))
			}
		}
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
