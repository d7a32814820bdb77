package main

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/tidwall/gjson"
)

// A place is a field of a part of an operation, or with no steps the part.
type place struct {
	where string
	steps []string // names, each with a [] for each array that it is
}

func (p patch) place() *place {
	at := &place{where: p.Where}
	if p.Field != "" {
		at.steps = strings.Split(p.Field, ".")
	}
	return at
}

// below is the place of a field of the object at the place.
func (at *place) below(name string) *place {
	return &place{at.where, append(slices.Clone(at.steps), name)}
}

// split returns the object that has the field, and the field's name. A parameter
// is in no object.
func (at *place) split() (object *place, name string) {
	n := len(at.steps) - 1
	name = at.steps[n]
	if n == 0 && at.isList() {
		return nil, name
	}
	return &place{at.where, at.steps[:n]}, name
}

// isList reports whether the part is a list of parameters.
func (at *place) isList() bool {
	return slices.Contains([]string{"path", "query", "headers", "form"}, at.where)
}

// find returns the path of the place's schema in the line of an operation.
func (at *place) find(line string) (string, error) {
	path, steps, err := at.part(line)
	if err != nil {
		return "", err
	}
	for _, step := range steps {
		name, _, _ := strings.Cut(step, "[]")
		if name != "" {
			path += ".properties." + gjson.Escape(name)
		}
		path += strings.Repeat(".items", strings.Count(step, "[]"))
	}
	if !gjson.Get(line, path).Exists() {
		return "", fmt.Errorf("there is no %s %s", at.where, strings.Join(at.steps, "."))
	}
	return path, nil
}

// part returns the path of the schema of the part, or of the parameter that the
// first step names, and the steps that are left.
func (at *place) part(line string) (path string, steps []string, err error) {
	switch {
	case at.where == "response":
		for status, body := range gjson.Get(line, "responses").Map() {
			if body.Get("type").Exists() {
				return "responses." + status, at.steps, nil
			}
		}
		return "", nil, fmt.Errorf("there is no %s with a body", at.where)
	case !at.isList() || len(at.steps) == 0:
		return at.where, at.steps, nil
	}
	name, _, _ := strings.Cut(at.steps[0], "[]")
	for i, parameter := range gjson.Get(line, at.where).Array() {
		if parameter.Get("name").Str == name {
			steps := slices.Clone(at.steps)
			steps[0] = strings.TrimPrefix(steps[0], name)
			return at.where + "." + strconv.Itoa(i), steps, nil
		}
	}
	return "", nil, fmt.Errorf("there is no %s %s", at.where, name)
}

// required reports whether the field at the place is required.
func (at *place) required(line string) bool {
	object, name := at.split()
	if object == nil {
		path, err := at.find(line)
		return err == nil && gjson.Get(line, path+".required").Bool()
	}
	path, err := object.find(line)
	return err == nil && slices.Contains(fields(gjson.Get(line, path+".required")), name)
}
