package sandbox

import (
	"bytes"
	"cmp"
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/tidwall/gjson"

	"github.com/wxchain/wechatpay"
	"github.com/wxchain/wechatpay/internal/uritemplate"
	"github.com/wxchain/wechatpay/middleware"
	"github.com/wxchain/wechatpay/openapi"
	"github.com/wxchain/wechatpay/sandbox/internal/wire"
)

// How much a call may carry that [Server.Try] makes, in bytes.
const (
	maxTryBody  = 64 << 10
	maxTryValue = 1 << 10 // of a variable, a parameter or a header
)

// MaxTryFile is the largest file of a [TryCall], in bytes. It is above the limits of the
// platform, 2 MiB for images and 5 MiB for videos.
const MaxTryFile = 6 << 20

// A TryCall is a call that [Server.Try] makes for a merchant.
type TryCall struct {
	// Method and Template are those of an operation of the catalogue.
	Method, Template string
	// MchID is the merchant whose keys sign the call. By default it is the first.
	MchID string
	// Path has the variables of the template, Query the parameters and Header the
	// headers that the catalogue lists for the operation. Empty values of Query and
	// Header are not sent.
	Path, Query, Header map[string]string
	// Body is the JSON of an APIv3 body, with sensitive fields as plain text, or an
	// object with the fields of an APIv2 body, without sign and nonce_str. Of an upload
	// it has the fields of the form beside the file and its meta, which the sandbox adds.
	Body json.RawMessage
	// FileName and File are the file of an upload, of at most [MaxTryFile] bytes. The
	// sandbox computes its hash. Without both, the sandbox sends a small sample file.
	FileName string
	File     []byte
	// BaseURL is the URL by which the caller knows the sandbox. URLs in the answer start
	// with it. By default it is http://localhost/.
	BaseURL string
}

// A TryError says what keeps a call from being made: one mistake or more.
type TryError []TryMistake

// A TryMistake is something wrong with a [TryCall].
type TryMistake struct {
	// Field is what is wrong: "template", "mchid", "body", "file", or such as "path.openid",
	// "query.mchid" and "header.Idempotency-Key". It is "" if that is unknown.
	Field string
	// EN and ZH say in English and Chinese what is wrong and what to do.
	EN, ZH string
}

func (e TryError) Error() string {
	var all []string
	for _, m := range e {
		all = append(all, strings.TrimPrefix(m.Field+": "+m.EN, ": "))
	}
	return "sandbox: the call: " + strings.Join(all, "; ")
}

// Callers returns the numbers of the merchants that may call, sorted. Sub-merchants are
// not among them.
func (s *Server) Callers() []string { return s.merchants.MchIDs() }

// Try makes a call to the sandbox itself, signed with the keys of one of its merchants,
// as APIv3 or APIv2 demands. It uses no network. It returns the request as the sandbox
// received it, and the answer, which may be a refusal. A [TryError] says that the call
// could not be made; any other error is that of ctx.
func (s *Server) Try(ctx context.Context, call TryCall) (Exchange, error) {
	op := openapi.Lookup(call.Method, strings.TrimPrefix(call.Template, "/"))
	if op == nil {
		return Exchange{}, TryError{{"template", fmt.Sprintf("the catalogue has no operation %.16q %.128q", call.Method, call.Template), "接口目录里没有这个接口"}}
	}
	caller, ok := s.merchants.Of(cmp.Or(call.MchID, s.first.MchID))
	wrong := call.mistakes(op)
	if !ok && slices.Contains(s.MchIDs(), call.MchID) {
		wrong = append(wrong, TryMistake{"mchid", fmt.Sprintf("%s is a sub-merchant, which has no keys: its partner calls for it", call.MchID), call.MchID + " 是子商户，没有密钥：由其服务商代为调用"})
	} else if !ok {
		wrong = append(wrong, TryMistake{"mchid", fmt.Sprintf("this sandbox has no merchant %.40q", call.MchID), "本沙箱没有这个商户号"})
	}
	if len(wrong) > 0 {
		return Exchange{}, wrong
	}
	within := &inner{server: s, certificate: caller.Certificate}
	config := s.configOf(caller)
	config.BaseURL, config.Transport = cmp.Or(call.BaseURL, "http://localhost/"), within
	config.Middleware = func(p wechatpay.Protocol, stack *middleware.Stack) error {
		if p == wechatpay.APIv2 {
			return nil
		}
		return stack.Before(middleware.NameSigner, "encrypt", openapi.EncryptSensitive(config.PlatformKeys))
	}
	client, err := wechatpay.New(config)
	if err != nil {
		return Exchange{}, TryError{{"mchid", err.Error(), "该商户不能调用：" + err.Error()}}
	}
	// The answer is shown whatever the client makes of it.
	_, err = client.Chain(op.Template).Do(ctx, op.Method, call.options(op)...)
	if within.id == 0 && ctx.Err() != nil {
		return Exchange{}, fmt.Errorf("sandbox: the call: %w", ctx.Err())
	}
	if within.id == 0 {
		return Exchange{}, TryError{{"", "the call was not sent: " + err.Error(), "请求没有发出：" + err.Error()}}
	}
	return s.Exchange(strconv.FormatUint(within.id, 10))
}

