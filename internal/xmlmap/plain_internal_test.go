package xmlmap

import (
	"reflect"
	"strings"
	"testing"

	"github.com/wxchain/wechatpay/internal/vectors"
)

// plainTexts are texts of both kinds: decodePlain reads them, or leaves them to the
// parser.
var plainTexts = map[string]bool{
	"<xml><a>1</a></xml>": true,
	"\n<xml>\r\n<a>1</a>\t<b><![CDATA[<&>]]></b>\n</xml>\n":      true,
	"<root><a-1._B> </a-1._B><b>支付</b><c></c></root>":            true,
	"<xml><a><b>1</b><b>2</b></a><a>3</a></xml>":                 true,
	"<xml><a>]]</a></xml>":                                       true,
	strings.Repeat("<a>", 64) + "1" + strings.Repeat("</a>", 64): true,

	"":                                 false,
	"<xml></xml>":                      false,
	"<xml>1</xml>":                     false,
	"<xml/>":                           false,
	"\ufeff<xml><a>1</a></xml>":        false,
	"<?xml version='1.0'?><x><a/></x>": false,
	"<xml><a>1</a></xml>x":             false,
	"<xml><a>1</a></xml><b>1</b>":      false,
	"<xml><a>&amp;</a></xml>":          false,
	"<xml><a>]]></a></xml>":            false,
	"<xml><a>1\r\n</a></xml>":          false,
	"<xml><a><![CDATA[\r]]></a></xml>": false,
	"<xml><a>\x01</a></xml>":           false,
	"<xml><a>\xff</a></xml>":           false,
	"<xml><a>\ufffe</a></xml>":         false,
	"<xml><a b='1'>1</a></xml>":        false,
	"<xml><a/></xml>":                  false,
	"<xml><a>1</b></xml>":              false,
	"<xml></<a>1</a></xml>":            false,
	"<xml></xml<a>1</a></xml>":         false,
	"<xml><a>1</a></<b>2</b></xml>":    false,
	"<xml><a>1</a></xml<b>2</b></xml>": false,
	"<xml><a>1</a>2</xml>":             false,
	"<xml>2<a>1</a></xml>":             false,
	"<xml><a>1<!-- 2 --></a></xml>":    false,
	"<xml><a><![CDATA[1]]>2</a></xml>": false,
	"<xml><a><![CDATA[1</a></xml>":     false,
	"<xml><1>1</1></xml>":              false,
	"<xml><名>1</名></xml>":              false,
	"<xml><a:b>1</a:b></xml>":          false,
	"<xml><a>1</a >":                   false,
	"<xml><a>1":                        false,
	"<xml><a":                          false,
	"<":                                false,
	strings.Repeat("<a>", 65) + "1" + strings.Repeat("</a>", 65): false,
}

func TestDecodePlain(t *testing.T) {
	for text, want := range plainTexts {
		if _, ok := decodePlain([]byte(text)); ok != want {
			t.Errorf("decodePlain(%q) reports %t, want %t", text, ok, want)
		}
	}
	read := 0
	for _, tt := range vectors.Load(t).V2 {
		if _, ok := decodePlain([]byte(tt.Body)); ok {
			read++
		}
	}
	if read == 0 {
		t.Error("decodePlain reads no message that the platform wrote")
	}
}

// FuzzDecodePlain compares decodePlain with the parser. What decodePlain reads, the
// parser reads too, with the same result.
func FuzzDecodePlain(f *testing.F) {
	for text := range plainTexts {
		f.Add([]byte(text))
	}
	for _, tt := range vectors.Load(f).V2 {
		f.Add([]byte(tt.Body))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		got, ok := decodePlain(data)
		if !ok {
			return
		}
		if want, err := parse(data); err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("decodePlain(%q) = %v, but the parser reads %v, %v", data, got, want, err)
		}
	})
}

// A field of a message takes two allocations at most: its text, and room in the map.
func TestDecodeAllocations(t *testing.T) {
	const fields = 20
	var b strings.Builder
	b.WriteString("<xml>")
	for i := range fields {
		name := "field_" + string(rune('a'+i))
		b.WriteString("<" + name + "><![CDATA[支付测试]]></" + name + ">\n")
	}
	b.WriteString("</xml>")
	data := []byte(b.String())
	n := testing.AllocsPerRun(50, func() {
		if got, err := Decode(data); err != nil || len(got) != fields {
			t.Fatal(got, err)
		}
	})
	if n > 2*fields {
		t.Errorf("%d fields take %v allocations, at most %d are allowed", fields, n, 2*fields)
	}
}
