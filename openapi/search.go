package openapi

import (
	"cmp"
	"slices"
	"strings"
	"sync"
	"unicode"

	"github.com/tidwall/gjson"

	"github.com/wxchain/wechatpay/internal/uritemplate"
)

// Search returns the operations that match words, best first. Words are Chinese or
// English, separated by spaces, such as "代金券 发放", "refund" or "out_trade_no".
// Search looks for them in titles, tags, templates, and the names and labels of fields.
// An operation must match all words. If none does, Search returns those that match the
// most.
func Search(words string) []*Operation {
	wanted := strings.Fields(strings.ToLower(words))
	if len(wanted) == 0 {
		return nil
	}
	hits := search(wanted)
	if len(hits) == 0 {
		// Chinese is written without spaces: 代金券发放 is 代金券 and 发放.
		hits = search(pairs(wanted))
	}
	most := 0
	for _, h := range hits {
		most = max(most, h.found)
	}
	hits = slices.DeleteFunc(hits, func(h hit) bool { return h.found < most })
	var u unpacker // the hits are still in the order of the catalogue, so each member is read once
	for i := range hits {
		hits[i].op = hits[i].record.operationFrom(&u)
	}
	slices.SortStableFunc(hits, func(a, b hit) int {
		return cmp.Or(cmp.Compare(b.score, a.score), cmp.Compare(len(a.op.Template), len(b.op.Template)))
	})
	operations := make([]*Operation, len(hits))
	for i, h := range hits {
		operations[i] = h.op
	}
	return operations
}

type hit struct {
	record       *record
	op           *Operation // nil until it is known to be a result
	found, score int
}

// search returns the operations that have every word, or else, if there is
// more than one word, those that have some.
func search(words []string) []hit {
	var hits []hit
	for _, e := range loadIndex() {
		h := hit{record: e.record, score: e.common}
		for _, word := range words {
			if score := e.score(word); score > 0 {
				h.found++
				h.score += score
			}
		}
		if h.found*2 > len(words) {
			hits = append(hits, h)
		}
	}
	return hits
}

// pairs cuts the Chinese in words into overlapping pairs of characters.
func pairs(words []string) []string {
	var cut []string
	for _, word := range words {
		runes := []rune(word)
		if len(runes) < 3 || !unicode.Is(unicode.Han, runes[0]) {
			cut = append(cut, word)
			continue
		}
		for i := range len(runes) - 1 {
			cut = append(cut, string(runes[i:i+2]))
		}
	}
	return cut
}

// An entry is an operation as it is searched, in small letters.
type entry struct {
	record      *record
	title, tags string
	template    string
	segments    []string // of the template, and the words of these
	request     terms
	response    terms
	common      int // how many look for it, about
}

// terms are the names and the labels of fields.
type terms struct {
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
			title:    strings.Clone(strings.ToLower(op.Title)),
			tags:     strings.Clone(strings.ToLower(strings.Join(op.Tags, "\n"))),
			template: strings.ToLower(r.template),
		}
		for segment := range uritemplate.Segments(e.template) {
			if name, ok := uritemplate.Variable(segment); ok {
				segment = name
			}
			if segment == "" { // of a slash at the end
				continue
			}
			e.segments = append(e.segments, segment)
			e.segments = append(e.segments, strings.FieldsFunc(segment, func(r rune) bool { return r == '-' || r == '_' })...)
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
		if strings.Contains(e.tags, "基础支付") {
			e.common += 4
		}
		if strings.HasPrefix(op.Template, "v3/") && !strings.HasPrefix(op.Template, "v3/global/") {
			e.common += 6
		}
		index = append(index, e)
	}
	return index
})

type termsBuilder struct{ names, labels strings.Builder }

func (b *termsBuilder) add(name string, s *Schema) {
	b.names.WriteString("\n" + strings.ToLower(name) + "\n")
	b.labels.WriteString(strings.ToLower(s.Label) + "\n")
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

func (b *termsBuilder) terms() terms { return terms{b.names.String(), b.labels.String()} }

func (t terms) score(word string) int {
	switch {
	case strings.Contains(t.names, "\n"+word+"\n"):
		return 4
	case strings.Contains(t.names, word), strings.Contains(t.labels, word):
		return 2
	}
	return 0
}

// score rates how well an operation matches one word: the title
// says it best, then the path, the product, what is sent, what is answered.
func (e *entry) score(word string) int {
	score := 0
	switch {
	case e.title == word:
		score += 24
	case strings.Contains(e.title, word):
		score += 12
	}
	if strings.Contains(e.template, word) {
		score += 6
	}
	for _, segment := range e.segments {
		if segment == word || segment == word+"s" {
			score += 2
		}
	}
	if strings.Contains(e.tags, word) {
		score += 6
	}
	return score + 2*e.request.score(word) + e.response.score(word)/2
}