// mistakes returns what is wrong with a call of an operation.
func (c *TryCall) mistakes(op *openapi.Operation) (all TryError) {
	names := func(list []openapi.Parameter) (all []string) {
		for _, p := range list {
			all = append(all, p.Name)
		}
		return all
	}
	vars := uritemplate.Names(op.Template)
	for _, name := range vars {
		if c.Path[name] == "" {
			all = append(all, TryMistake{"path." + name, "the variable of the path has no value", "路径变量没有值"})
		}
	}
	all = append(all, unknownTo("path.", c.Path, vars)...)
	all = append(all, unknownTo("query.", c.Query, names(op.Query))...)
	all = append(all, unknownTo("header.", c.Header, names(op.Headers))...)
	all = append(all, c.bodyMistakes(op)...)
	return append(all, c.fileMistakes(op)...)
}

// hasFile reports whether a file was given.
func (c *TryCall) hasFile() bool { return c.FileName != "" || len(c.File) > 0 }

func (c *TryCall) fileMistakes(op *openapi.Operation) TryError {
	wrong := func(en, zh string, args ...any) TryError {
		return TryError{{"file", fmt.Sprintf(en, args...), fmt.Sprintf(zh, args...)}}
	}
	switch {
	case !c.hasFile():
		return nil
	case len(op.Form) == 0:
		return wrong("the operation takes no file", "接口不接收文件")
	case !fs.ValidPath(c.FileName) || c.FileName == "." || strings.ContainsAny(c.FileName, `/\`) || strings.ContainsFunc(c.FileName, unicode.IsControl):
		return wrong("%.64q is not the name of a file; name it like apply.jpg", "%.64q 不是文件名，应形如 apply.jpg", c.FileName)
	case len(c.File) == 0:
		return wrong("the file is empty", "文件为空")
	case len(c.File) > MaxTryFile:
		return wrong("the file has %d bytes, at most %d are taken", "文件有 %d 字节，最多 %d 字节", len(c.File), MaxTryFile)
	}
	return nil
}

// unknownTo returns the mistakes of values: names that the operation lacks, and values that
// are too long or cannot be sent there.
func unknownTo(where string, values map[string]string, names []string) (all TryError) {
	for name, value := range values {
		switch {
		case !slices.Contains(names, name):
			all = append(all, TryMistake{fmt.Sprintf("%s%.64s", where, name), "the operation has no such name; it has: " + cmp.Or(strings.Join(names, ", "), "none"),
				"接口没有这个名称，可用的有：" + cmp.Or(strings.Join(names, "、"), "无")})
		case len(value) > maxTryValue:
			all = append(all, TryMistake{where + name, fmt.Sprintf("the value has %d bytes, at most %d are taken", len(value), maxTryValue),
				fmt.Sprintf("值有 %d 字节，最多 %d 字节", len(value), maxTryValue)})
		case !utf8.ValidString(value):
			all = append(all, TryMistake{where + name, "the value is not valid UTF-8", "值不是合法的 UTF-8"})
		case where == "path." && (value == "." || value == ".."):
			all = append(all, TryMistake{where + name, "the value " + value + " leads to another path", "值 " + value + " 会变成另一个路径"})
		case where == "header." && strings.ContainsFunc(value, unicode.IsControl):
			all = append(all, TryMistake{where + name, "the value has a character that a header cannot carry, such as a line feed", "值含有请求头不能携带的字符，例如换行"})
		}
	}
	slices.SortFunc(all, func(a, b TryMistake) int { return strings.Compare(a.Field, b.Field) })
	return all
}

// hasBody reports whether a body was given.
func (c *TryCall) hasBody() bool {
	body := bytes.TrimSpace(c.Body)
	return len(body) > 0 && string(body) != "null"
}

func (c *TryCall) bodyMistakes(op *openapi.Operation) TryError {
	wrong := func(en, zh string, args ...any) TryError {
		return TryError{{"body", fmt.Sprintf(en, args...), fmt.Sprintf(zh, args...)}}
	}
	if !c.hasBody() {
		return nil
	}
	if len(c.Body) > maxTryBody {
		return wrong("the body has %d bytes, at most %d are taken", "请求体有 %d 字节，最多 %d 字节", len(c.Body), maxTryBody)
	}
	if op.Method == http.MethodGet {
		return wrong("a GET has no body", "GET 没有请求体")
	}
	if isV2(op) && bytes.HasPrefix(bytes.TrimSpace(c.Body), []byte("<")) {
		return wrong(`this is XML: write the fields as a JSON object, such as {"appid": "wx…"}; the sandbox makes the XML of them, with nonce_str and sign`,
			`这是 XML：请把各字段写成 JSON 对象，如 {"appid": "wx…"}；沙箱会转换为 XML，并加上 nonce_str 和 sign`)
	}
	var raw json.RawMessage
	err := json.Unmarshal(c.Body, &raw)
	if at := (*json.SyntaxError)(nil); errors.As(err, &at) {
		line, column := position(c.Body, at.Offset)
		return wrong("this is not JSON: line %d, column %d: %s", "不是合法的 JSON：第 %d 行第 %d 列：%s", line, column, at.Error())
	}
	if err != nil {
		return wrong("this is not JSON: %s", "不是合法的 JSON：%s", err.Error())
	}
	if !utf8.Valid(c.Body) {
		return wrong("the body is not valid UTF-8", "请求体不是合法的 UTF-8")
	}
	body := gjson.ParseBytes(c.Body)
	if isArray := body.IsArray() && !isV2(op) && len(op.Form) == 0; !body.IsObject() && !isArray {
		return wrong("the body must be an object with the fields of the request", "请求体应为由字段组成的 JSON 对象")
	}
	return nil
}

// position returns the line and column of the character before an offset.
func position(text []byte, offset int64) (line, column int) {
	before := string(text[:min(max(offset-1, 0), int64(len(text)))])
	line = 1 + strings.Count(before, "\n")
	return line, 1 + len([]rune(before[strings.LastIndexByte(before, '\n')+1:]))
}

func isV2(op *openapi.Operation) bool { return strings.HasPrefix(op.Template, "v2/") }

// options returns the options of a call without mistakes.
func (c *TryCall) options(op *openapi.Operation) (opts []wechatpay.Option) {
	for name, value := range c.Path {
		opts = append(opts, wechatpay.Bind(name, value))
	}
	query := make(wechatpay.M)
	for name, value := range c.Query {
		if value != "" {
			query[name] = value
		}
	}
	if len(query) > 0 {
		opts = append(opts, wechatpay.Query(query))
	}
	for name, value := range c.Header {
		if value != "" {
			opts = append(opts, wechatpay.Header(name, value))
		}
	}
	if len(op.Form) > 0 {
		name, file := c.FileName, c.File
		if !c.hasFile() {
			name, file = sampleFile(op)
		}
		opts = append(opts, wechatpay.Upload(name, bytes.NewReader(file)))
	}
	switch {
	case !c.hasBody():
	case isV2(op) && len(op.Form) == 0:
		fields := make(wechatpay.M)
		c.eachField(func(name string, v gjson.Result) { fields[name] = v.String() })
		opts = append(opts, wechatpay.XML(fields))
	case len(op.Form) > 0:
		c.eachField(func(name string, v gjson.Result) {
			if name != "meta" { // the client makes it
				opts = append(opts, wechatpay.Set(name, v.Value()))
			}
		})
	default:
		opts = append(opts, wechatpay.JSON(c.Body))
	}
	return opts
}

func (c *TryCall) eachField(f func(name string, v gjson.Result)) {
	gjson.ParseBytes(c.Body).ForEach(func(name, v gjson.Result) bool {
		f(name.String(), v)
		return true
	})
}

// sampleFile returns a small file that an operation takes: the start of a video, or an
// image of one pixel.
func sampleFile(op *openapi.Operation) (name string, data []byte) {
	if strings.Contains(op.Template, "video") {
		return "video.mp4", []byte("\x00\x00\x00\x18ftypmp42\x00\x00\x00\x00mp42isom\x00\x00\x00\x08mdat")
	}
	return "image.png", []byte("\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR\x00\x00\x00\x01\x00\x00\x00\x01\b\x00\x00\x00\x00:~\x9bU\x00\x00\x00\nIDATx\x9cc`\x00\x00\x00\x02\x00\x01H\xaf\xa4q\x00\x00\x00\x00IEND\xaeB`\x82")
}

// inner is a transport to the sandbox itself. It reaches the operations, and neither the
// control API nor the console.
type inner struct {
	server      *Server
	certificate *x509.Certificate // that the client presents over TLS
	id          uint64            // of the request that was received, or 0
}

var errCut = errors.New("the sandbox ended the connection")

// RoundTrip answers a request as the sandbox does over a network.
func (t *inner) RoundTrip(req *http.Request) (resp *http.Response, err error) {
	r := req.Clone(req.Context())
	r.RequestURI = r.URL.RequestURI()
	r.Host = cmp.Or(r.Host, r.URL.Host)
	if r.Body == nil {
		r.Body = http.NoBody
	}
	defer r.Body.Close()
	if r.URL.Scheme == "https" {
		r.TLS = &tls.ConnectionState{PeerCertificates: []*x509.Certificate{t.certificate}}
	}
	rec := httptest.NewRecorder()
	in, err := wire.Receive(rec, r, t.server.clock(), t.server.wall)
	defer func() {
		t.id = in.ID
		switch v := recover(); v {
		case nil:
		case http.ErrAbortHandler:
			resp, err = nil, errCut
		default:
			panic(v)
		}
	}()
	t.server.process(rec, in, err)
	return rec.Result(), nil
}
