package xmlmap_test

import (
	"bytes"
	"reflect"
	"regexp"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/wxchain/wechatpay/internal/vectors"
	"github.com/wxchain/wechatpay/internal/xmlmap"
)

// FuzzDecode reads anything. What can be read can be written again, unless the
// error says why not, and then reads the same.
func FuzzDecode(f *testing.F) {
	v := vectors.Load(f)
	for _, tt := range v.XMLEncode {
		f.Add([]byte(tt.XML))
	}
	for _, tt := range v.XMLDecode {
		f.Add([]byte(tt.XML))
	}
	for _, tt := range v.V2 {
		f.Add([]byte(tt.Body))
	}
	for _, seed := range []string{
		"", "\ufeff<a/>", `<?xml version="1.0" encoding="utf-8"?><a><b c="&#13;"/><b>&#x6587;]]</b></a>`, "<a><![CDATA[\r\n]]]]><![CDATA[>]]>&#13;</a>",
		"<a><b>1<!-- c --></b><b><c/></b></a>", `<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>`, "<a>&#xD800;\ufffd</a>", "<x:a xmlns:x='y'/>", "<a·/>",
		strings.Repeat("<a>", 65), "<?xml encoding='gbk'?><a/>", "<a><b>1</a></b>", "<a></a>\x00", "<a>1<b/></a>", `{"a":1}`,
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		before := bytes.Clone(data)
		fields, err := xmlmap.Decode(data)
		if !bytes.Equal(before, data) {
			t.Fatal("the data was changed")
		}
		if err != nil {
			if fields != nil {
				t.Fatalf("Decode = %v, %v", fields, err)
			}
			checkPrintable(t, err)
			return
		}
		checkDecoded(t, fields, 1)
		text, err := xmlmap.Encode(fields)
		if err != nil {
			// Names may have more characters.
			if !strings.Contains(err.Error(), "its name must be") {
				t.Fatalf("Encode(%v): %v", fields, err)
			}
			return
		}
		checkReadsBack(t, text, fields)
	})
}

// checkDecoded checks that fields are what Decode says it returns.
func checkDecoded(t *testing.T, fields m, level int) {
	t.Helper()
	if fields == nil || level > xmlmap.MaxDepth {
		t.Fatalf("fields are %v on level %d", fields, level)
	}
	for name, value := range fields {
		values, ok := value.([]any)
		if ok && len(values) < 2 {
			t.Fatalf("%q is a list of %d", name, len(values))
		}
		if !ok {
			values = []any{value}
		}
		for _, value := range values {
			switch v := value.(type) {
			case string:
				if !utf8.ValidString(v) {
					t.Fatalf("%q is %q", name, v)
				}
			case map[string]any:
				if len(v) == 0 {
					t.Fatalf("%q is an empty map", name)
				}
				checkDecoded(t, v, level+1)
			default:
				t.Fatalf("%q is a %T", name, value)
			}
		}
	}
}

func checkReadsBack(t *testing.T, text []byte, fields m) {
	t.Helper()
	want := readBack(fields)
	if want == any("") {
		want = m{}
	}
	if back, err := xmlmap.Decode(text); err != nil || !reflect.DeepEqual(back, want) {
		t.Fatalf("%#v was written as %q, and read as %#v, %v", fields, text, back, err)
	}
}

var (
	plainName = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_.-]*$`)
	anyName   = regexp.MustCompile(`^[\pL_][\pL0-9_.-]*$`)
	plainText = regexp.MustCompile(`^[\t\n\r\x{20}-\x{D7FF}\x{E000}-\x{FFFD}\x{10000}-\x{10FFFF}]*$`)
)

// FuzzRoundTrip writes any name and texts in any shape: they are read back as
// they were, or they are refused for a reason.
func FuzzRoundTrip(f *testing.F) {
	for i, seed := range [][3]string{
		{"a", "1", ""}, {"中文", "值", " "}, {"a_b-c.1", "]]>", "]]"}, {"A", "\r\n", "<\r>]]>\r"}, {"item", "&lt;", `"'`},
		{"1", "\x00", "\xff"}, {"A", "\xd1", "\x88"}, {"a:b", "\ufffd", "\uffff"}, {"𠀀", "😀", "\u0085\u2028"}, {"", "x", "\xed\xa0\x80"}, {"xml", "&#13;", "<![CDATA[x]]>"},
	} {
		f.Add(seed[0], seed[1], seed[2], uint32(i)*0x9e3779b9)
	}
	f.Fuzz(func(t *testing.T, name, text, other string, shape uint32) {
		fields := m{name: shaped(shape, name, text, other), "y" + name: other}
		got, err := xmlmap.Encode(fields)
		again, errAgain := xmlmap.Encode(fields)
		if !bytes.Equal(got, again) || (err == nil) != (errAgain == nil) {
			t.Fatalf("Encode = %q, %v and then %q, %v", got, err, again, errAgain)
		}
		good := plainText.MatchString(text) && plainText.MatchString(other) && utf8.ValidString(text) && utf8.ValidString(other)
		switch {
		case err == nil && !(good && anyName.MatchString(name)):
			t.Fatalf("%q, %q, %q was written as %q", name, text, other, got)
		case err != nil && good && plainName.MatchString(name) && len("</y"+name+">") <= 1024:
			t.Fatalf("%q, %q, %q: %v", name, text, other, err)
		case err == nil:
			checkReadsBack(t, got, fields)
		}
	})
}

// shaped puts text into maps and lists, one around the other, as the digits of
// shape to base 6 say.
func shaped(shape uint32, name, text, other string) any {
	value := any(text)
	for ; shape > 0; shape /= 6 {
		switch shape % 6 {
		case 0:
			value = m{name: value}
		case 1:
			value = m{name: value, name + "x": other}
		case 2:
			value = m{name: []any{value}}
		case 3:
			value = m{name: []any{other, value, m{}}}
		case 4:
			value = m{name: []any{value, m{name: []any{}}, value}, name + "x": []any{}}
		}
	}
	return value
}
