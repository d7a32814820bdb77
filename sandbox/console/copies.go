package console

import (
	"encoding/json"
	"maps"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"github.com/wxchain/wechatpay/internal/xmlmap"
	"github.com/wxchain/wechatpay/openapi"
	"github.com/wxchain/wechatpay/sandbox"
)

// A copied is a text with a button that copies it.
type copied struct{ ID, Name, Text string }

// copies returns the call of a request in several languages.
func copies(x sandbox.Exchange, base string) []copied {
	path, query, _ := strings.Cut(x.Target, "?")
	op := openapi.Match(x.Method, path)
	if op == nil {
		return []copied{{"copy-curl", "curl", curl(x, base)}}
	}
	s := spelled{x: x, op: op, vars: variables(op, path), upload: uploadOf(x)}
	s.query, _ = url.ParseQuery(query) // what cannot be read is left out
	if strings.HasPrefix(op.Template, "v2/") {
		s.fields, _ = xmlmap.Decode([]byte(x.Body)) // or it is no XML
		for _, made := range [...]string{"sign", "nonce_str", "mch_id"} {
			delete(s.fields, made)
		}
	}
	all := []copied{{"copy-wxpay", "wxpay", s.wxpay()}, {"copy-curl", "curl", curl(x, base)}, {"copy-go", "Go", s.golang()}, {"copy-php", "PHP", s.php()}}
	if s.upload != nil { // curl cannot sign a part of a form
		return slices.Delete(all, 1, 2)
	}
	return all
}

// A spelled is a request of an operation.
type spelled struct {
	x      sandbox.Exchange
	op     *openapi.Operation
	vars   [][2]string // of the path
	query  url.Values
	fields map[string]any // of an APIv2 body
	upload *upload        // or nil
}

// variables returns the variables of a path.
func variables(op *openapi.Operation, path string) (all [][2]string) {
	segments := strings.Split(strings.TrimPrefix(path, "/"), "/")
	for i, segment := range strings.Split(strings.TrimPrefix(op.Template, "v2/"), "/") {
		if name, ok := strings.CutPrefix(segment, "{"); ok && i < len(segments) {
			value, err := url.PathUnescape(segments[i])
			if err != nil {
				value = segments[i]
			}
			all = append(all, [2]string{strings.TrimSuffix(name, "}"), value})
		}
	}
	return all
}

// shell quotes a word for a shell.
func shell(text string) string { return "'" + strings.ReplaceAll(text, "'", `'\''`) + "'" }

// shellMethod quotes a method, unless it is letters alone: any client may name one that is
// a command to a shell.
func shellMethod(method string) string {
	if strings.ContainsFunc(method, func(r rune) bool { return !unicode.IsLetter(r) }) {
		return shell(method)
	}
	return method
}

// params returns the parameters of the query, sorted.
func (s spelled) params() (all [][2]string) {
	for _, name := range slices.Sorted(maps.Keys(s.query)) {
		for _, value := range s.query[name] {
			all = append(all, [2]string{name, value})
		}
	}
	return all
}

// texts returns the fields of an APIv2 body, sorted.
func (s spelled) texts() (all [][2]string) {
	for _, name := range slices.Sorted(maps.Keys(s.fields)) {
		if text, ok := s.fields[name].(string); ok {
			all = append(all, [2]string{name, text})
		}
	}
	return all
}

func (s spelled) wxpay() string {
	words := []string{"wxpay call " + s.x.Method + " " + shell(s.op.Template)}
	for _, v := range append(s.vars, s.texts()...) {
		words = append(words, shell(v[0]+"="+v[1]))
	}
	for _, v := range s.params() {
		words = append(words, shell(v[0]+"=="+v[1]))
	}
	if s.upload != nil {
		for _, v := range s.upload.beside {
			words = append(words, shell(v[0]+"="+v[1]))
		}
		return strings.Join(append(words, shell("@"+s.upload.name)), " \\\n  ") + "\n"
	}
	if s.x.Body != "" && s.fields == nil {
		return "printf %s " + shell(s.x.Body) + " |\n" + strings.Join(append(words, "@-"), " \\\n  ") + "\n"
	}
	return strings.Join(words, " \\\n  ") + "\n"
}

