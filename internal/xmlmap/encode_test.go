package xmlmap_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"reflect"
	"strings"
	"testing"

	"github.com/wxchain/wechatpay/internal/vectors"
	"github.com/wxchain/wechatpay/internal/xmlmap"
)

func TestEncode(t *testing.T) {
	tests := []struct {
		name   string
		fields m
		want   string
	}{
		{"no fields", m{}, `<xml></xml>`},
		{"nil", nil, `<xml></xml>`},
		{"sorted bytewise", m{"b": "2", "a": "1", "B": "3", "a_": "4", "a1": "5"}, `<xml><B>3</B><a>1</a><a1>5</a1><a_>4</a_><b>2</b></xml>`},
		{"empty", m{"a": "", "b": m{}, "c": []any{}, "d": m(nil), "e": []any(nil)}, `<xml><a></a><b></b><d></d></xml>`},
		{"spaces", m{"a": " \t\n", "b": " 1 "}, "<xml><a> \t\n</a><b> 1 </b></xml>"},
		{"an apostrophe is text", m{"a": "it's"}, `<xml><a>it's</a></xml>`},
		{"less than", m{"a": "<"}, `<xml><a><![CDATA[<]]></a></xml>`},
		{"greater than", m{"a": ">"}, `<xml><a><![CDATA[>]]></a></xml>`},
		{"ampersand", m{"a": "&amp;"}, `<xml><a><![CDATA[&amp;]]></a></xml>`},
		{"quote", m{"a": `"`}, `<xml><a><![CDATA["]]></a></xml>`},
		{"end of CDATA", m{"a": "]]>"}, `<xml><a><![CDATA[]]]]><![CDATA[>]]></a></xml>`},
		{"end of CDATA, twice", m{"a": "x]]>]]>y"}, `<xml><a><![CDATA[x]]]]><![CDATA[>]]]]><![CDATA[>y]]></a></xml>`},
		{"brackets", m{"a": "]]"}, `<xml><a>]]</a></xml>`},
		{"carriage return", m{"a": "1\r\n2\r"}, "<xml><a>1&#13;\n2&#13;</a></xml>"},
		{"carriage return in CDATA", m{"a": "\r<\r\r>"}, `<xml><a>&#13;<![CDATA[<]]>&#13;&#13;<![CDATA[>]]></a></xml>`},
		{"names", m{"_a-b.c1": "1", "名称é": "2"}, `<xml><_a-b.c1>1</_a-b.c1><名称é>2</名称é></xml>`},
		{"list", m{"l": []any{"1", "2"}, "k": []any{"3"}}, `<xml><k>3</k><l>1</l><l>2</l></xml>`},
		{"list of maps", m{"l": []any{m{"a": "1"}, m{"a": []any{"2", "3"}}}}, `<xml><l><a>1</a></l><l><a>2</a><a>3</a></l></xml>`},
		{"beyond the basic plane", m{"a": "😀\ufffd"}, "<xml><a>😀\ufffd</a></xml>"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, err := xmlmap.Encode(tt.fields)
			if err != nil || string(got) != tt.want {
				t.Fatalf("Encode = %s, %v; want %s", got, err, tt.want)
			}
			back, err := xmlmap.Decode(got)
			want := readBack(tt.fields)
			if want == any("") {
				want = m{} // the root is a map even so
			}
			if err != nil || !reflect.DeepEqual(back, want) {
				t.Errorf("reads back as %v, %v; want %v", back, err, want)
			}
		})
	}
}

func TestEncodeVectorsOfPHP(t *testing.T) {
	recorded := vectors.Load(t).XMLEncode
	if len(recorded) != 2 {
		t.Fatalf("%d vectors, want 2", len(recorded))
	}
	for i, tt := range recorded {
		fields := maps.Clone(tt.Value)
		for name, value := range fields {
			switch v := value.(type) { // numbers and lists are the caller's to spell
			case float64:
				fields[name] = fmt.Sprint(v)
			case []any:
				fields[name] = m{"item": v}
			}
		}
		got, err := xmlmap.Encode(fields)
		if err != nil {
			t.Errorf("Encode(%v): %v", tt.Value, err)
			continue
		}
		// The first has its fields in the order of their names.
		if i == 0 && string(got) != tt.XML {
			t.Errorf("Encode(%v) = %s, PHP wrote %s", tt.Value, got, tt.XML)
		}
		want, err := xmlmap.Decode([]byte(tt.XML))
		if err != nil {
			t.Errorf("Decode(%s): %v", tt.XML, err)
		}
		if back, err := xmlmap.Decode(got); err != nil || !reflect.DeepEqual(back, want) {
			t.Errorf("%s reads as %v, %v; PHP's as %v", got, back, err, want)
		}
		if len(got) != len(tt.XML) {
			t.Errorf("Encode(%v) = %s, PHP wrote %s", tt.Value, got, tt.XML)
		}
	}
}

