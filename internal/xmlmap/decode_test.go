package xmlmap_test

import (
	"encoding/json"
	"reflect"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/wxchain/wechatpay/internal/vectors"
	"github.com/wxchain/wechatpay/internal/xmlmap"
)

func TestDecode(t *testing.T) {
	tests := []struct {
		name string
		xml  string
		want m
	}{
		{"no fields", `<xml></xml>`, m{}},
		{"one tag", `<xml/>`, m{}},
		{"space in the root", "<xml>\r\n</xml>", m{}},
		{"any root", `<root><a>1</a></root>`, m{"a": "1"}},
		{"declaration", "<?xml version=\"1.0\" encoding=\"utf-8\" standalone='yes'?>\n<xml><a>1</a></xml>\n", m{"a": "1"}},
		{"byte order mark", "\ufeff<xml><a>1</a></xml>", m{"a": "1"}},
		{"empty", `<xml><a></a><b/><c><![CDATA[]]></c></xml>`, m{"a": "", "b": "", "c": ""}},
		{"spaces are text", "<xml><a> 1\t</a><b>  </b><c>\u3000</c></xml>", m{"a": " 1\t", "b": "  ", "c": "\u3000"}},
		{"spaces in CDATA", "<xml><a> <![CDATA[ 1 ]]>\n</a></xml>", m{"a": "  1 \n"}},
		{"spaces between elements", "<xml>\n <a>\n\t<b>1</b>\r\n</a> </xml>", m{"a": m{"b": "1"}}},
		{"entities", `<xml><a>&lt;&gt;&amp;&apos;&quot;&#20013;&#x6587;&#13;</a></xml>`, m{"a": "<>&'\"中文\r"}},
		{"no entities in CDATA", `<xml><a><![CDATA[&lt;&#xD800;&x;<b>]]></a></xml>`, m{"a": "&lt;&#xD800;&x;<b>"}},
		{"entity once", `<xml><a>&amp;lt;</a></xml>`, m{"a": "&lt;"}},
		{"sections of CDATA", `<xml><a>1<![CDATA[<]]]]><![CDATA[>]]>2</a></xml>`, m{"a": "1<]]>2"}},
		{"line ends", "<xml><a>1\r\n2\r3</a></xml>", m{"a": "1\n2\n3"}},
		{"comments", "<!-- a --><xml><!-- b --><a>1<!-- <b> -->2</a></xml><!-- c -->", m{"a": "12"}},
		{"attributes", `<xml v="1"><a b='2' c="&gt;">1</a></xml>`, m{"a": "1"}},
		{"replacement character", "<xml><a>\ufffd&amp;</a></xml>", m{"a": "\ufffd&"}},
		{"repeated", `<xml><a>1</a><b>x</b><a>2</a><a/></xml>`, m{"a": []any{"1", "2", ""}, "b": "x"}},
		{"repeated, of two kinds", `<xml><a><b>1</b></a><a>2</a></xml>`, m{"a": []any{m{"b": "1"}, "2"}}},
		{"two lists", `<xml><a><i>1</i><i>2</i></a><a><i>3</i></a></xml>`, m{"a": []any{m{"i": []any{"1", "2"}}, m{"i": "3"}}}},
		{"items", `<xml><list><item>x</item><item>y</item></list></xml>`, m{"list": m{"item": []any{"x", "y"}}}},
		{"one item", `<xml><list><item>x</item></list></xml>`, m{"list": m{"item": "x"}}},
		{"names of any letters", `<xml><名称>1</名称><a·b>2</a·b></xml>`, m{"名称": "1", "a·b": "2"}},
		{"numbers as sent", `<xml><a>007</a><b>1.10</b><c>1e3</c></xml>`, m{"a": "007", "b": "1.10", "c": "1e3"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, err := xmlmap.Decode([]byte(tt.xml))
			if err != nil || got == nil || !reflect.DeepEqual(got, tt.want) {
				t.Errorf("Decode = %#v, %v; want %#v", got, err, tt.want)
			}
		})
	}
}

func TestDecodeVectorsOfPHP(t *testing.T) {
	v := vectors.Load(t)
	for _, tt := range v.XMLDecode {
		if got, err := xmlmap.Decode([]byte(tt.XML)); err != nil || !reflect.DeepEqual(got, tt.Value) {
			t.Errorf("Decode(%s) = %v, %v; PHP read %v", tt.XML, got, err, tt.Value)
		}
	}
	ran := 0
	for _, tt := range v.V2 {
		got, err := xmlmap.Decode([]byte(tt.Body))
		if err != nil {
			t.Errorf("%s: %v", tt.Name, err)
		}
		if tt.Fields == nil {
			continue
		}
		ran++
		want := make(m)
		for name, value := range tt.Fields {
			want[name] = value
		}
		if !reflect.DeepEqual(got, want) {
			t.Errorf("%s: Decode = %v, PHP read %v", tt.Name, got, want)
		}
	}
	if len(v.XMLDecode) != 2 || ran != 2 {
		t.Errorf("ran %d texts and %d notifications, the vectors have 2 of each", len(v.XMLDecode), ran)
	}
}

