package openapi

import (
	"cmp"
	"net/http"
	"slices"

	"github.com/tidwall/gjson"
)

// parseOperation reads a line of operations.jsonl.
func parseOperation(line gjson.Result) *Operation {
	op := new(Operation)
	line.ForEach(func(key, v gjson.Result) bool {
		op.parseFact(key.Str, v)
		op.parseFields(key.Str, v)
		return true
	})
	if op.Method == http.MethodGet {
		op.Repeat.Class = RepeatHarmless
	}
	return op
}

// parseFact reads a key that says something about the operation as a whole.
func (op *Operation) parseFact(key string, v gjson.Result) {
	switch key {
	case "method":
		op.Method = v.Str
	case "template":
		op.Template = v.Str
	case "title":
		op.Title = v.Str
	case "tags":
		op.Tags = texts(v)
	case "roles":
		op.Roles = texts(v)
	case "updated":
		op.Updated = v.Str
	case "docs":
		op.Docs = texts(v)
	case "base_url":
		op.BaseURL = v.Str
	case "client_cert":
		op.ClientCert = v.Bool()
	case "encrypts":
		op.Encrypts = v.Bool()
	case "repeat":
		op.Repeat = parseRepeat(v)
	}
}

// parseFields reads a key that lists fields of the request or of the responses.
func (op *Operation) parseFields(key string, v gjson.Result) {
	switch key {
	case "headers":
		op.Headers = parseParameters(v)
	case "path":
		op.Path = parseParameters(v)
	case "query":
		op.Query = parseParameters(v)
	case "query_one_of":
		op.QueryOneOf = parseOneOf(v)
	case "form":
		op.Form = parseParameters(v)
	case "json":
		op.JSON = parseSchema(v)
	case "xml":
		op.XML = parseSchema(v)
	case "responses":
		op.Responses = parseResponses(v)
	}
}

func parseParameters(list gjson.Result) []Parameter {
	var ps []Parameter
	list.ForEach(func(_, v gjson.Result) bool {
		required := v.Get("required") // or, of an object, which of its fields are
		ps = append(ps, Parameter{v.Get("name").Str, required.Bool() || required.IsArray(), *parseSchema(v)})
		return true
	})
	return ps
}

func parseResponses(byStatus gjson.Result) []Response {
	var rs []Response
	byStatus.ForEach(func(status, v gjson.Result) bool {
		r := Response{Status: int(status.Int())}
		if s := parseSchema(v); s.Type != "" {
			r.Body = s
		}
		rs = append(rs, r)
		return true
	})
	slices.SortFunc(rs, func(a, b Response) int { return cmp.Compare(a.Status, b.Status) })
	return rs
}

func parseSchema(schema gjson.Result) *Schema {
	s := new(Schema)
	var required string // the JSON of an array
	schema.ForEach(func(key, v gjson.Result) bool {
		switch key.Str {
		case "type":
			s.Type = Type(v.Str)
		case "label":
			s.Label = v.Str
		case "format":
			s.Format = v.Str
		case "enum":
			s.Enum = texts(v)
		case "example":
			s.Example = v.String()
		case "default":
			s.Default = v.String()
		case "max_length":
			s.MaxLength = int(v.Int())
		case "min_length":
			s.MinLength = int(v.Int())
		case "maximum":
			s.Maximum = pointerTo(v.Num)
		case "minimum":
			s.Minimum = pointerTo(v.Num)
		case "items":
			s.Items = parseSchema(v)
		case "properties":
			s.Properties = parseProperties(v)
		case "one_of":
			s.OneOf = parseOneOf(v)
		case "required": // of a parameter it is a bool
			required = v.Raw
		}
		return true
	})
	s.require(gjson.Parse(required))
	return s
}

// pointerTo returns a pointer to a copy, which keeps alive nothing else.
func pointerTo(n float64) *float64 { return &n }

// require marks the listed properties as required.
func (s *Schema) require(names gjson.Result) {
	names.ForEach(func(_, name gjson.Result) bool {
		if i := slices.IndexFunc(s.Properties, func(p Property) bool { return p.Name == name.Str }); i >= 0 {
			s.Properties[i].Required = true
		}
		return true
	})
}

func parseProperties(fields gjson.Result) []Property {
	var ps []Property
	fields.ForEach(func(name, v gjson.Result) bool {
		ps = append(ps, Property{Name: name.Str, Schema: parseSchema(v)})
		return true
	})
	return ps
}

func parseOneOf(list gjson.Result) []OneOf {
	var groups []OneOf
	list.ForEach(func(_, group gjson.Result) bool {
		var o OneOf
		group.ForEach(func(_, alternative gjson.Result) bool {
			o = append(o, texts(alternative))
			return true
		})
		groups = append(groups, o)
		return true
	})
	return groups
}

func texts(list gjson.Result) []string {
	var s []string
	list.ForEach(func(_, v gjson.Result) bool {
		s = append(s, v.String())
		return true
	})
	return s
}
