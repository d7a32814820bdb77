package errortable

import (
	"cmp"
	"math"
	"path"
	"slices"
	"strings"
)

// A Finder finds the explanations of the text of an error.
type Finder struct {
	patterns []*pattern
	packages []string           // their names, such as "sqlstore"
	rarity   map[string]float64 // of a word in messages
}

// A Reason is an entry of the table that explains an error.
type Reason struct {
	*Entry
	Chapter *Chapter
	Message string // as in the code, with … for each value
	Part    string // the part of the text that the message is, or "" if the text only resembles it
}

// A reason is a Reason without the text.
type reason struct {
	chapter *Chapter
	entry   *Entry
	message string
}

// pkg returns the name of the package.
func (r reason) pkg() string { return path.Base(r.chapter.Package) }

// NewFinder returns a Finder of the entries of chapters.
func NewFinder(chapters []Chapter) *Finder {
	f := &Finder{rarity: make(map[string]float64)}
	known := make(map[string]*pattern)
	add := func(text string, pattern func(string) *pattern, r reason) {
		p, ok := known[text]
		if !ok {
			p = pattern(text)
			known[text] = p
			if p != nil {
				f.patterns = append(f.patterns, p)
			}
		}
		if p != nil {
			p.reasons = append(p.reasons, r)
		}
	}
	for i := range chapters {
		c := &chapters[i]
		for j := range c.Entries {
			e := &c.Entries[j]
			for _, message := range e.Messages {
				r := reason{c, e, shown(message)}
				if strings.Contains(message, " ") {
					add(message, formatPattern, r)
					continue
				}
				full := r.pkg() + "." + message
				if r.message = full; e.Says[message] != "" {
					r.message += ": " + shown(e.Says[message])
				}
				add(full, namePattern, r)
				add(e.Says[message], formatPattern, r)
				if strings.HasPrefix(message, "Err") && message != "Error" {
					add(message, namePattern, r)
				}
			}
		}
		if pkg := path.Base(c.Package); !slices.Contains(f.packages, pkg) {
			f.packages = append(f.packages, pkg)
		}
	}
	f.weigh()
	return f
}

// weigh fills in rarity.
func (f *Finder) weigh() {
	for _, p := range f.patterns {
		for _, w := range p.words {
			f.rarity[w]++
		}
	}
	for w, n := range f.rarity {
		f.rarity[w] = math.Log(1 + float64(len(f.patterns))/n)
	}
}

// shown returns a format with … for each value.
func shown(format string) string {
	return verb.ReplaceAllStringFunc(plain(format), func(v string) string {
		if strings.HasSuffix(v, "q") {
			return `"…"`
		}
		return "…"
	})
}

// Find returns the reasons of a text, in the order of the text. The text can be a chain of
// errors, with anything before, between and after the messages. Its length counts once for
// each message of the table: it is searched for each, without going back.
func (f *Finder) Find(text string) []Reason {
	text = plain(text)
	found := f.find(text)
	if found == nil && strings.Contains(text, `\"`) { // a string of JSON or of Go
		found = f.find(strings.ReplaceAll(text, `\"`, `"`))
	}
	return found
}

// A match is a message in a text: the offsets of a match and of its groups.
type match struct {
	*pattern
	at []int
}

// root is the package with which the errors of most calls start.
const root = "wechatpay"

// mostMatches is how often a message is looked for in a text.
const mostMatches = 16

func (f *Finder) find(text string) (all []Reason) {
	named := f.named(text)
	var matches []match
	for _, p := range f.patterns {
		if !strings.Contains(text, p.longest) {
			continue
		}
		for _, at := range p.re.FindAllStringSubmatchIndex(text, mostMatches) {
			isWhole := at[0] == 0 && at[1] == len(text)
			if !p.isCommon || isWhole || named[root] || p.isOf(named) {
				matches = append(matches, match{p, at})
			}
		}
	}
	slices.SortStableFunc(matches, func(a, b match) int { return cmp.Compare(b.length, a.length) })
	taken := make([]bool, len(text))
	matches = slices.DeleteFunc(matches, func(m match) bool { return !m.take(taken) })
	slices.SortStableFunc(matches, func(a, b match) int { return cmp.Compare(a.at[0], b.at[0]) })
	seen := make(map[*Entry]bool)
	for _, m := range matches {
		for _, r := range m.likely(named) {
			if !seen[r.entry] {
				seen[r.entry] = true
				all = append(all, Reason{r.entry, r.chapter, r.message, strings.TrimSpace(text[m.at[0]:m.at[1]])})
			}
		}
	}
	return all
}

// named returns the packages that a text names before a colon, as their errors do.
func (f *Finder) named(text string) map[string]bool {
	named := make(map[string]bool)
	for _, pkg := range f.packages {
		if strings.Contains(text, pkg+": ") {
			named[pkg] = true
		}
	}
	return named
}

// take takes the constant parts of a match from a text, unless most of them are taken: by
// a longer message, of which this one is a part.
func (m match) take(taken []bool) bool {
	n, free := 0, 0
	for i := 2; i < len(m.at); i += 2 {
		for _, t := range taken[m.at[i]:m.at[i+1]] {
			if n++; !t {
				free++
			}
		}
	}
	if 2*free < n {
		return false
	}
	for i := 2; i < len(m.at); i += 2 {
		for j := m.at[i]; j < m.at[i+1]; j++ {
			taken[j] = true
		}
	}
	return true
}

// isOf reports whether one of the packages has the message.
func (p *pattern) isOf(packages map[string]bool) bool {
	return slices.ContainsFunc(p.reasons, func(r reason) bool { return packages[r.pkg()] })
}

// likely returns the reasons of the packages, or all if none is of them.
func (p *pattern) likely(packages map[string]bool) (some []reason) {
	for _, r := range p.reasons {
		if packages[r.pkg()] {
			some = append(some, r)
		}
	}
	if some == nil {
		return p.reasons
	}
	return some
}

// Nearest returns at most so many reasons whose messages share the most words with a text:
// half of those of the message or more, where rare words count more.
func (f *Finder) Nearest(text string, most int) (all []Reason) {
	in := make(map[string]bool)
	for _, w := range wordsOf(text) {
		in[w] = true
	}
	type near struct {
		*pattern
		share float64
	}
	var list []near
	for _, p := range f.patterns {
		shared, sum, n := 0.0, 0.0, 0
		for _, w := range p.words {
			if sum += f.rarity[w]; in[w] {
				shared += f.rarity[w]
				n++
			}
		}
		if n > 1 && 2*shared >= sum {
			list = append(list, near{p, shared / sum})
		}
	}
	slices.SortStableFunc(list, func(a, b near) int { return cmp.Compare(b.share, a.share) })
	named, seen := f.named(text), make(map[*Entry]bool)
	for _, p := range list {
		for _, r := range p.likely(named) {
			if !seen[r.entry] && len(all) < most {
				seen[r.entry] = true
				all = append(all, Reason{Entry: r.entry, Chapter: r.chapter, Message: r.message})
			}
		}
	}
	return all
}