func TestDecodedIsReadyForJSON(t *testing.T) {
	fields, err := xmlmap.Decode([]byte(`<xml><a>1</a><n><m>1</m><m>2</m></n><c/></xml>`))
	if err != nil {
		t.Fatal(err)
	}
	const want = `{"a":"1","c":"","n":{"m":["1","2"]}}`
	if got, err := json.Marshal(fields); err != nil || string(got) != want {
		t.Errorf("as JSON %s, %v; want %s", got, err, want)
	}
}

func TestDecodeRefuses(t *testing.T) {
	deep := func(depth int) string {
		return strings.Repeat("<a>", depth) + "1" + strings.Repeat("</a>", depth)
	}
	tests := []struct {
		name string
		xml  string
		want string
	}{
		{"nothing", "", "no element"},
		{"spaces", " \n", "no element"},
		{"declaration alone", `<?xml version="1.0"?>`, "no element"},
		{"text", "SUCCESS", "text outside the root"},
		{"JSON", `{"code":"PARAM_ERROR"}`, "text outside the root"},
		{"not UTF-8", "<xml><a>\xd6\xd0</a></xml>", "invalid UTF-8"},
		{"binary", "\x1f\x8b\x08\x00\x00", "illegal character"},
		{"control character", "<xml><a>\x01</a></xml>", "U+0001"},
		{"control character by number", "<xml><a>&#1;</a></xml>", "U+0001"},
		{"UTF-16", "\xff\xfe<\x00x\x00", "invalid UTF-8"},
		{"half a surrogate pair by number", "<xml><a>&#xD800;</a></xml>", "no character"},
		{"half a surrogate pair beside a true one", "<xml><a>\ufffd&#57343;</a></xml>", "no character"},
		{"number past Unicode", "<xml><a>&#x110000;</a></xml>", "&#x110000;"},
		{"number past 64 bits", "<xml><a>&#18446744073709551617;</a></xml>", "entity"},

		{"DTD", `<!DOCTYPE xml [<!ENTITY x SYSTEM "file:///etc/passwd">]><xml><a>&x;</a></xml>`, "directive"},
		{"HTML", `<!DOCTYPE html><html></html>`, "directive"},
		{"directive inside", `<xml><!ELEMENT a ANY><a>1</a></xml>`, "directive"},
		{"directive after", `<xml></xml><!x>`, "directive"},
		{"entity", `<xml><a>&nbsp;</a></xml>`, "&nbsp;"},
		{"entity in an attribute", `<xml><a b="&x;">1</a></xml>`, "&x;"},
		{"bare ampersand", `<xml><a>x & y</a></xml>`, "no semicolon"},
		{"CDATA outside", `<![CDATA[ ]]><xml></xml>`, "outside the root"},
		{"space by number outside", `<xml></xml>&#32;`, "outside the root"},

		{"GBK", `<?xml version="1.0" encoding="GBK"?><xml></xml>`, `"GBK": only UTF-8`},
		{"XML 1.1", `<?xml version="1.1"?><xml></xml>`, "1.1"},
		{"processing instruction", `<?php x ?><xml></xml>`, "<?php"},
		{"processing instruction inside", `<xml><a>1<?x?>2</a></xml>`, "processing instruction <?x"},
		{"declaration after the root", `<xml></xml><?xml version="1.0"?>`, "processing instruction"},

		{"cut in a tag", `<xml><a`, "unexpected EOF"},
		{"cut in a text", `<xml><a>1`, "ends inside <a>"},
		{"cut in CDATA", `<xml><a><![CDATA[1]]`, "unexpected EOF"},
		{"cut in an entity", `<xml><a>&am`, "unexpected EOF"},
		{"cut in a comment", `<xml><a>1<!-- `, "unexpected EOF"},
		{"cut between", `<xml><a>1</a>`, "ends inside <xml>"},
		{"cut in the last tag", `<xml><a>1</a></xml`, "unexpected EOF"},

		{"closed by another", `<xml><a>1</b></xml>`, "<a> is closed by </b>"},
		{"closed by one with a prefix", `<xml><a>1</x:a></xml>`, "closed by </x:a>"},
		{"in another case", `<xml><a>1</A></xml>`, "closed by </A>"},
		{"crossed", `<xml><a><b>1</a></b></xml>`, "<b> is closed by </a>"},
		{"closes nothing", `</xml>`, "</xml> has no opening tag"},
		{"closes too much", `<xml></xml></xml>`, "has no opening tag"},

		{"text after", `<xml></xml>x`, "outside the root"},
		{"NUL after", "<xml></xml>\x00", "U+0000"},
		{"two roots", `<xml></xml><b/>`, "<b> comes after the root"},
		{"text in the root", `<xml>SUCCESS</xml>`, "holds text"},
		{"text beside elements", `<xml><a>1<b>2</b></a></xml>`, "<a> holds text beside elements"},
		{"text beside elements of the root", `<xml><a>1</a>2</xml>`, "<xml> holds text beside"},
		{"prefix", `<xml><x:a>1</x:a></xml>`, "<x:a> has a prefix"},
		{"colon", `<xml><:a>1</:a></xml>`, "prefix"},
		{"prefix of the root", `<x:xml></x:xml>`, "prefix"},
		{"name of a digit", `<xml><1>1</1></xml>`, "name"},
		{"attribute without quotes", `<xml><a b=1>1</a></xml>`, "quoted"},
		{"attribute without value", `<xml><a b>1</a></xml>`, "attribute"},
		{"bare end of CDATA", `<xml><a>]]></a></xml>`, "]]>"},

		{"too deep", deep(xmlmap.MaxDepth + 1), "64 levels"},
		{"far too deep", strings.Repeat("<a>", xmlmap.MaxElements), "64 levels"},
		{"too long", strings.Repeat(" ", xmlmap.MaxSize) + "<a/>", "10485764 bytes, at most 10485760 are read; it starts with \"   "},
		{"a long name", "<" + strings.Repeat("a", 1000) + ">", "ends inside <aaaa"},
		{"a long entity", "<xml>&" + strings.Repeat("é", 1<<16) + ";", "entity"},
		{"a name that is not UTF-8", "<a" + strings.Repeat("\xbf", 300) + ">", "invalid XML name: a???"},
		{"an unprintable entity", "<xml>&\xc2\x85\xff;", "entity"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, err := xmlmap.Decode([]byte(tt.xml))
			if err == nil {
				t.Fatalf("Decode = %v", got)
			}
			if got != nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("Decode = %v, %v; want an error that says %q", got, err, tt.want)
			}
			checkPrintable(t, err)
		})
	}
}

