package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

const (
	pay = `{"method":"POST","template":"v3/pay","query":[{"name":"id","required":true,"type":"string"}],` +
		`"json":{"type":"object","properties":{"a":{"type":"number","example":1},"list":{"type":"array","items":{"type":"object","properties":{"x":{"type":"string"}}}}},"required":["a"]},` +
		`"responses":{"202":{},"200":{"type":"object","properties":{"ok":{"type":"boolean"}}}}}`
	rest = `,"sources":["model"],"date":"2026-11-29"}`
)

// patchOf completes a patch of the operation pay.
func patchOf(text string) string {
	return `{"method":"POST","template":"v3/pay",` + text + rest
}

// patched applies lines of patches to the operation pay.
func patched(lines ...string) (string, error) {
	patches, err := parse([]byte(strings.Join(lines, "\n")))
	if err != nil {
		return "", err
	}
	text, err := apply([]byte(pay+"\n"), patches)
	return string(text), err
}

func TestPatch(t *testing.T) {
	for name, test := range map[string]struct{ patch, old, want string }{
		"field":           {`"where":"response","field":"no","change":"add","value":{"type":"string"}`, `{"type":"boolean"}}`, `{"type":"boolean"},"no":{"type":"string"}}`},
		"required field":  {`"where":"json","field":"b","change":"add","value":{"type":"string"},"required":true`, `}}},"required":["a"]`, `}},"b":{"type":"string"}},"required":["a","b"]`},
		"field of a list": {`"where":"json","field":"list[].z","change":"add","value":{}`, `"x":{"type":"string"}`, `"x":{"type":"string"},"z":{}`},
		"parameter":       {`"where":"query","field":"no","change":"add","value":{"type":"integer"},"required":true`, `"type":"string"}],`, `"type":"string"},{"name":"no","required":true,"type":"integer"}],`},
		"first parameter": {`"where":"form","field":"no","change":"add","value":{}`, `{"type":"boolean"}}}}`, `{"type":"boolean"}}}},"form":[{"name":"no"}]`},
		"first required":  {`"where":"response","field":"ok","change":"require"`, `{"type":"boolean"}}`, `{"type":"boolean"}},"required":["ok"]`},
		"more required":   {`"where":"json","field":"list","change":"require"`, `["a"]`, `["a","list"]`},
		"last optional":   {`"where":"json","field":"a","change":"optional"`, `,"required":["a"]`, ``},
		"any parameter":   {`"where":"query","field":"id","change":"optional"`, `"required":true,`, ``},
		"type":            {`"where":"json","field":"a","change":"set","key":"type","was":"number","value":"integer"`, `"number"`, `"integer"`},
		"new key":         {`"where":"json","field":"list[].x","change":"set","key":"enum","value":["A"]`, `"x":{"type":"string"}`, `"x":{"type":"string","enum":["A"]}`},
		"no longer a key": {`"where":"json","field":"a","change":"set","key":"example","was":1`, `,"example":1`, ``},
		"a fact":          {`"where":"operation","change":"set","key":"docs","value":["page"]`, `{"type":"boolean"}}}}`, `{"type":"boolean"}}}},"docs":["page"]`},
		"one of":          {`"where":"json","field":"list[]","change":"one-of","value":[["x"]]`, `{"type":"string"}}}}`, `{"type":"string"}},"one_of":[[["x"]]]}}`},
		"one of a body":   {`"where":"response","change":"one-of","value":[["ok"]]`, `{"type":"boolean"}}`, `{"type":"boolean"}},"one_of":[[["ok"]]]`},
	} {
		got, err := patched(patchOf(test.patch))
		if want := strings.Replace(pay, test.old, test.want, 1) + "\n"; err != nil || got != want {
			t.Errorf("%s: %v\n got %swant %s", name, err, got, want)
		}
	}
}

func TestPatchAlternativesOfAQuery(t *testing.T) {
	got, err := patched(patchOf(`"where":"query","field":"id","change":"optional"`), patchOf(`"where":"query","field":"no","change":"add","value":{}`),
		patchOf(`"where":"query","change":"one-of","value":[["id"],["no"]]`))
	if err != nil || !strings.HasSuffix(got, `,"query_one_of":[[["id"],["no"]]]}`+"\n") {
		t.Errorf("%v: %s", err, got)
	}
}

func TestPatchAddsAnOperation(t *testing.T) {
	const a, z = `{"method":"GET","template":"v3/a"}`, `{"method":"GET","template":"v3/z"}`
	add := func(op, key string) string {
		return strings.TrimSuffix(op, "}") + `,"where":"operation","change":"add","value":` + key + rest
	}
	got, err := patched(add(a, a), add(z, z))
	if want := a + "\n" + pay + "\n" + z + "\n"; err != nil || got != want {
		t.Errorf("%v: %s", err, got)
	}
	for want, line := range map[string]string{
		"already":           patchOf(`"where":"operation","change":"add","value":{"method":"POST","template":"v3/pay"}`),
		"another operation": add(a, z),
	} {
		if _, err := patched(line); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error %v, want %q", err, want)
		}
	}
}

