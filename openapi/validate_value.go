package openapi

import (
	"maps"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/tidwall/gjson"

	"github.com/wxchain/wechatpay/internal/suggest"
)

// mostProblems is how many are listed.
const mostProblems = 100

// A checker holds values against schemas.
type checker struct {
	strict bool
	text   bool   // every scalar is text, as in XML and in a query
	signed bool   // who signs adds fields of its own
	sealed bool   // strings of format base64 travel encrypted
	in     string // Problem.In
	path   []step // to the value that is checked

	problems         []Problem
	errors, warnings int // how many of the problems
}

// A step is a name, or an index when that is not negative.
type step struct {
	name  string
	index int
}

// enter and leave tell which field is checked.
func (c *checker) enter(name string)  { c.path = append(c.path, step{name, -1}) }
func (c *checker) enterElement(i int) { c.path = append(c.path, step{"", i}) }
func (c *checker) leave()             { c.path = c.path[:len(c.path)-1] }

// implied reports whether a field of APIv2 is added by who signs the call.
func implied(name string) bool {
	switch name {
	case "combine_mch_id", "mch_id", "mchid", "nonce_str", "sign", "sign_type":
		return true
	}
	return false
}

func (c *checker) implies(name string) bool { return c.signed && len(c.path) == 0 && implied(name) }

// value checks a value that is there.
func (c *checker) value(s *Schema, v gjson.Result) {
	switch s.Type {
	case "":
	case Object:
		if !v.IsObject() {
			c.mistyped(s, v)
			return
		}
		c.object(s, v)
	case Array:
		if c.text && !v.IsArray() && s.Items != nil {
			c.value(s.Items, v) // an element that is not repeated
			return
		}
		c.array(s, v)
	default:
		c.scalar(s, v)
	}
}

func (c *checker) array(s *Schema, v gjson.Result) {
	if !v.IsArray() {
		c.mistyped(s, v)
		return
	}
	if s.Items == nil {
		return
	}
	i := 0
	v.ForEach(func(_, element gjson.Result) bool {
		c.enterElement(i)
		c.value(s.Items, element)
		c.leave()
		i++
		return true
	})
}

func (c *checker) scalar(s *Schema, v gjson.Result) {
	text := v.Str
	fits := v.Type == gjson.String
	switch {
	case c.text && v.IsArray():
		c.duplicate(s.Label)
		return
	case c.text:
	case s.Type == Integer, s.Type == Number:
		fits, text = v.Type == gjson.Number, v.Raw // as a float64 it would lose digits
	case s.Type == Boolean:
		fits, text = v.IsBool(), v.Raw
	}
	if !fits {
		c.mistyped(s, v)
		return
	}
	c.misfit(s, text)
}

func (c *checker) misfit(s *Schema, text string) {
	if p := s.misfit(text, c.sealed && s.Format == "base64"); p != nil {
		p.Label = s.Label
		c.add(*p)
	}
}

func (c *checker) object(s *Schema, v gjson.Result) {
	if len(s.Properties) == 0 {
		return // its fields are not documented
	}
	var few [64]bool
	seen := few[:]
	if len(s.Properties) > len(few) {
		seen = make([]bool, len(s.Properties))
	}
	var unknown []string
	next := 0
	v.ForEach(func(key, field gjson.Result) bool {
		i := s.index(key.Str, next)
		if i < 0 {
			if !c.implies(key.Str) && !c.full(!c.strict) && len(unknown) < mostProblems {
				unknown = append(unknown, key.Str)
			}
			return true
		}
		next = i + 1
		p := &s.Properties[i]
		required := c.requires(p) // which looks at where v is, before its field is entered
		c.enter(key.Str)
		if seen[i] && p.Name == key.Str {
			c.duplicate(p.Label)
		} else {
			seen[i] = true
			c.property(p.Schema, required, field)
		}
		c.leave()
		return true
	})
	for i := range s.Properties {
		if p := &s.Properties[i]; !seen[i] && c.requires(p) {
			c.enter(p.Name)
			c.required(p.Label, "missing")
			c.leave()
		}
	}
	c.oneOf(s.OneOf, func(name string) bool {
		field := v.Get(name)
		return field.Type != gjson.Null && (field.Type != gjson.String || field.Str != "")
	})
	for _, name := range unknown {
		c.unknown(name, s.missing(seen))
	}
}

// requires reports whether the object that is checked must have the property p.
func (c *checker) requires(p *Property) bool { return p.Required && !c.implies(p.Name) }

