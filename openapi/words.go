package openapi

import (
	"slices"
	"strings"
	"sync"
	"unicode"
	"unicode/utf8"

	"github.com/wxchain/wechatpay/internal/lexicon"
	"github.com/wxchain/wechatpay/internal/suggest"
)

// A word is one thing that a search is for.
type word struct {
	terms []string // what to look for, the best first; GET, POST… are methods
	whole string   // the text that it was part of
	path  string   // a part of a template, in place of terms
}

// parseWords returns what a search asks for. It cuts Chinese, which is written without
// spaces, at the names of the thesaurus: 查询退款 is 查询 and 退款.
func parseWords(text string) []word {
	var words, idle []word
	for field := range strings.FieldsSeq(fold(text)) {
		if path := pathOf(field); path != "" {
			words = append(words, word{path: path})
			continue
		}
		for run := range runs(field) {
			var some, noise []word
			if compact(run) == "" {
				continue // a dash between words
			}
			if isLatin(run) {
				some = []word{{terms: []string{run}}}
			} else {
				some, noise = cutHan(run)
			}
			words, idle = append(words, some...), append(idle, noise...)
		}
	}
	words = joinLatin(words)
	if len(words) == 0 {
		return idle
	}
	return words
}

// pathOf returns the part of a template that field is, without the host, or "".
func pathOf(field string) string {
	if !strings.Contains(field, "/") {
		return ""
	}
	if _, after, ok := strings.Cut(field, "://"); ok {
		_, field, _ = strings.Cut(after, "/")
	}
	field, _, _ = strings.Cut(field, "?")
	field = strings.Trim(field, "/")
	if field == "" {
		return ""
	}
	for _, e := range loadIndex() {
		if strings.Contains(e.template, field) {
			return field
		}
	}
	for _, method := range [...]string{"GET", "POST", "PUT", "PATCH", "DELETE"} {
		if op := Match(method, "/"+field); op != nil {
			return fold(op.Template)
		}
	}
	return ""
}

// runs calls yield with each run of Chinese characters and each run of Latin letters,
// digits and the signs of names. Other signs separate.
func runs(field string) func(yield func(string) bool) {
	kind := func(r rune) int {
		switch {
		case unicode.Is(unicode.Han, r):
			return 1
		case unicode.IsLetter(r), unicode.IsDigit(r), r == '_', r == '-':
			return 2
		}
		return 0
	}
	return func(yield func(string) bool) {
		start, now := 0, 0
		for i, r := range field + " " {
			next := kind(r)
			if next == now {
				continue
			}
			if now != 0 && !yield(field[start:i]) {
				return
			}
			start, now = i, next
		}
	}
}

// cutHan cuts Chinese at the names of the thesaurus. The words of every question (怎么,
// 接口) are noise.
func cutHan(run string) (words, noise []word) {
	book := loadThesaurus()
	var rest []rune
	flush := func() {
		// One character between two words is seldom what is looked for: 查询退款单.
		if len(rest) > 1 || len(rest) == 1 && len(words) == 0 {
			words = append(words, word{terms: []string{string(rest)}, whole: run})
		}
		rest = nil
	}
	runes := []rune(run)
	for i := 0; i < len(runes); {
		n, terms := book.longest(runes[i:])
		if n == 0 {
			rest = append(rest, runes[i])
			i++
			continue
		}
		name := string(runes[i : i+n])
		i += n
		if terms == nil {
			noise = append(noise, word{terms: []string{name}})
			if len(rest) > 1 {
				flush()
			}
			continue
		}
		if len(rest) > 1 {
			flush()
		}
		rest = nil
		words = append(words, word{terms: append([]string{name}, terms...), whole: run})
	}
	flush()
	return words, noise
}

// joinLatin gives the Latin words their other names, with those that are written as
// two or three words ("qr code"), and corrects spelling mistakes.
func joinLatin(words []word) []word {
	book := loadThesaurus()
	var joined []word
	latin := func(i int) bool {
		return i < len(words) && words[i].path == "" && len(words[i].terms) == 1 && isLatin(words[i].terms[0])
	}
	for i := 0; i < len(words); i++ {
		if !latin(i) {
			joined = append(joined, words[i])
			continue
		}
		n := 1
		for latin(i+n) && n < 3 {
			n++
		}
		for ; n > 1; n-- {
			var name strings.Builder
			for _, w := range words[i : i+n] {
				name.WriteString(compact(w.terms[0]))
			}
			if terms, ok := book.names[name.String()]; ok && terms != nil {
				joined = append(joined, word{terms: append([]string{name.String()}, terms...)})
				break
			}
		}
		if n > 1 {
			i += n - 1
			continue
		}
		if w := book.latin(compact(words[i].terms[0])); w.terms != nil {
			joined = append(joined, w)
		}
	}
	if len(joined) == 0 {
		return words // noise alone
	}
	return joined
}