func curl(x sandbox.Exchange, base string) string {
	var b strings.Builder
	if x.Body != "" {
		b.WriteString("body=" + shell(x.Body) + "\n")
	}
	word := func(text string) { b.WriteString(" \\\n  " + text) }
	b.WriteString("curl -X " + shellMethod(x.Method) + " " + shell(base+x.Target))
	word("-H 'Accept: application/json'")
	if t := x.Header.Get("Content-Type"); t != "" {
		word("-H " + shell("Content-Type: "+t))
	}
	if serial := x.Header.Get("Wechatpay-Serial"); serial != "" {
		word("-H " + shell("Wechatpay-Serial: "+serial))
	}
	if x.Header.Get("Authorization") != "" {
		sign := "wxpay sign --authorization --method " + shellMethod(x.Method) + " --target " + shell(x.Target)
		if x.Body != "" {
			sign = "printf %s \"$body\" | " + sign
		}
		word(`-H "Authorization: $(` + sign + `)"`)
	}
	if x.Body != "" {
		word(`--data-binary "$body"`)
	}
	return b.String() + "\n"
}

// raw returns a text as a Go literal that keeps its lines.
func raw(text string) string {
	if strings.ContainsAny(text, "`\r") {
		return strconv.Quote(text)
	}
	return "`" + text + "`"
}

func (s spelled) golang() string {
	var options []string
	for _, v := range s.vars {
		options = append(options, "wechatpay.Bind("+strconv.Quote(v[0])+", "+strconv.Quote(v[1])+")")
	}
	pairs := func(all [][2]string) string {
		var b strings.Builder
		for _, v := range all {
			b.WriteString(strconv.Quote(v[0]) + ": " + strconv.Quote(v[1]) + ", ")
		}
		return "wechatpay.M{" + strings.TrimSuffix(b.String(), ", ") + "}"
	}
	if q := s.params(); len(q) > 0 {
		options = append(options, "wechatpay.Query("+pairs(q)+")")
	}
	switch {
	case s.upload != nil:
		for _, v := range s.upload.beside {
			options = append(options, "wechatpay.Set("+strconv.Quote(v[0])+", "+strconv.Quote(v[1])+")")
		}
		options = append(options, "wechatpay.File("+strconv.Quote(s.upload.name)+")")
	case s.fields != nil:
		options = append(options, "wechatpay.XML("+pairs(s.texts())+")")
	case s.x.Body != "":
		options = append(options, "wechatpay.JSON(json.RawMessage("+raw(s.x.Body)+"))")
	}
	return "resp, err := client.Chain(" + strconv.Quote(s.op.Template) + ").Do(ctx, " + strconv.Quote(s.x.Method) + ",\n\t" +
		strings.Join(append(options, ""), ",\n\t") + ")\n"
}

func phpText(text string) string {
	return "'" + strings.NewReplacer(`\`, `\\`, `'`, `\'`).Replace(text) + "'"
}

func (s spelled) php() string {
	var b strings.Builder
	stream, contentType := "$media->getStream()", "$media->getContentType()"
	if s.upload != nil {
		b.WriteString("$media = new \\WeChatPay\\Util\\MediaUtil(" + phpText(s.upload.name) + ");\n")
		if len(s.upload.beside) > 0 {
			b.WriteString(s.upload.phpForm())
			stream, contentType = "$body", "'multipart/form-data; boundary=' . $form->getBoundary()"
		}
	}
	b.WriteString("$resp = $instance->chain(" + phpText(s.op.Template) + ")->" + strings.ToLower(s.x.Method) + "([\n")
	for _, v := range s.vars {
		b.WriteString("    " + phpText(v[0]) + " => " + phpText(v[1]) + ",\n")
	}
	list := func(name string, all [][2]string) {
		b.WriteString("    '" + name + "' => [\n")
		for _, v := range all {
			b.WriteString("        " + phpText(v[0]) + " => " + phpText(v[1]) + ",\n")
		}
		b.WriteString("    ],\n")
	}
	if q := s.params(); len(q) > 0 {
		list("query", q)
	}
	switch {
	case s.upload != nil:
		b.WriteString("    'body' => " + stream + ",\n    'headers' => ['Content-Type' => " + contentType + "],\n")
	case s.fields != nil:
		list("xml", s.texts())
	case json.Valid([]byte(s.x.Body)):
		b.WriteString("    'json' => json_decode(" + phpText(pretty(s.x.Body)) + ", true),\n")
	case s.x.Body != "":
		b.WriteString("    'body' => " + phpText(s.x.Body) + ",\n")
	}
	return b.String() + "]);\n"
}
