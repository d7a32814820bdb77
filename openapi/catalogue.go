package openapi

import (
	"cmp"
	"compress/gzip"
	_ "embed"
	"fmt"
	"io"
	"iter"
	"sort"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/tidwall/gjson"
)

// The operations, one a line, in a gzip file of many members, each of about twenty
// operations. Reading one operation decompresses one member.
//
//go:embed operations.jsonl.gz
var packed string

// The index has a line for each operation: the offset of its member in packed, the
// offset of its line in the text of the member, the method and the template.
//
//go:embed operations.index
var index string

// A catalogue has the operations in the order of the file: by template, then by
// method.
type catalogue struct {
	records []record
	routes  *route
}

// A record is an operation in the packed catalogue. It is parsed when it is first
// needed.
type record struct {
	method, template string
	member, from     int // the offsets of the index
	parsed           atomic.Pointer[Operation]
}

// load reads the index at its first call.
var load = sync.OnceValue(newCatalogue)

func newCatalogue() *catalogue {
	c := &catalogue{records: make([]record, strings.Count(index, "\n")), routes: new(route)}
	i := 0
	for line := range strings.Lines(index) {
		r := &c.records[i]
		r.parseIndex(strings.TrimSuffix(line, "\n"))
		c.routes.add(r)
		i++
	}
	return c
}

// parseIndex reads a line of the index.
func (r *record) parseIndex(line string) {
	member, line, _ := strings.Cut(line, " ")
	from, line, _ := strings.Cut(line, " ")
	r.method, r.template, _ = strings.Cut(line, " ")
	var err error
	if r.member, err = strconv.Atoi(member); err == nil {
		r.from, err = strconv.Atoi(from)
	}
	if err != nil {
		panic(errDamaged(err))
	}
}

// operation returns the operation, which is the same at every call.
func (r *record) operation() *Operation { return r.operationFrom(new(unpacker)) }

func (r *record) operationFrom(u *unpacker) *Operation {
	if op := r.parsed.Load(); op != nil {
		return op
	}
	// An operation refers to its text. A copy of the line lets go of the other lines.
	op := parseOperation(gjson.Parse(strings.Clone(u.line(r))))
	if r.parsed.CompareAndSwap(nil, op) {
		return op
	}
	return r.parsed.Load()
}

// An unpacker reads the lines of records. It holds the member that it read last.
type unpacker struct {
	member int
	text   string
}

// line returns the line of a record.
func (u *unpacker) line(r *record) string {
	if u.text == "" || u.member != r.member {
		text, err := decompress(strings.NewReader(packed[r.member:]))
		if err != nil {
			panic(errDamaged(err))
		}
		u.member, u.text = r.member, text
	}
	line, _, _ := strings.Cut(u.text[r.from:], "\n")
	return line
}

func decompress(member io.Reader) (string, error) {
	r, err := gzip.NewReader(member)
	if err != nil {
		return "", err
	}
	r.Multistream(false)
	var b strings.Builder
	_, err = io.Copy(&b, r)
	return b.String(), err
}

func errDamaged(err error) error {
	return fmt.Errorf("openapi: the catalogue in this program is damaged: %w", err)
}

// Operations returns all operations, sorted by template and method.
func Operations() iter.Seq[*Operation] {
	return func(yield func(*Operation) bool) {
		var u unpacker
		records := load().records
		for i := range records {
			if !yield(records[i].operationFrom(&u)) {
				return
			}
		}
	}
}

// names returns the method and the template of each operation, without parsing any.
func names(yield func(method, template string) bool) {
	records := load().records
	for i := range records {
		if !yield(records[i].method, records[i].template) {
			return
		}
	}
}

// Lookup returns the operation of a method and a template, such as
// "v3/certificates", or nil. A leading slash does not matter.
func Lookup(method, template string) *Operation {
	template = strings.TrimPrefix(template, "/")
	records := load().records
	i, found := sort.Find(len(records), func(i int) int {
		return cmp.Or(strings.Compare(template, records[i].template), strings.Compare(method, records[i].method))
	})
	if !found {
		return nil
	}
	return records[i].operation()
}
