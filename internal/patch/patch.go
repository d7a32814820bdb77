package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/tidwall/gjson"
	"github.com/tidwall/sjson"
)

// A patch is a change of one fact about an operation.
type patch struct {
	Method   string
	Template string
	// Where is the part of the operation: path, query, headers, form, json, xml,
	// response (the successful answer), or operation for facts about it as a whole.
	Where string
	// Field leads to a field of that part: "payer.openid", "receivers[].amount". It
	// is "" for the part itself.
	Field string
	// Change is what is done:
	//
	//   - add: the field, with the schema Value, or an operation, which Value is
	//   - require, optional: the field is required, or is no longer
	//   - set: Key of the field's schema, or of the operation, becomes Value.
	//     Without a Value it is removed. Before, it was Was; without a Was it
	//     was missing
	//   - one-of: Value lists alternatives, each a list of fields of the object
	//     Field, or of the parameters; a request needs one of them
	Change   string
	Key      string
	Was      json.RawMessage
	Value    json.RawMessage
	Required bool // of a field that is added
	// Sources say where the fact comes from, and Reason why it holds when no source
	// says so plainly.
	Sources []string
	Date    string
	Reason  string
}

func (p patch) key() key { return key{p.Template, p.Method} }

// String names what is patched.
func (p patch) String() string {
	name := p.Method + " " + p.Template + ", " + p.Where
	if p.Field != "" {
		name += " " + p.Field
	}
	return name
}

var parts = []string{"path", "query", "headers", "form", "json", "xml", "response", "operation"}

// check reports what a patch lacks, or has and must not.
func (p patch) check() error {
	_, err := time.Parse(time.DateOnly, p.Date)
	switch {
	case p.Method == "" || p.Template == "":
		return errors.New("it has no method or no template")
	case !slices.Contains(parts, p.Where):
		return fmt.Errorf("where is %q, want one of %q", p.Where, parts)
	case len(p.Sources) == 0 || slices.Contains(p.Sources, ""):
		return errors.New("it names no source")
	case err != nil:
		return fmt.Errorf("the date: %w", err)
	}
	switch p.Change {
	case "add":
		return p.has("", true)
	case "require", "optional":
		return p.has("", false)
	case "one-of":
		return p.has("", true)
	case "set":
		if p.Key == "" {
			return errors.New("it sets no key")
		}
		return nil
	}
	return fmt.Errorf("the change %q is unknown", p.Change)
}

// has reports a key, or a value, that a patch must have or must not.
func (p patch) has(key string, value bool) error {
	switch {
	case p.Key != key, len(p.Was) > 0:
		return fmt.Errorf("%s has no key and no former value", p.Change)
	case len(p.Value) > 0 != value:
		return fmt.Errorf("%s with a value: %t, want %t", p.Change, !value, value)
	}
	return nil
}

// apply returns the line of the operation, patched.
func (p patch) apply(line string) (string, error) {
	switch {
	case p.Where == "operation" && p.Change == "add":
		return p.addOperation(line)
	case line == "":
		return "", errors.New("there is no such operation")
	case p.Where == "operation":
		return p.set(line, gjson.Escape(p.Key))
	}
	switch p.Change {
	case "add":
		return p.addField(line)
	case "require", "optional":
		return p.require(line, p.Change == "require")
	case "one-of":
		return p.oneOf(line)
	}
	at, err := p.place().find(line)
	if err != nil {
		return "", err
	}
	return p.set(line, at+"."+gjson.Escape(p.Key))
}

func (p patch) addOperation(line string) (string, error) {
	v := gjson.ParseBytes(p.Value)
	switch {
	case line != "":
		return "", errors.New("there is such an operation already")
	case v.Get("method").Str != p.Method, v.Get("template").Str != p.Template:
		return "", errors.New("the value is another operation")
	}
	return v.Raw, nil
}

// set changes the value at a path.
func (p patch) set(line, path string) (string, error) {
	was := gjson.Get(line, path).Raw
	switch {
	case was != string(p.Was):
		return "", fmt.Errorf("%s is %s, not %s", p.Key, or(was, "absent"), or(string(p.Was), "absent"))
	case was == string(p.Value):
		return "", fmt.Errorf("%s changes nothing", p.Key)
	case len(p.Value) == 0:
		return sjson.Delete(line, path)
	}
	return sjson.SetRaw(line, path, string(p.Value))
}

func or(text, otherwise string) string {
	if text == "" {
		return otherwise
	}
	return text
}

func (p patch) addField(line string) (string, error) {
	place := p.place()
	if _, err := place.find(line); err == nil {
		return "", errors.New("the field is there already")
	}
	object, name := place.split()
	if object == nil {
		return p.addParameter(line, name)
	}
	at, err := object.find(line)
	if err != nil {
		return "", err
	}
	line, err = sjson.SetRaw(line, at+".properties."+gjson.Escape(name), string(p.Value))
	if err != nil || !p.Required {
		return line, err
	}
	return p.require(line, true)
}

func (p patch) addParameter(line, name string) (string, error) {
	parameter, err := sjson.Set("{}", "name", name)
	if err == nil && p.Required {
		parameter, err = sjson.Set(parameter, "required", true)
	}
	gjson.ParseBytes(p.Value).ForEach(func(key, value gjson.Result) bool {
		if err == nil {
			parameter, err = sjson.SetRaw(parameter, gjson.Escape(key.Str), value.Raw)
		}
		return err == nil
	})
	if err != nil {
		return "", err
	}
	return sjson.SetRaw(line, p.Where+".-1", parameter)
}

// require makes the field required, or optional.
func (p patch) require(line string, required bool) (string, error) {
	place := p.place()
	at, err := place.find(line)
	if err != nil {
		return "", err
	}
	object, name := place.split()
	if object == nil {
		if gjson.Get(line, at+".required").Bool() == required {
			return "", errors.New("changes nothing")
		}
		if !required {
			return sjson.Delete(line, at+".required")
		}
		return sjson.Set(line, at+".required", true)
	}
	if at, err = object.find(line); err != nil {
		return "", err
	}
	names := fields(gjson.Get(line, at+".required"))
	i, found := slices.BinarySearch(names, name)
	switch {
	case found == required:
		return "", errors.New("changes nothing")
	case required:
		names = slices.Insert(names, i, name)
	case len(names) == 1:
		return sjson.Delete(line, at+".required")
	default:
		names = slices.Delete(names, i, i+1)
	}
	return sjson.Set(line, at+".required", names)
}

// oneOf adds alternatives, all of whose fields must be there and not required.
func (p patch) oneOf(line string) (string, error) {
	list, err := p.groups(line)
	if err != nil {
		return "", err
	}
	for _, alternative := range gjson.ParseBytes(p.Value).Array() {
		for _, name := range fields(alternative) {
			field := p.place().below(name)
			if _, err := field.find(line); err != nil {
				return "", err
			}
			if field.required(line) {
				return "", fmt.Errorf("%s is required", name)
			}
		}
	}
	for _, group := range gjson.Get(line, list).Array() {
		if group.Raw == string(p.Value) {
			return "", errors.New("changes nothing")
		}
	}
	return sjson.SetRaw(line, list+".-1", string(p.Value))
}

// groups returns the path of the list of alternatives.
func (p patch) groups(line string) (string, error) {
	if p.Field == "" && p.Where == "query" {
		return "query_one_of", nil
	}
	at, err := p.place().find(line)
	return at + ".one_of", err
}

func fields(list gjson.Result) []string {
	var names []string
	for _, name := range list.Array() {
		names = append(names, name.Str)
	}
	return names
}
