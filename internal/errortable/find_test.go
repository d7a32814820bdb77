package errortable

import (
	"fmt"
	"slices"
	"strings"
	"testing"
)

func newFinder(t testing.TB) (*Finder, []Chapter) {
	t.Helper()
	chapters, err := Load()
	if err != nil {
		t.Fatal(err)
	}
	return NewFinder(chapters), chapters
}

// samples are what package fmt writes for verbs.
var samples = map[string]string{
	"d": "-12", "g": "0.5", "q": `"a \"b\": c; d"`, "s": "some text: with signs", "T": "map[string]interface {}", "U": "U+0007", "v": "42 s", "w": "the cause", "x": "0a1f",
}

// written returns a format with values.
func written(t *testing.T, format string) string {
	t.Helper()
	return verb.ReplaceAllStringFunc(format, func(v string) string {
		text, ok := samples[v[len(v)-1:]]
		if !ok {
			t.Fatalf("%q has the verb %s", format, v)
		}
		return text
	})
}

// Every message of the table is found in an error that has it in the middle of a chain,
// with values.
func TestFindEach(t *testing.T) {
	f, chapters := newFinder(t)
	n := 0
	for i := range chapters {
		c := &chapters[i]
		pkg := c.Package[strings.LastIndexByte(c.Package, '/')+1:]
		for j := range c.Entries {
			e := &c.Entries[j]
			for _, message := range e.Messages {
				said := []string{message}
				if !strings.Contains(message, " ") {
					said = []string{pkg + "." + message}
					if len(strings.Fields(e.Says[message])) > 1 {
						said = append(said, e.Says[message])
					}
				}
				for _, format := range said {
					n++
					text := "the shop: " + pkg + ": POST v3/pay: " + written(t, format) + "; another cause"
					if found := f.Find(text); !slices.ContainsFunc(found, func(r Reason) bool { return r.Entry == e && r.Chapter == c }) {
						t.Errorf("%s\nfinds %s", text, listOf(found))
					}
				}
			}
		}
	}
	if n < 500 {
		t.Errorf("%d messages", n)
	}
}

func listOf(found []Reason) string {
	var b strings.Builder
	for _, r := range found {
		fmt.Fprintf(&b, "%s: %s (%q)\n", r.Chapter.Package, r.Message, r.Part)
	}
	return b.String()
}

