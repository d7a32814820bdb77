package shallow_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/pelletier/go-toml/v2"

	"github.com/wxchain/wechatpay/internal/shallow"
)

func TestJSON(t *testing.T) {
	nested := func(n int) string { return strings.Repeat("[", n) + strings.Repeat("]", n) }
	for _, tt := range []struct {
		name           string
		text           string
		bounded, valid bool
	}{
		{"empty", "", true, false},
		{"object", `{"a":[1]}`, true, true},
		{"page", "<html>[", true, false},
		{"at the limit", nested(shallow.MaxDepth), true, true},
		{"one too deep", nested(shallow.MaxDepth + 1), false, false},
		{"objects", strings.Repeat(`{"a":`, 2000) + "1" + strings.Repeat("}", 2000), false, false},
		{"open", strings.Repeat("[", 10<<20), false, false},
		{"open and mixed", strings.Repeat(`[{"a":`, 1<<20), false, false},
		{"closed first", strings.Repeat("]", 2000) + strings.Repeat("[", 2000), false, false},
		{"long, and not deep", "[" + strings.Repeat("[],", 5000) + "{}]", true, true},
		{"brackets in a text", `"` + strings.Repeat("[", 5000) + `"`, true, true},
		{"brackets after a quote in a text", `"\"` + strings.Repeat("[", 5000) + `"`, true, true},
		{"a text that does not end", `"` + strings.Repeat("[", 5000), false, false},
		{"a text that ends in an escape", strings.Repeat("[", 5000) + `"\`, false, false},
		{"cut off", "[" + strings.Repeat("[],", 5000), false, false},
	} {
		if got := shallow.JSON([]byte(tt.text)); got != tt.bounded {
			t.Errorf("%s: JSON is %v", tt.name, got)
		}
		if got := shallow.ValidJSON([]byte(tt.text)); got != tt.valid {
			t.Errorf("%s: ValidJSON is %v", tt.name, got)
		}
		if got := shallow.ParseJSON([]byte(tt.text)).Exists(); got != (tt.bounded && tt.text != "") && tt.name != "page" {
			t.Errorf("%s: ParseJSON finds %v", tt.name, got)
		}
	}
}

// What is bounded can be read in every way that gjson has.
func FuzzJSON(f *testing.F) {
	f.Add([]byte(`{"a":[{"b":"\"]"}]}`), 3000)
	f.Add([]byte(`["`), 2000)
	f.Add([]byte(`{"a":`), 1500)
	f.Fuzz(func(t *testing.T, text []byte, times int) {
		if times < 0 || times > 5000 || len(text)*times > 1<<20 {
			return
		}
		for range 3 {
			if shallow.ValidJSON(text) && (!json.Valid(text) || !shallow.JSON(text)) {
				t.Errorf("valid, but not for encoding/json or not bounded: %.100q", text)
			}
			v := shallow.ParseJSON(text)
			v.Get("a.#.b|@pretty")
			v.Value()
			text = []byte(strings.Repeat(string(text), times))
			times = 1
		}
	})
}

// A parser of TOML reads what is bounded, and what is not would end it.
func TestTOML(t *testing.T) {
	for text, want := range map[string]bool{
		"":                                      true,
		"mchid = \"1900000109\"\n[a]\nb.c = 1":  true,
		"a = " + strings.Repeat("[", 50_000):    true,
		strings.Repeat("a.", 50_000) + "a = 1":  true,
		"a = " + strings.Repeat("[", 200_000):   false,
		"a = " + strings.Repeat("{a=", 200_000): false,
		strings.Repeat("a.", 200_000) + "a = 1": false,
	} {
		if got := shallow.TOML([]byte(text)); got != want {
			t.Errorf("%.20q…: %v, want %v", text, got, want)
		}
		if want {
			var v map[string]any
			_ = toml.Unmarshal([]byte(text), &v) // it returns
		}
	}
}
