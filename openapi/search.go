package openapi

import (
	"cmp"
	"slices"
	"strings"
	"sync"

	"github.com/tidwall/gjson"

	"github.com/wxchain/wechatpay/internal/lexicon"
	"github.com/wxchain/wechatpay/internal/uritemplate"
)

// Search returns the operations that match words, best first. Words are Chinese or
// English, such as "代金券 发放", "查单", "refund" or "out_trade_no". They may also be
// part of a path. Search looks for them in titles, products, roles, templates, and the
// names and labels of fields. It ignores case and width, knows other names of the common
// products ("扫码支付" is native, "退钱" is a refund), and corrects spelling mistakes
// ("refound", "转帐").
//
// An operation must match all words. If none does, Search returns those that match the
// most. Operations that match by title, product, role or template precede those that match by
// their fields. Among equals, orders, refunds, bills, transfers, coupons and profit
// sharing of ordinary merchants come first.
func Search(words string) []*Operation {
	wanted := parseWords(words)
	if len(wanted) == 0 {
		return nil
	}
	hits := search(wanted)
	if len(hits) == 0 {
		hits = search(pairs(wanted))
	}
	most := 0
	for _, h := range hits {
		most = max(most, h.found)
	}
	hits = slices.DeleteFunc(hits, func(h hit) bool { return h.found < most })
	slices.SortStableFunc(hits, func(a, b hit) int {
		return cmp.Or(cmp.Compare(b.plain, a.plain), cmp.Compare(b.score, a.score), cmp.Compare(len(a.record.template), len(b.record.template)))
	})
	return operationsOf(hits)
}

// operationsOf returns the operations of hits, in their order. It reads each member of
// the packed catalogue once.
func operationsOf(hits []hit) []*Operation {
	var u unpacker
	byMember := slices.Clone(hits)
	slices.SortFunc(byMember, func(a, b hit) int { return cmp.Compare(a.record.member, b.record.member) })
	for _, h := range byMember {
		h.record.operationFrom(&u)
	}
	operations := make([]*Operation, len(hits))
	for i, h := range hits {
		operations[i] = h.record.operation()
	}
	return operations
}

// A hit is an operation that matches words.
type hit struct {
	record *record
	found  int // how many words match
	plain  int // how many of these match by title, product, role or template
	score  float64
}

// search returns the operations that match more than half of the words.
func search(words []word) []hit {
	var hits []hit
	for _, e := range loadIndex() {
		h := hit{record: e.record}
		for _, w := range words {
			plain, fields := e.rate(w)
			if plain > 0 {
				h.plain++
			}
			if plain+fields > 0 {
				h.found++
			}
			h.score += plain + fields
		}
		if h.found*2 <= len(words) {
			continue
		}
		if h.plain == len(words) {
			h.score += e.common
		}
		hits = append(hits, h)
	}
	return hits
}

// An entry is an operation as it is searched, in the spelling of [fold].
type entry struct {
	record    *record
	title     string
	words     []string // of the title, those of Latin letters
	tags      string   // the products and the roles
	template  string
	segments  []string // of the template, without hyphens and underscores
	parts     []string // the words of the segments
	request   fieldTerms
	response  fieldTerms
	common    float64 // how many people look for it, about
	titleSize float64 // characters of the title
}

// fieldTerms are the names and the labels of fields.
type fieldTerms struct {
	names, labels string // each between line feeds
}

// loadIndex makes what is searched, at its first call. It keeps neither the operations
// nor their text.
var loadIndex = sync.OnceValue(func() []entry {
	var u unpacker
	records := load().records
	index := make([]entry, 0, len(records))
	for i := range records {
		r := &records[i]
		op := parseOperation(gjson.Parse(u.line(r)))
		e := entry{
			record:   r,
			title:    strings.Clone(fold(op.Title)),
			tags:     strings.Clone(fold(strings.Join(slices.Concat(op.Tags, op.Roles), "\n"))),
			template: fold(r.template),
			common:   lexicon.Commonness(op.Template, op.Tags),
		}
		e.titleSize = float64(len([]rune(e.title)))
		e.words = latinWords(e.title)
		for segment := range uritemplate.Segments(e.template) {
			if name, ok := uritemplate.Variable(segment); ok {
				segment = name
			}
			if segment == "" { // of a slash at the end
				continue
			}
			e.segments = append(e.segments, compact(segment))
			e.parts = append(e.parts, latinWords(segment)...)
		}
		var request, response termsBuilder
		for _, ps := range [...][]Parameter{op.Headers, op.Path, op.Query, op.Form} {
			for i := range ps {
				request.add(ps[i].Name, &ps[i].Schema)
			}
		}
		request.addFields(op.Body())
		for _, r := range op.Responses {
			response.addFields(r.Body)
		}
		e.request, e.response = request.terms(), response.terms()
		index = append(index, e)
	}
	return index
})