// A text has reasons for each message in it, whatever stands around them.
func TestFind(t *testing.T) {
	f, _ := newFinder(t)
	const (
		long    = `PlatformKeys is missing: keys.Static with the platform public key, from the merchant platform's account center, under API security`
		unknown = `wechatpay: POST v3/pay/transactions/native: option "jsom" is neither known nor a variable of the template ("json")`
	)
	for _, tt := range []struct {
		name, text string
		want       []string // package and message
	}{
		{"a message that has another", "wechatpay: config: " + long, []string{"wechatpay: " + long}},
		{"two causes", "wechatpay: config: MchID is missing; " + long, []string{"wechatpay: is missing", "wechatpay: " + long}},
		{"a cause in a cause", `bill: 2026-11-23: the file is damaged: it was cut short: it ends after 3 of 9 bytes; download it again`,
			[]string{"bill: bill: …: it was cut short: …; download it again", "wechatpay: it ends after … of … bytes"}},
		{"a log", "2026/11/30 10:00:00 shop.go:12: order 7: " + unknown + " attempt=3", []string{`wechatpay: option "…" is neither known nor a variable of the template (…)…`}},
		{"a log in JSON", `{"level":"ERROR","err":"` + strings.ReplaceAll(unknown, `"`, `\"`) + `"}`, []string{`wechatpay: option "…" is neither known nor a variable of the template (…)…`}},
		{"folded lines", "wechatpay: config:\n  " + strings.ReplaceAll(long, " ", "\n\t"), []string{"wechatpay: " + long}},
		{"the package decides", "notify: APIv2Key has 31 bytes, an APIv2 key has 32", []string{"notify: APIv2Key has … bytes, an APIv2 key has 32"}},
		{"a package that is not named", "APIv2Key has 31 bytes, an APIv2 key has 32", []string{"wechatpay: APIv2Key has … bytes, an APIv2 key has 32", "notify: APIv2Key has … bytes, an APIv2 key has 32"}},
		{"a full name", "errors.Is(err, bill.ErrTooLong)", []string{"bill: bill.ErrTooLong: the file is too long"}},
		{"a name", "ErrTooLong", []string{"middleware: middleware.ErrTooLong: answer is too long to hold in memory", "bill: bill.ErrTooLong: the file is too long"}},
		{"a type", "var refused *wechatpay.Error", []string{"wechatpay: wechatpay.Error"}},
		{"a short message of another program", "open settings: the name is missing from the list", nil},
		{"a short message of this library", "wechatpay: config: SerialNo is missing", []string{"wechatpay: is missing"}},
		{"a longer word", "wechatpay: the file is too longish", nil},
		{"another program", "dial tcp 127.0.0.1:443: connect: connection refused", nil},
		{"nothing", "", nil},
	} {
		var got []string
		for _, r := range f.Find(tt.text) {
			got = append(got, r.Chapter.Package+": "+r.Message)
			if r.Part == "" || r.EN.Meaning == "" {
				t.Errorf("%s: %+v", tt.name, r)
			}
		}
		if !slices.Equal(got, tt.want) {
			t.Errorf("%s: %s\nfinds %q\nwant %q", tt.name, tt.text, got, tt.want)
		}
	}
}

// A text of any length is searched to its end.
func TestFindInLongText(t *testing.T) {
	f, _ := newFinder(t)
	for _, filler := range []string{"x", " ", `"`, `\"`, "segment 1, after ", "wechatpay: bill: ", "bill: line 7: "} {
		text := strings.Repeat(filler, 64<<10/len(filler)) + " wechatpay: segment 2, after \"v3\", is empty"
		if found := f.Find(text); len(found) == 0 || found[len(found)-1].Message != `segment …, after "…", is empty` {
			t.Errorf("after many %q: %s", filler, listOf(found))
		}
	}
}

// A text that is not known has the messages near that share its words.
func TestNearest(t *testing.T) {
	f, _ := newFinder(t)
	for _, tt := range []struct{ text, want string }{
		{"the private key does not belong to its certificate", "its certificate does not belong to its private key"},
		{"APIv3 key must have 32 bytes", "APIv3Key has … bytes, an APIv3 key has 32"},
		{"signature check failed: unknown serial", "signer.ErrUnknownSerial: unknown serial"},
	} {
		if near := f.Nearest(tt.text, 3); len(near) == 0 || len(near) > 3 || near[0].Message != tt.want || near[0].Part != "" {
			t.Errorf("%s: %s", tt.text, listOf(near))
		}
	}
	for _, text := range []string{"", "connection refused", "the a of to"} {
		if near := f.Nearest(text, 3); near != nil {
			t.Errorf("%s: %s", text, listOf(near))
		}
	}
}

// Whatever the text is, a part that is found is of that text.
func FuzzFind(f *testing.F) {
	finder, _ := newFinder(f)
	for _, text := range []string{"", "wechatpay: config: MchID is missing", `{"err":"option \"a\" is nil"}`, "\xff: it is empty", "ErrTooLong bill.ErrTooLong", "a\n\tb"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		within := plain(text)
		for _, r := range finder.Find(text) {
			if r.Part == "" || !strings.Contains(within, r.Part) && !strings.Contains(strings.ReplaceAll(within, `\"`, `"`), r.Part) {
				t.Errorf("%q is not a part of %q", r.Part, text)
			}
		}
		if near := finder.Nearest(text, 2); len(near) > 2 {
			t.Errorf("%d are near", len(near))
		}
	})
}