// pairs cuts the Chinese of words into overlapping pairs of characters.
func pairs(words []word) []word {
	var cut []word
	for _, w := range words {
		if w.path != "" || len(w.terms) > 1 || isLatin(w.terms[0]) || len([]rune(w.terms[0])) < 3 {
			cut = append(cut, w)
			continue
		}
		runes := []rune(w.terms[0])
		for i := range len(runes) - 1 {
			cut = append(cut, word{terms: []string{string(runes[i : i+2])}})
		}
	}
	return cut
}

// fold returns text in small letters of the usual width, and Chinese in the characters
// of the catalogue: ＲＥＦＵＮＤ is refund, 轉帳 is 转账, and a 代金卷 is a 代金券.
func fold(text string) string {
	text = strings.Map(func(r rune) rune {
		switch {
		case r == '　':
			return ' '
		case '！' <= r && r <= '～':
			r -= '！' - '!'
		}
		return unicode.ToLower(r)
	}, text)
	// The list of transfers is not a bill.
	return strings.ReplaceAll(foldHan.Replace(text), "转账单", "转账 单")
}

// foldHan has common misspellings and the traditional characters of titles.
var foldHan = strings.NewReplacer(strings.Fields(lexicon.Folds)...)

// compact leaves hyphens and underscores out: out-trade-no and out_trade_no are one.
func compact(name string) string { return hyphens.Replace(name) }

var hyphens = strings.NewReplacer("-", "", "_", "")

// isLatin reports whether a run is not Chinese.
func isLatin(run string) bool {
	first, _ := utf8.DecodeRuneInString(run)
	return first < utf8.RuneSelf || !unicode.Is(unicode.Han, first)
}

// latinWords returns the words of Latin letters and digits in text.
func latinWords(text string) []string {
	return strings.FieldsFunc(text, func(r rune) bool {
		return unicode.Is(unicode.Han, r) || !unicode.IsLetter(r) && !unicode.IsDigit(r)
	})
}

// A dictionary has the thesaurus by name. The terms of noise are nil.
type dictionary struct {
	names  map[string][]string
	longer int             // characters of the longest name
	known  func() []string // all Latin words, those of the thesaurus first
}

var loadThesaurus = sync.OnceValue(func() dictionary {
	d := dictionary{names: make(map[string][]string)}
	var latin []string
	add := func(name string, terms []string) {
		name = compact(fold(strings.ReplaceAll(name, "+", "")))
		d.names[name] = terms
		d.longer = max(d.longer, len([]rune(name)))
		if isLatin(name) && terms != nil {
			latin = append(latin, name)
		}
	}
	for _, line := range lexicon.Thesaurus {
		var terms []string
		for term := range strings.FieldsSeq(line.Seek) {
			if strings.ToUpper(term) != term || !isLatin(term) { // not a method
				term = compact(fold(term))
			}
			terms = append(terms, term)
		}
		for name := range strings.FieldsSeq(line.Names) {
			add(name, terms)
		}
	}
	for name := range strings.FieldsSeq(lexicon.Noise) {
		add(name, nil)
	}
	d.known = sync.OnceValue(func() []string {
		var known []string
		for _, e := range loadIndex() {
			for _, list := range [...][]string{e.words, e.segments, e.parts, strings.Fields(e.request.names), strings.Fields(e.response.names)} {
				known = append(known, list...)
			}
		}
		slices.Sort(known)
		return append(latin, slices.Compact(known)...)
	})
	return d
})

// longest returns the length of the longest name that runes start with, in characters,
// and its terms. The length is 0 if there is none.
func (d dictionary) longest(runes []rune) (int, []string) {
	for n := min(d.longer, len(runes)); n > 0; n-- {
		if terms, ok := d.names[string(runes[:n])]; ok {
			return n, terms
		}
	}
	return 0, nil
}

// latin returns the word that a Latin text stands for. It has no terms if the text is
// noise.
func (d dictionary) latin(text string) word {
	if terms, ok := d.names[text]; ok {
		if terms == nil {
			return word{}
		}
		return word{terms: append([]string{text}, terms...)}
	}
	isPart := func(known string) bool { return strings.Contains(known, text) }
	if len(text) < shortest || slices.ContainsFunc(d.known(), isPart) {
		return word{terms: []string{text}}
	}
	// People seldom mistake the first letter.
	if nearest := suggest.Nearest(text, d.known()); nearest != "" && nearest[0] == text[0] {
		return word{terms: append([]string{nearest}, d.names[nearest]...)}
	}
	return word{terms: []string{text}}
}
