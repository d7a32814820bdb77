package xmlmap_test

import (
	"runtime"
	"strings"
	"testing"

	"github.com/wxchain/wechatpay/internal/xmlmap"
)

func TestDecodeCountsElements(t *testing.T) {
	const most = xmlmap.MaxElements - 1 // beside the root
	pad := func(n int, of string) string { return strings.Repeat(of, n) }
	for _, tt := range []struct{ name, xml, want string }{
		{"as many as may be", "<xml>" + pad(most, "<a/>") + "</xml>", ""},
		{"one more", "<xml>" + pad(most+1, "<a/>") + "</xml>", "more than 10000 elements"},
		{"pairs of tags", "<xml>" + pad(most, "<a></a>") + "</xml>", ""},
		{"a pair more", "<xml>" + pad(most+1, "<a></a>") + "</xml>", "more than 10000 elements"},
		{"tags in CDATA", "<xml><a><![CDATA[" + pad(1<<16, "<a>") + "]]></a></xml>", ""},
		{"tags in a comment", "<xml><!-- " + pad(1<<16, "<a>") + " --><a>1</a></xml>", ""},
		{"many comments", "<xml>" + pad(most-1, "<!---->") + "<a>1</a></xml>", ""},
		{"a comment more", "<xml>" + pad(most, "<!---->") + "<a>1</a></xml>", "more than 10000 elements"},
		{"many instructions", pad(1<<16, "<?xml?>") + "<xml/>", "more than 10000 elements"},
		{"tags in a processing instruction, behind a quote", `<?xml "?><xml>` + pad(most+1, "<a/>") + "</xml>", "more than 10000 elements"},
		{"tags in an attribute", `<xml b="` + pad(200, "></a>") + `"><a>1</a></xml>`, "<"},
		{"a tag at the end of CDATA", "<xml>" + pad(most, "<a><![CDATA[<]]></a>") + "</xml>", ""},
		{"a tag at the end of a comment", "<xml>" + pad(most/2, "<a/><!--<-->") + "</xml>", ""},
		{"a comment that ends in its start", "<xml><!--><a/></xml>", "not the XML"},
		{"an empty processing instruction", "<xml><?><a/></xml>", "not the XML"},
		{"behind the end of CDATA", "<xml><a><![CDATA[1]]></a>" + pad(most, "<a/>") + "</xml>", "more than 10000 elements"},

		{"as many with attributes", "<xml>" + pad(most/2, `<a b="="/>`) + "</xml>", ""},
		{"one more with attributes", "<xml>" + pad(most/2+1, `<a b='='/>`) + "</xml>", "more than 10000 elements"},

		{"a tag of 1024 bytes", `<xml b="` + pad(1014, "c") + `"><a>1</a></xml>`, ""},
		{"a tag of 1025 bytes", `<xml b="` + pad(1015, "c") + `"><a>1</a></xml>`, "a tag has more than 1024 bytes"},
		{"many attributes", "<xml><a " + pad(1<<15, `b="" `) + "/></xml>", "a tag has more than 1024 bytes"},
		{"many attributes behind a quoted >", `<xml><a b=">" c='>' ` + pad(1<<15, `b="" `) + "/></xml>", "a tag has more than 1024 bytes"},
		{"a tag that does not end", "<xml><" + pad(1<<16, "a"), "a tag has more than 1024 bytes"},
		{"a name of 64 KiB", "<" + pad(1<<16, "a") + ">", "a tag has more than 1024 bytes"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			_, err := xmlmap.Decode([]byte(tt.xml))
			switch {
			case tt.want == "" && err != nil:
				t.Error(err)
			case tt.want != "" && (err == nil || !strings.Contains(err.Error(), tt.want)):
				t.Errorf("error is %v, want one that says %q", err, tt.want)
			}
			if err != nil {
				checkPrintable(t, err)
			}
		})
	}
}

// However 1 MiB is filled, to read or to refuse it allocates no more than 8 MiB.
func TestDecodeBoundsMemory(t *testing.T) {
	fill := func(head, piece, tail string) string {
		return head + strings.Repeat(piece, (1<<20-len(head)-len(tail))/len(piece)) + tail
	}
	for name, xml := range map[string]string{
		"empty elements":      fill("<xml>", "<a/>", "</xml>"),
		"roots":               fill("", "<a/>", ""),
		"elements":            fill("<xml>", "<a></a>", "</xml>"),
		"nested":              fill("<xml>", "<a><b><c/></b></a>", "</xml>"),
		"depth":               fill("", "<a>", ""),
		"attributes":          fill("<xml><a ", `b="" `, "/></xml>"),
		"tags of attributes":  fill("<xml>", "<a "+strings.Repeat(`b="" `, 200)+"/>", "</xml>"),
		"comments":            fill("<xml>", "<!---->", "<a>1</a></xml>"),
		"CDATA":               fill("<xml><a>", "<![CDATA[]]>", "</a></xml>"),
		"references":          fill("<xml><a>", "&#9;", "</a></xml>"),
		"text":                fill("<xml><a>", "x", "</a></xml>"),
		"as many as may be":   "<xml>" + strings.Repeat("<a/>", xmlmap.MaxElements-1) + "</xml>",
		"maps":                "<xml>" + strings.Repeat("<a><b/></a>", (xmlmap.MaxElements-1)/2) + "</xml>",
		"closing tags":        fill("<xml>", "</a>", ""),
		"instructions":        fill("<?xml?>", "<?xml?>", "<xml/>"),
		"quotes never closed": fill("<xml>", `<a b="`, ""),
	} {
		t.Run(name, func(t *testing.T) {
			data := []byte(xml)
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			_, err := xmlmap.Decode(data)
			runtime.ReadMemStats(&after)
			if took := after.TotalAlloc - before.TotalAlloc; took > 8<<20 {
				t.Errorf("%d KiB were allocated (error: %v)", took>>10, err)
			} else {
				t.Logf("%d KiB", took>>10)
			}
		})
	}
}