// A patch that does not fit the base, or that it has already, is an error.
func TestPatchRefuses(t *testing.T) {
	for patch, want := range map[string]string{
		`"where":"json","field":"a","change":"add","value":{}`:                                    "line 1, POST v3/pay, json a: the field is there already",
		`"where":"query","field":"id","change":"add","value":{}`:                                  "there already",
		`"where":"json","field":"no.b","change":"add","value":{}`:                                 "there is no json no",
		`"where":"json","field":"a","change":"require"`:                                           "changes nothing",
		`"where":"query","field":"id","change":"require"`:                                         "changes nothing",
		`"where":"json","field":"list","change":"optional"`:                                       "changes nothing",
		`"where":"json","field":"no","change":"optional"`:                                         "there is no json no",
		`"where":"path","field":"no","change":"require"`:                                          "there is no path no",
		`"where":"json","field":"a","change":"set","key":"type","was":"string","value":"integer"`: `type is "number", not "string"`,
		`"where":"json","field":"a","change":"set","key":"type","value":"integer"`:                `type is "number", not absent`,
		`"where":"json","field":"a","change":"set","key":"label","was":"x","value":"y"`:           `label is absent, not "x"`,
		`"where":"json","field":"a","change":"set","key":"type","was":"number","value":"number"`:  "type changes nothing",
		`"where":"json","field":"a","change":"set","key":"label"`:                                 "label changes nothing",
		`"where":"json","change":"one-of","value":[["a"],["list"]]`:                               "a is required",
		`"where":"query","change":"one-of","value":[["id"]]`:                                      "id is required",
		`"where":"json","change":"one-of","value":[["no"]]`:                                       "there is no json no",
		`"where":"headers","field":"no","change":"set","key":"type","was":"string"`:               "there is no headers no",
		`"where":"xml","field":"a","change":"require"`:                                            "there is no xml a",
		`"where":"json","field":"a","change":"rename"`:                                            `the change "rename" is unknown`,
		`"where":"body","field":"a","change":"require"`:                                           `where is "body"`,
		`"where":"json","field":"a","change":"set","was":1`:                                       "it sets no key",
		`"where":"json","field":"a","change":"require","key":"type"`:                              "no key",
		`"where":"json","field":"a","change":"optional","value":1`:                                "with a value",
		`"where":"json","field":"b","change":"add"`:                                               "with a value: false, want true",
		`"where":"json","field":"a","change":"require","why":"x"`:                                 `unknown field "why"`,
	} {
		if _, err := patched(patchOf(patch)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: error %v, want %q", patch, err, want)
		}
	}
	const change = `"where":"json","field":"list","change":"require"`
	for line, want := range map[string]string{
		`{"template":"v3/pay",` + change + rest:                                                                                                    "no method",
		`{"method":"GET","template":"v3/pay",` + change + rest:                                                                                     "no such operation",
		`{"method":"POST","template":"v3/pay",` + change + `,"date":"2026-11-29"}`:                                                                 "no source",
		`{"method":"POST","template":"v3/pay",` + change + `,"sources":["model"]}`:                                                                 "the date",
		patchOf(change) + "\n" + `{"method":"GET","template":"v3/pay",` + change + rest:                                                            "must come before line 1",
		patchOf(change) + "\n" + patchOf(change):                                                                                                   "line 2, POST v3/pay, json list: changes nothing",
		patchOf(`"where":"response","change":"one-of","value":[["ok"]]`) + "\n" + patchOf(`"where":"response","change":"one-of","value":[["ok"]]`): "changes nothing",
	} {
		if _, err := patched(line); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: error %v, want %q", line, err, want)
		}
	}
}

func TestRun(t *testing.T) {
	folder := t.TempDir()
	write := func(name, text string) {
		if err := os.WriteFile(filepath.Join(folder, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if err := run(folder); err == nil {
		t.Error("runs without a base")
	}
	write("base.jsonl", pay+"\n")
	if err := run(folder); err == nil {
		t.Error("runs without patches")
	}
	write("patches.jsonl", patchOf(`"where":"json","field":"a","change":"optional"`)+"\n")
	if err := run(folder); err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(filepath.Join(folder, "operations.jsonl"))
	if want := strings.Replace(pay, `,"required":["a"]`, "", 1) + "\n"; err != nil || string(text) != want {
		t.Errorf("%v: %s", err, text)
	}
	write("base.jsonl", string(text))
	if err := run(folder); err == nil || !strings.Contains(err.Error(), "patches.jsonl: line 1") {
		t.Errorf("a base that has the fact: error %v", err)
	}
}

// The text of the catalogue is what the patches make of the base.
func TestCatalogueIsPatched(t *testing.T) {
	read := func(name string) []byte {
		text, err := os.ReadFile(filepath.Join("..", "..", "openapi", name))
		if err != nil {
			t.Fatal(err)
		}
		return text
	}
	patches, err := parse(read("patches.jsonl"))
	if err != nil {
		t.Fatal(err)
	}
	text, err := apply(read("base.jsonl"), patches)
	if err != nil {
		t.Fatal(err)
	}
	if string(text) != string(read("operations.jsonl")) {
		t.Error("operations.jsonl is not base.jsonl with its patches: run go generate ./...")
	}
}
