package wechatpay

import (
	"errors"
	"fmt"
	"io"
	"math"
	"reflect"
	"strings"
	"time"
)

// An Option says something about one call. Options mix with each other, and
// later ones win.
type Option interface {
	apply(s *settings) error
}

// M is a JSON object, or any other set of named values.
type M = map[string]any

// Options is a bag of options, key for key those of the PHP SDK:
//
//	json         JSON body: a map, a struct, a json.RawMessage
//	query        url.Values, M, or a struct of string-like fields
//	headers      http.Header, M, or a map of strings
//	file         path of a file to upload
//	body         raw body: io.Reader, string or []byte; its type goes into headers
//	sink         io.Writer that the answer's body is streamed into
//	base_uri     another host for this call
//	timeout      time.Duration, or a number of seconds
//	http_errors  false: a 4xx or 5xx is a Response, not an error
//	xml          APIv2: body: an M
//	security     APIv2: true: use the client certificate
//	nonceless    APIv2: true: add no nonce_str
//
// A bag is code: base_uri names the host that is called, and file a file of this
// machine that is sent. Build it key by key, and do not decode a bag from what
// others send.
//
// Any other key binds a variable of the template. A key that is neither is an
// error, [ErrOption]. A variable that has the name of a known key is bound
// with [Bind].
type Options map[string]any

var knownKeys = []string{"base_uri", "body", "file", "headers", "http_errors", "json", "nonceless", "query", "security", "sink", "timeout", "xml"}

func (o Options) apply(s *settings) error {
	var buf [16]string
	for _, key := range sortedKeys(buf[:0], o) {
		if err := applyKey(s, key, o[key]); err != nil {
			return err
		}
	}
	return nil
}

// applyKey does what a key of Options stands for.
func applyKey(s *settings, key string, value any) error {
	switch key {
	case "json":
		return s.payload.setJSON(value)
	case "query":
		return s.target.addQuery(value)
	case "headers":
		return s.setHeaders(value)
	case "body":
		return s.payload.setRaw("", asReader(value))
	case "file":
		return setAs(key, value, "the path of a file; Upload takes a reader", s.payload.setFile)
	case "sink":
		return setAs(key, value, "an io.Writer", s.setSink)
	case "base_uri":
		return setAs(key, value, "a string", s.target.setBaseURL)
	case "timeout":
		d, ok := asDuration(value)
		if !ok {
			return wrong(key, value, "a time.Duration or a number of seconds")
		}
		return s.setTimeout(d)
	case "http_errors":
		return setAs(key, value, "a bool", func(on bool) error { s.keepErrors = !on; return nil })
	case "xml":
		return setAs(key, value, "a wechatpay.M", s.payload.setXML)
	case "security":
		return setAs(key, value, "a bool", func(on bool) error { s.clientCert = &on; return nil })
	case "nonceless":
		return setAs(key, value, "a bool", func(on bool) error { s.nonceless = on; return nil })
	default:
		s.target.bind(key, value, fromOption)
		return nil
	}
}

// setAs calls set with the value of an option, if it is of the type that set
// takes, which want describes.
func setAs[T any](key string, value any, want string, set func(T) error) error {
	v, ok := value.(T)
	if !ok {
		return wrong(key, value, want)
	}
	return set(v)
}

func (s *settings) setSink(w io.Writer) error {
	if isNil(w) {
		return errors.New(`option "sink" is nil, want an io.Writer`)
	}
	s.sink = w
	return nil
}

func (s *settings) setTimeout(d time.Duration) error {
	if d <= 0 {
		return fmt.Errorf(`option "timeout" is %v, want more than 0`, d)
	}
	s.timeout = d
	return nil
}

// wrong is the error for an option whose value has a type of no use to it.
func wrong(key string, value any, want string) error {
	return fmt.Errorf("option %q is a %T, want %s", key, value, want)
}

func asReader(v any) io.Reader {
	switch v := v.(type) {
	case io.Reader:
		return v
	case string:
		return strings.NewReader(v)
	case []byte:
		return strings.NewReader(string(v)) // a copy: the call may go on after the caller
	}
	return nil
}

func asDuration(v any) (time.Duration, bool) {
	if d, ok := v.(time.Duration); ok {
		return d, true
	}
	switch rv := reflect.ValueOf(v); {
	case rv.IsValid() && rv.CanInt():
		return seconds(float64(rv.Int())), true
	case rv.IsValid() && rv.CanUint():
		return seconds(float64(rv.Uint())), true
	case rv.IsValid() && rv.CanFloat() && !math.IsNaN(rv.Float()):
		return seconds(rv.Float()), true
	}
	return 0, false
}

func seconds(s float64) time.Duration {
	const most = float64(math.MaxInt64/time.Second - 1)
	return time.Duration(max(-most, min(s, most)) * float64(time.Second))
}

type optionFunc func(s *settings) error

func (f optionFunc) apply(s *settings) error { return f(s) }

// JSON is the body, as JSON: a map, a struct, or a json.RawMessage that is
// sent as it stands. HTML characters are not escaped. It takes the place of
// what JSON and [Set] said before.
func JSON(v any) Option {
	return optionFunc(func(s *settings) error { return s.payload.setJSON(v) })
}