// oneOf checks that of each group one alternative is given with all its names.
func (c *checker) oneOf(groups []OneOf, given func(name string) bool) {
	for _, group := range groups {
		complete := func(names []string) bool {
			return !slices.ContainsFunc(names, func(name string) bool { return !given(name) })
		}
		if !slices.ContainsFunc(group, complete) {
			c.add(Problem{Kind: KindRequired, Message: "one of " + group.String() + " is missing"})
		}
	}
}

// property checks a field that is given, but perhaps with nothing in it.
func (c *checker) property(s *Schema, required bool, v gjson.Result) {
	nothing := ""
	switch {
	case v.Type == gjson.Null:
		nothing = "null"
	case v.Type == gjson.String && v.Str == "" && (c.text || s.Type == String):
		nothing = "empty"
	default:
		c.value(s, v)
		return
	}
	if required {
		c.required(s.Label, nothing)
	}
}

// index finds a property by name, or -1. Most bodies are in the order of the
// documentation, so the search begins at the place of the last one.
func (s *Schema) index(name string, from int) int {
	n := len(s.Properties)
	for i := range n {
		if i += from; i >= n {
			i -= n
		}
		if s.Properties[i].Name == name {
			return i
		}
	}
	return slices.IndexFunc(s.Properties, func(p Property) bool { return matchesNumbered(p.Name, name) })
}

// missing returns the names of the properties that were not seen: another name
// was meant to be one of these.
func (s *Schema) missing(seen []bool) []string {
	var names []string
	for i := range s.Properties {
		if !seen[i] {
			names = append(names, s.Properties[i].Name)
		}
	}
	return names
}

// parameters checks named texts.
func (c *checker) parameters(ps []Parameter, values url.Values) {
	var names []string // of those that are not given
	for i := range ps {
		p := &ps[i]
		c.enter(p.Name)
		switch given, ok := values[p.Name]; {
		case !ok:
			names = append(names, p.Name)
			if p.Required && !(c.signed && implied(p.Name)) {
				c.required(p.Label, "missing")
			}
		case len(given) > 1 && p.Type != Array:
			c.duplicate(p.Label)
		case given[0] == "":
			if p.Required {
				c.required(p.Label, "empty")
			}
		default:
			for _, text := range given {
				c.parameter(&p.Schema, text)
			}
		}
		c.leave()
	}
	for _, name := range slices.Sorted(maps.Keys(values)) {
		if !c.implies(name) && !slices.ContainsFunc(ps, func(p Parameter) bool { return p.Name == name }) {
			c.unknown(name, names)
		}
	}
}

// parameter checks a text of a parameter.
func (c *checker) parameter(s *Schema, text string) {
	switch s.Type {
	case Array:
		if s.Items != nil {
			c.parameter(s.Items, text)
		}
	case Integer, Number, Boolean, String:
		c.misfit(s, text)
	}
}

func (c *checker) mistyped(s *Schema, v gjson.Result) {
	found := "null"
	switch {
	case v.IsObject():
		found = "an object"
	case v.IsArray():
		found = "an array"
	case v.IsBool():
		found = "a boolean"
	case v.Type == gjson.String:
		found = "a string"
	case v.Type == gjson.Number:
		found = "a number"
	}
	want := s.Type
	if c.text && want != Array && want != Object {
		want = "text"
	}
	c.add(Problem{Kind: KindType, Message: found + ", want " + want.article(), Label: s.Label})
}

func (c *checker) duplicate(label string) {
	c.add(Problem{Kind: KindDuplicate, Message: "given more than once", Label: label})
}

func (c *checker) required(label, found string) {
	c.add(Problem{Kind: KindRequired, Message: "required, " + found, Label: label})
}

func (c *checker) unknown(name string, names []string) {
	if c.full(!c.strict) {
		return
	}
	c.enter(name)
	c.add(Problem{Kind: KindUnknown, Message: "unknown", Nearest: suggest.Nearest(name, names), Warning: true})
	c.leave()
}

// add notes a problem of the value that is checked.
func (c *checker) add(p Problem) {
	p.Warning = p.Warning && !c.strict
	if c.full(p.Warning) {
		return
	}
	if p.Warning {
		c.warnings++
	} else {
		c.errors++
	}
	p.In, p.Field = c.in, c.field()
	c.problems = append(c.problems, p)
}

// full reports whether the list takes no further warning, or no further error.
func (c *checker) full(warning bool) bool {
	if warning {
		return c.warnings >= mostProblems
	}
	return c.errors >= mostProblems
}

func (c *checker) field() string {
	var b strings.Builder
	for i, s := range c.path {
		if i > 0 {
			b.WriteByte('.')
		}
		if s.index < 0 {
			b.WriteString(s.name)
		} else {
			b.WriteString(strconv.Itoa(s.index))
		}
	}
	return b.String()
}
