package openapi

import (
	"slices"
	"strings"
)

// An Operation is a documented operation of the platform. Do not change it.
type Operation struct {
	Method string
	// Template is the RFC 6570 template of the path, without a leading slash.
	// A slash at its end is part of it. The first segment of an APIv2
	// operation is v2, which is not sent.
	Template string
	// Title is the official name, in Chinese.
	Title string
	// Tags are the products it belongs to.
	Tags []string
	// Roles are the kinds of merchants that may call it.
	Roles []string
	// Updated is the date of its last change, as 2006-01-02, or "".
	Updated string
	// Docs are links to its official pages.
	Docs []string
	// BaseURL is the host of the operation if it is not the main host, or "".
	BaseURL string
	// ClientCert says that the call needs the merchant's TLS client certificate.
	ClientCert bool
	// Encrypts says that the call has encrypted fields, and names the platform key in
	// the header Wechatpay-Serial.
	Encrypts bool

	Headers []Parameter // beside the headers of every call
	Path    []Parameter
	Query   []Parameter
	Form    []Parameter // the parts of a multipart/form-data body
	JSON    *Schema     // the body of an APIv3 call, or nil
	XML     *Schema     // the body of an APIv2 call, or nil

	// QueryOneOf are alternatives among the parameters of the query.
	QueryOneOf []OneOf

	// Responses are the successful answers, by status.
	Responses []Response

	// Repeat says what a second request with the same bytes does.
	Repeat Repeat
}

// A Parameter is a named value of a path, a query, a form or the headers.
type Parameter struct {
	Name     string
	Required bool
	Schema
}

// A Response is an answer and its body.
type Response struct {
	Status int
	Body   *Schema // nil when there is none
}

// A Type is the type of a [Schema].
type Type string

// The types. The empty Type is any.
const (
	String  Type = "string"
	Integer Type = "integer"
	Number  Type = "number"
	Boolean Type = "boolean"
	Array   Type = "array"
	Object  Type = "object"
	File    Type = "file"
)

// A Schema describes a value.
type Schema struct {
	Type Type
	// Label is the short official name of the field, in Chinese.
	Label string
	// Format is what a string holds: "rfc3339", "date", "base64", "media_id",
	// "media_url", "url", "json"; or how large an integer may be: "int32",
	// "int64", "uint64". In the JSON body of an operation that [Operation.Encrypts],
	// "base64" marks the fields that travel encrypted.
	Format string
	// Enum has the known values as text. The platform may add others.
	Enum []string
	// Example and Default are values as text, or "".
	Example, Default string
	// MaxLength and MinLength count characters; 0 means no limit.
	MaxLength, MinLength int
	// Maximum and Minimum bound a number.
	Maximum, Minimum *float64
	// Items is the schema of the elements of an array, or nil.
	Items *Schema
	// Properties are the fields of an object, in the order of the documentation. A
	// name may contain $n and $m for numbers: coupon_id_$n.
	Properties []Property
	// OneOf are alternatives among the fields of an object.
	OneOf []OneOf
}

// A OneOf lists alternatives, each one field or some that go together. A request needs
// at least one of them: out_trade_no or transaction_id; mchid with appid (of a direct
// merchant) or sp_mchid with sp_appid and sub_mchid (of an institution). None of these
// fields is required by itself.
type OneOf [][]string

// String is such as "mchid+appid, sp_mchid+sp_appid+sub_mchid".
func (o OneOf) String() string {
	alternatives := make([]string, len(o))
	for i, names := range o {
		alternatives[i] = strings.Join(names, "+")
	}
	return strings.Join(alternatives, ", ")
}

// A Property is a field of an object.
type Property struct {
	Name     string
	Required bool
	*Schema
}

// Property returns the field of that name, or nil. A $n in the name of a field
// stands for any number.
func (s *Schema) Property(name string) *Property {
	for i := range s.Properties {
		if p := &s.Properties[i]; p.Name == name || matchesNumbered(p.Name, name) {
			return p
		}
	}
	return nil
}

// matchesNumbered reports whether name is pattern with numbers for $n and $m.
func matchesNumbered(pattern, name string) bool {
	before, rest, numbered := strings.Cut(pattern, "$")
	if !numbered {
		return pattern == name
	}
	name, ok := strings.CutPrefix(name, before)
	if !ok || rest == "" {
		return false
	}
	digits := len(name) - len(strings.TrimLeft(name, "0123456789"))
	return digits > 0 && matchesNumbered(rest[1:], name[digits:])
}

// Response returns the answer of that status, and whether there is one.
func (op *Operation) Response(status int) (Response, bool) {
	i := slices.IndexFunc(op.Responses, func(r Response) bool { return r.Status == status })
	if i < 0 {
		return Response{}, false
	}
	return op.Responses[i], true
}

// Body returns the schema of the request's body, JSON or XML, or nil when it
// has neither.
func (op *Operation) Body() *Schema {
	if op.XML != nil {
		return op.XML
	}
	return op.JSON
}

// String is the method and the template.
func (op *Operation) String() string { return op.Method + " " + op.Template }

// wirePath is the template as it is sent: without v2, which names the protocol.
func wirePath(template string) string { return strings.TrimPrefix(template, "v2/") }
