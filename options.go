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

// An Option sets something for one call. You can mix [Options] and the functions
// that return an Option; if two of them conflict, the later one wins.
type Option interface {
	apply(s *settings) error
}

// M is a JSON object, or any other set of named values.
type M = map[string]any

// Options holds options by key. The keys are those of the PHP SDK:
//
//	json         JSON body: a map, a struct or a json.RawMessage
//	query        url.Values, an M, or a struct of string-like fields
//	headers      http.Header, an M, or a map of strings
//	file         path of a file to upload
//	body         raw body: io.Reader, string or []byte; set its type in headers
//	sink         io.Writer that receives the answer's body
//	base_uri     another host for this call
//	timeout      time.Duration, or a number of seconds
//	http_errors  false returns a 4xx or 5xx as a Response, not as an error
//	xml          APIv2: body, an M
//	security     APIv2: true presents the client certificate
//	nonceless    APIv2: true leaves nonce_str out
//
// Treat Options like code: base_uri sets the host that is called, and file names
// a local file that is sent. Set the keys one by one. Do not decode Options from
// data that others send.
//
// Any other key binds a variable of the template. A key that is neither known nor
// a variable is an error that wraps [ErrOption]. If a variable has the name of a
// known key, bind it with [Bind].
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

// applyKey applies one key of Options.
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

// wrong returns the error for an option whose value has the wrong type.
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
		return strings.NewReader(string(v)) // a copy, because the call may outlive the caller
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

// JSON sets the JSON body: a map, a struct, or a json.RawMessage, which is sent
// unchanged. HTML characters are not escaped. JSON replaces the body that earlier
// [JSON] and [Set] options made.
func JSON(v any) Option {
	return optionFunc(func(s *settings) error { return s.payload.setJSON(v) })
}

// Set sets one field of the JSON body. The path is an sjson path, such as
// "amount.total" or "goods_detail.0.quantity". The index -1 appends to a list. A
// colon makes a number the name of a field ("limits.:100").
func Set(path string, v any) Option {
	return optionFunc(func(s *settings) error { return s.payload.setField(path, v) })
}

// Query adds parameters to the query: url.Values, an [M], a map of strings, or a
// struct of string-like fields that are named by their tags `url:"…"` or
// `json:"…"`. A list repeats the name. A nil is left out. A map as a value is an
// error.
func Query(v any) Option {
	return optionFunc(func(s *settings) error { return s.target.addQuery(v) })
}

// Header sets a header of the request. You cannot set Authorization and the
// headers that belong to the connection, such as Host.
func Header(name, value string) Option {
	return optionFunc(func(s *settings) error { return s.setHeader(name, value) })
}

// Body sets a raw body and its type. If contentType is empty, the header
// Content-Type sets the type. The call reads r whole before it sends anything, so
// a reader serves one call. An r without content is an error.
//
// The call's time limit and [Promise.Cancel] also end the reading of r. If a Read
// is in progress then, it goes on in a goroutine until it returns. Do not use r
// before that.
func Body(contentType string, r io.Reader) Option {
	return optionFunc(func(s *settings) error { return s.payload.setRaw(contentType, r) })
}

// File uploads the file at a path: an image, a video or a document. The body is
// multipart/form-data. It is streamed from the file each time it is sent. It has
// a part meta with the file's name and SHA-256, and a part file. Only meta is
// signed. The fields that [JSON] and [Set] give are added to meta. If they
// include file_digest or digest, File adds nothing to meta; if they include
// sha256, it must be that of the file. If an operation uses other names
// (file_name, file_digest) or expects fields outside meta (item_id), the body
// follows the operation. A file may have up to 1 GiB.
//
// In an APIv2 call the part with the file is named media. The fields that [XML]
// gives are signed together with media_hash, the file's MD5.
//
// https://pay.weixin.qq.com/doc/v3/merchant/4012760432
func File(path string) Option {
	return optionFunc(func(s *settings) error { return s.payload.setFile(path) })
}

// Upload uploads what r reads, as [File] uploads a file. name is the file name;
// its extension sets the media type. If r can seek, as an *os.File or a
// *bytes.Reader can, it is streamed from its current position, and you must not
// use it before the call is done. Otherwise r is copied to a temporary file,
// which is removed when the call ends. As with [Body], a Read that is in progress
// when the time limit or [Promise.Cancel] ends the call goes on until it returns.
// The temporary file is removed after that.
func Upload(name string, r io.Reader) Option {
	return optionFunc(func(s *settings) error { return s.payload.setUpload(name, r) })
}

// Sink streams the body of a 2xx answer into w as it arrives, with constant
// memory. The signature is verified after the last byte. If it does not match,
// the call returns an error, and you must discard what w received. The Response
// has no body. A download that takes longer than 30 seconds needs a [Timeout] of
// its own.
func Sink(w io.Writer) Option {
	return optionFunc(func(s *settings) error { return s.setSink(w) })
}

// BaseURL sends this call to another host, such as
// "https://apihk.mch.weixin.qq.com/".
func BaseURL(u string) Option {
	return optionFunc(func(s *settings) error { return s.target.setBaseURL(u) })
}

// Timeout limits this call to d, including the time to read the answer. If
// neither this option nor the context sets an end, the limit is 30 seconds.
func Timeout(d time.Duration) Option {
	return optionFunc(func(s *settings) error { return s.setTimeout(d) })
}

// HTTPErrors sets whether an answer that is not 2xx is returned as an [*Error],
// which is the default. With false it is returned as a Response, and so is an
// APIv2 answer whose return_code or result_code is not SUCCESS. Do not treat such
// a Response as verified.
func HTTPErrors(on bool) Option {
	return optionFunc(func(s *settings) error {
		s.keepErrors = !on
		return nil
	})
}

// XML sets the body of an APIv2 call. nonce_str, sign and the merchant's number
// are added. Values are strings, numbers and bools. An M or a list is sent as
// nested elements, but as JSON text in the fields for which the platform wants
// that (detail, scene_info, receivers, …). A struct is sent as JSON text in every
// field. A nil is left out.
func XML(v M) Option {
	return optionFunc(func(s *settings) error { return s.payload.setXML(v) })
}

// Security presents the merchant's TLS client certificate, Config.ClientCert, in
// an APIv2 call. Calls that are documented to require the certificate, such as a
// refund, present it without this option, however they are spelled.
// Options{"security": false} turns that off.
func Security() Option {
	return optionFunc(func(s *settings) error {
		on := true
		s.clientCert = &on
		return nil
	})
}

// Nonceless leaves nonce_str out of an APIv2 call.
func Nonceless() Option {
	return optionFunc(func(s *settings) error {
		s.nonceless = true
		return nil
	})
}

// Bind sets a variable of the template to a value; see [Chain.Bind].
func Bind(name string, v any) Option {
	return optionFunc(func(s *settings) error {
		s.target.bind(name, v, fromOption)
		return nil
	})
}
