package page

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"html/template"
	"io/fs"
	"strings"
	"time"
	"unicode"
)

// The languages.
const (
	Chinese = "zh"
	English = "en"
)

// A Template is a page in each language.
type Template struct{ in map[string]*template.Template }

// A shared is a file of templates that many pages use.
type shared struct {
	folder fs.FS
	name   string
	funcs  func(lang string) template.FuncMap
}

// Parse parses a page. Its files define the templates "title" and "main". It panics
// if they are wrong: the files are part of the program.
func (s *Site) Parse(folder fs.FS, names ...string) *Template {
	t := &Template{make(map[string]*template.Template)}
	for _, lang := range [...]string{Chinese, English} {
		base := template.Must(template.New("base.html").Funcs(s.funcs(lang)).ParseFS(files, "base.html"))
		for _, more := range s.shared {
			base = template.Must(base.Funcs(more.funcs(lang)).ParseFS(more.folder, more.name))
		}
		t.in[lang] = template.Must(base.ParseFS(folder, names...))
	}
	return t
}

// funcs are the functions of templates in a language.
func (s *Site) funcs(lang string) template.FuncMap {
	return template.FuncMap{
		"T": func(text string, args ...any) string { return s.Text(lang, text, args...) },
		"token": func() template.HTML {
			return template.HTML(`<input type="hidden" name="token" value="` + s.token + `">`)
		},
		"banks": banks,
		"money": Money,
		"time":  Time,
		"date":  func(t time.Time) string { return t.In(beijing).Format(time.RFC3339) },
		"plain": func(v any) string { return Printable(fmt.Sprint(v)) },
		"dict":  dict,
		"zh":    func() bool { return lang == Chinese },
	}
}

// dict returns a map of names and values that take turns.
func dict(pairs ...any) map[string]any {
	m := make(map[string]any, len(pairs)/2)
	for i := 0; i+1 < len(pairs); i += 2 {
		m[fmt.Sprint(pairs[i])] = pairs[i+1]
	}
	return m
}

// Text returns a text in a language. Without a Chinese text it is the English one.
func (s *Site) Text(lang, text string, args ...any) string {
	if zh, ok := s.texts[text]; ok && lang == Chinese {
		text = zh
	}
	if len(args) == 0 {
		return text
	}
	return fmt.Sprintf(text, args...)
}

// Money returns an amount in fen as yuan.
func Money(fen int64) string {
	sign := ""
	if fen < 0 {
		sign, fen = "-", -fen
	}
	return fmt.Sprintf("%s¥%d.%02d", sign, fen/100, fen%100)
}

var beijing = time.FixedZone("Asia/Shanghai", 8*60*60)

// Time returns a time in Beijing, to the second.
func Time(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.In(beijing).Format("2006-01-02 15:04:05")
}

// Printable returns text in which characters that a screen or a terminal would act
// on are visible: controls, and marks that turn the direction of text.
func Printable(text string) string {
	var b strings.Builder
	for _, r := range strings.ToValidUTF8(text, "\uFFFD") {
		switch {
		case r == '\n' || r == '\t':
			b.WriteRune(r)
		case r < ' ':
			b.WriteRune('\u2400' + r) // the picture of a control
		case r == 0x7f:
			b.WriteRune('\u2421')
		case unicode.IsControl(r) || unicode.Is(unicode.Cf, r) || r == '\u2028' || r == '\u2029':
			fmt.Fprintf(&b, `\u%04x`, r)
		default:
			b.WriteRune(r)
		}
	}
	return b.String()
}

// etag returns the ETag of a file.
func etag(data []byte) string {
	sum := sha256.Sum256(data)
	return `"` + hex.EncodeToString(sum[:8]) + `"`
}