type termsBuilder struct{ names, labels strings.Builder }

func (b *termsBuilder) add(name string, s *Schema) {
	b.names.WriteString("\n" + compact(strings.ToLower(name)) + "\n")
	b.labels.WriteString(fold(s.Label) + "\n")
	b.addFields(s)
}

func (b *termsBuilder) addFields(s *Schema) {
	if s == nil {
		return
	}
	for _, p := range s.Properties {
		b.add(p.Name, p.Schema)
	}
	b.addFields(s.Items)
}

func (b *termsBuilder) terms() fieldTerms { return fieldTerms{b.names.String(), b.labels.String()} }

func (t fieldTerms) rate(term string) float64 {
	switch {
	case !isLatin(term):
		if len(term) >= shortest && strings.Contains(t.labels, term) {
			return 4
		}
	case strings.Contains(t.names, "\n"+term+"\n"):
		return 8
	case len(term) >= shortest && (strings.Contains(t.names, term) || strings.Contains(t.labels, term)):
		return 4
	}
	return 0
}

// shortest is the length in bytes of the shortest term that matches a part of a
// word: one of four letters, or two Chinese characters. "app" is not in "appid".
const shortest = 4

// later is how much less each further term of a word counts.
const later = 0.8

// rate rates how well an operation matches one word: by its title, template, products
// and roles, or else by its fields. Of the terms of a word, the best of each place counts.
func (e *entry) rate(w word) (plain, fields float64) {
	if w.path != "" {
		if strings.Contains(e.template, w.path) {
			return 30, 0
		}
		return 0, 0
	}
	var title, template, tags, whole float64
	weight := 1.0
	for _, term := range w.terms {
		if term == e.record.method {
			template = max(template, weight*4)
			continue
		}
		title = max(title, weight*e.rateTitle(term))
		template = max(template, weight*e.rateTemplate(term))
		tags = max(tags, weight*e.rateTags(term))
		weight *= later
	}
	if w.whole != "" && strings.Contains(e.title, w.whole) {
		whole = 8
	}
	if plain = title + template + tags + whole; plain > 0 {
		return plain, 0
	}
	weight = 1
	for _, term := range w.terms {
		fields = max(fields, weight*e.request.rate(term), weight*e.response.rate(term)/4)
		weight *= later
	}
	return 0, fields
}

// rateTitle rates a term that is part of the title: the more of the title it is, the
// better.
func (e *entry) rateTitle(term string) float64 {
	if !isLatin(term) {
		if strings.Contains(e.title, term) {
			return 12 + 12*float64(len([]rune(term)))/e.titleSize
		}
		return 0
	}
	for _, w := range e.words {
		if w == term {
			return 20
		}
	}
	return 0
}

func (e *entry) rateTemplate(term string) float64 {
	if !isLatin(term) {
		return 0
	}
	best := 0.0
	for _, list := range [...][]string{e.segments, e.parts} {
		for _, w := range list {
			switch {
			case strings.TrimSuffix(w, "s") == strings.TrimSuffix(term, "s"):
				best = max(best, 16)
			case len(term) < shortest:
			case strings.HasPrefix(w, term):
				best = max(best, 10)
			case strings.Contains(w, term):
				best = max(best, 8)
			}
		}
	}
	return best
}

func (e *entry) rateTags(term string) float64 {
	if len(term) >= shortest && strings.Contains(e.tags, term) {
		return 8
	}
	return 0
}