func TestEncodeRefuses(t *testing.T) {
	itself := m{}
	itself["a"] = itself
	number := 1
	tests := []struct {
		name   string
		fields m
		path   string
		want   string
	}{
		{"number", m{"total_fee": 1}, "total_fee", "type int "},
		{"name of 1022 bytes", m{strings.Repeat("a", 1022): "1"}, strings.Repeat("a", 64) + "…", "its name has 1022 bytes, and a tag has at most 1024"},
		{"json.Number", m{"a": json.Number("1")}, "a", "json.Number"},
		{"bytes", m{"a": []byte("1")}, "a", "[]uint8"},
		{"strings", m{"a": []string{"1"}}, "a", "[]string"},
		{"map of strings", m{"a": map[string]string{}}, "a", "map[string]string"},
		{"pointer", m{"a": &number}, "a", "*int"},
		{"nil", m{"a": nil}, "a", "nil"},
		{"deep in", m{"a": m{"list": []any{"x", m{"b": true}}}}, "a/list[2]/b", "bool"},
		{"list in a list", m{"a": []any{[]any{"x"}}}, "a[1]", "no name"},
		{"after a deep one", m{"a": m{"b": []any{"1"}}, "c": nil}, "c", "nil"},

		{"no name", m{"": "1"}, "", "name"},
		{"digit first", m{"1a": "1"}, "1a", "name"},
		{"hyphen first", m{"-a": "1"}, "-a", "name"},
		{"dot first", m{".a": "1"}, ".a", "name"},
		{"space", m{"a b": "1"}, "a b", "name"},
		{"prefix", m{"a:b": "1"}, "a:b", "name"},
		{"markup", m{"a><b": "1"}, "a><b", "name"},
		{"slash", m{"a/": "1"}, "a/", "name"},
		{"not a letter", m{"a·": "1"}, "a·", "name"},
		{"emoji", m{"😀": "1"}, "😀", "name"},
		{"letter younger than XML", m{"𠀀": "1"}, "𠀀", "name"},
		{"name in a map", m{"d": m{"e f": "1"}}, "d/e f", "name"},

		{"not UTF-8", m{"a": "\xd6\xd0"}, "a", "not UTF-8"},
		{"half a surrogate pair", m{"a": "\xed\xa0\x80"}, "a", "not UTF-8"},
		{"NUL", m{"a": "1\x00"}, "a", "U+0000"},
		{"escape", m{"d": m{"a": "\x1b[1m"}}, "d/a", "U+001B"},
		{"no character", m{"a": "\uffff"}, "a", "U+FFFF"},

		{"too deep", m{"x": nested(xmlmap.MaxDepth - 1)}, "x" + strings.Repeat("/a", xmlmap.MaxDepth-1), "64 levels"},
		{"a map in itself", itself, "a" + strings.Repeat("/a", xmlmap.MaxDepth-1), "64 levels"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, err := xmlmap.Encode(tt.fields)
			if err == nil {
				t.Fatalf("Encode = %s", got)
			}
			path := `"` + tt.path + `"`
			if got != nil || !strings.Contains(err.Error(), path) || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("Encode = %s, %v; want an error on %s that says %q", got, err, path, tt.want)
			}
		})
	}
}

func TestEncodeKeepsTextOutOfErrors(t *testing.T) {
	_, err := xmlmap.Encode(m{"re_user_name": "张三丰\x00"})
	if err == nil || strings.Contains(err.Error(), "张") {
		t.Errorf("error is %v, it must not show the text", err)
	}
}

func TestEncodeDepth(t *testing.T) {
	text, err := xmlmap.Encode(nested(xmlmap.MaxDepth - 1)) // and the root
	if err != nil {
		t.Fatal(err)
	}
	if back, err := xmlmap.Decode(text); err != nil || !reflect.DeepEqual(back, nested(xmlmap.MaxDepth-1)) {
		t.Errorf("reads back as %v, %v", back, err)
	}
}

// Each bound of the characters that XML carries, from both sides.
func TestEncodeCharacters(t *testing.T) {
	for r, good := range map[rune]bool{
		0: false, '\b': false, '\t': true, '\n': true, '\v': false, '\r': true, 0x1f: false, ' ': true, 0x7f: true,
		0xd7ff: true, 0xe000: true, 0xfffd: true, 0xfffe: false, 0xffff: false, 0x10000: true, 0x10ffff: true,
	} {
		want := "a" + string(r) + "b"
		text, err := xmlmap.Encode(map[string]any{"a": want})
		if (err == nil) != good {
			t.Errorf("%U: %v, want good %v", r, err, good)
			continue
		}
		if !good {
			continue
		}
		if fields, err := xmlmap.Decode(text); err != nil || fields["a"] != want {
			t.Errorf("%U reads as %q, %v", r, fields["a"], err)
		}
	}
}

// Each bound of the characters of a name, at its start and behind.
func TestEncodeNames(t *testing.T) {
	for name, good := range map[string]bool{
		"a": true, "z": true, "A": true, "Z": true, "_": true, "`": false, "{": false, "@": false, "[": false, "^": false,
		"0": false, "9": false, "-": false, ".": false, "x0": true, "x9": true, "x-": true, "x.": true, "x/": false, "x:": false, "x,": false,
		"xz": true, "xZ": true, "\u0080": false, "x\u0080": false, "é": true, "中": true, "x中": true, "": false,
	} {
		text, err := xmlmap.Encode(map[string]any{name: "1"})
		if (err == nil) != good {
			t.Errorf("%q: %v, want good %v", name, err, good)
			continue
		}
		if !good {
			continue
		}
		if fields, err := xmlmap.Decode(text); err != nil || fields[name] != "1" {
			t.Errorf("%q: %s reads as %v, %v", name, text, fields, err)
		}
	}
}

// The longest name that is written is read back.
func TestLongestName(t *testing.T) {
	name := strings.Repeat("a", 1021)
	text, err := xmlmap.Encode(m{name: "1"})
	if err != nil {
		t.Fatal(err)
	}
	if fields, err := xmlmap.Decode(text); err != nil || fields[name] != "1" {
		t.Errorf("it is not read back: %v", err)
	}
}