// Set sets one field of the JSON body, at a path of sjson such as
// "amount.total" or "goods_detail.0.quantity"; -1 appends to a list, and a
// colon makes a number the name of a field ("limits.:100").
func Set(path string, v any) Option {
	return optionFunc(func(s *settings) error { return s.payload.setField(path, v) })
}

// Query adds to the query: url.Values, [M], a map of strings, or a struct of
// string-like fields whose names are in their tags `url:"…"` or `json:"…"`.
// A list repeats the name, a nil is left out, a map is an error.
func Query(v any) Option {
	return optionFunc(func(s *settings) error { return s.target.addQuery(v) })
}

// Header sets a header of the request. Authorization and the headers that
// belong to the connection are not the caller's to set.
func Header(name, value string) Option {
	return optionFunc(func(s *settings) error { return s.setHeader(name, value) })
}

// Body is a raw body and its type, which may be left to the header
// Content-Type. It is read whole before anything is sent, so a reader serves one
// call, and what it reads must not be empty. The call's time limit and
// [Promise.Cancel] hold while r is read. A Read that is in progress when the call
// ends so goes on in a goroutine until it returns; do not use r before that.
func Body(contentType string, r io.Reader) Option {
	return optionFunc(func(s *settings) error { return s.payload.setRaw(contentType, r) })
}

// File uploads the file at a path: an image, a video, a document. The body is
// multipart/form-data, streamed from the file as often as it has to be sent; it
// has a part meta, which alone is signed, with the file's name and SHA-256, and
// a part file. What [JSON] and [Set] say is added to meta, and when that has a
// sum of its own (sha256, file_digest, digest), nothing is added to it. Where an
// operation calls these otherwise (file_name, file_digest), or wants fields
// beside meta (item_id), that is seen to.
//
// With APIv2, the part is media, and the fields that [XML] gives are signed
// with media_hash, the file's MD5.
//
// https://pay.weixin.qq.com/doc/v3/merchant/4012760432
func File(path string) Option {
	return optionFunc(func(s *settings) error { return s.payload.setFile(path) })
}

// Upload is [File] for what r reads, under the name of a file, whose extension
// tells its type. If r can seek, as an *os.File or a *bytes.Reader can, it is
// streamed from where it stands, and must not be used before the call is done;
// else it is read into a temporary file that is removed with the call. As with
// [Body], a Read that is in progress when the call ends by its time limit or by
// [Promise.Cancel] goes on until it returns, and what was opened is given back then.
func Upload(name string, r io.Reader) Option {
	return optionFunc(func(s *settings) error { return s.payload.setUpload(name, r) })
}

// Sink streams the body of a 2xx answer into w as it arrives, verified with
// constant memory: a signature that does not hold is an error after the last
// byte, and what w got is then not to be used. The Response has no body. A
// download that takes longer than 30 seconds needs a [Timeout] of its own.
func Sink(w io.Writer) Option {
	return optionFunc(func(s *settings) error { return s.setSink(w) })
}

// BaseURL calls another host, such as "https://apihk.mch.weixin.qq.com/".
func BaseURL(u string) Option {
	return optionFunc(func(s *settings) error { return s.target.setBaseURL(u) })
}

// Timeout ends this call after d, answer and all, in the place of the 30
// seconds that hold when neither this option nor the context sets an end.
func Timeout(d time.Duration) Option {
	return optionFunc(func(s *settings) error { return s.setTimeout(d) })
}

// HTTPErrors tells whether an answer that is not 2xx is an [*Error], as it is
// by default, or with false a Response like any other, which nobody verified; so
// is then an APIv2 answer whose return_code or result_code is not SUCCESS.
func HTTPErrors(on bool) Option {
	return optionFunc(func(s *settings) error {
		s.keepErrors = !on
		return nil
	})
}

// XML is the body of an APIv2 call: nonce_str, sign and the merchant's number
// are added. Its values are strings, numbers and bools; an M or a list is sent
// as the elements inside of one, or as JSON text in the fields for which the
// platform wants that (detail, scene_info, receivers, …), as a struct is in
// any field. A nil is left out.
func XML(v M) Option {
	return optionFunc(func(s *settings) error { return s.payload.setXML(v) })
}

// Security presents the merchant's TLS client certificate, Config.ClientCert,
// to an APIv2 call. Calls that are documented to demand it, such as a refund,
// present it by themselves, however they are spelled, unless the bag says
// "security": false.
func Security() Option {
	return optionFunc(func(s *settings) error {
		on := true
		s.clientCert = &on
		return nil
	})
}

// Nonceless adds no nonce_str to an APIv2 call.
func Nonceless() Option {
	return optionFunc(func(s *settings) error {
		s.nonceless = true
		return nil
	})
}

// Bind gives the variable name of the template a value; see [Chain.Bind].
func Bind(name string, v any) Option {
	return optionFunc(func(s *settings) error {
		s.target.bind(name, v, fromOption)
		return nil
	})
}