// checkPrintable checks that err can go to a log as it is.
func checkPrintable(t *testing.T, err error) {
	t.Helper()
	text := err.Error()
	if len(text) > 800 {
		t.Errorf("the error has %d bytes: %.100s…", len(text), text)
	}
	for _, r := range text {
		if r < ' ' || r == 0x85 {
			t.Errorf("the error holds %U: %q", r, text)
		}
	}
	if !utf8.ValidString(text) {
		t.Errorf("the error is not UTF-8: %q", text)
	}
}

func TestDecodeShowsTheStart(t *testing.T) {
	tests := []struct{ name, xml, want string }{
		{"short", "502 Bad\n", `it starts with "502 Bad\n"`},
		{"64 bytes", strings.Repeat("x", 64), `it starts with "` + strings.Repeat("x", 64) + `"`},
		{"65 bytes", strings.Repeat("x", 65), `it starts with "` + strings.Repeat("x", 64) + `"…`},
		{"between runes", "x" + strings.Repeat("中", 30), `it starts with "x` + strings.Repeat("中", 21) + `"…`},
		{"amid a rune", strings.Repeat("中", 30), `it starts with "` + strings.Repeat("中", 21) + `"…`},
		{"no runes", strings.Repeat("\xbf", 70), `it starts with "` + strings.Repeat(`\xbf`, 60) + `"…`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, err := xmlmap.Decode([]byte(tt.xml))
			if err == nil || !strings.HasSuffix(err.Error(), tt.want) {
				t.Errorf("error is %v, want it to end %s", err, tt.want)
			}
		})
	}
}

func TestDecodeLimits(t *testing.T) {
	text := strings.Repeat("<a>", xmlmap.MaxDepth) + "1" + strings.Repeat("</a>", xmlmap.MaxDepth)
	if got, err := xmlmap.Decode([]byte(text)); err != nil || !reflect.DeepEqual(got, nested(xmlmap.MaxDepth-1)) {
		t.Errorf("%d levels: %v, %v", xmlmap.MaxDepth, got, err)
	}
	// So long a text is read, if only up to its first fault.
	text = "</xml>" + strings.Repeat(" ", xmlmap.MaxSize-len("</xml>"))
	if _, err := xmlmap.Decode([]byte(text)); err == nil || !strings.Contains(err.Error(), "has no opening tag") {
		t.Errorf("%d bytes: %v", len(text), err)
	}
}

// What the parser says is whole up to 128 bytes.
func TestDecodeCutsLongMessages(t *testing.T) {
	for n := 60; n < 90; n++ {
		message := "XML syntax error on line 1: invalid character entity &" + strings.Repeat("x", n) + ";"
		_, err := xmlmap.Decode([]byte("<a>&" + strings.Repeat("x", n) + ";</a>"))
		want := "not the XML of APIv2: " + message + "; it starts"
		if len(message) > 128 {
			want = "not the XML of APIv2: " + message[:128] + "…; it starts"
		}
		if err == nil || !strings.HasPrefix(err.Error(), want) {
			t.Errorf("%d bytes: %v, want %s", len(message), err, want)
		}
	}
}
