package mcp

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"strconv"
	"strings"

	"github.com/google/jsonschema-go/jsonschema"
	"github.com/modelcontextprotocol/go-sdk/mcp"

	"github.com/wxchain/wechatpay/internal/shallow"
)

// maxAnswer is the length of the longest answer of a tool, in bytes of JSON. The protocol
// adds a few fields, for which there is room.
const (
	maxAnswer = 8 << 10
	room      = 512
)

// maxError is the length of the longest error of a tool, in bytes.
const maxError = 2 << 10

// Hints of tools.
var (
	reads    = hints(true, false, false)  // changes nothing, and knows what is in this program
	plays    = hints(false, false, false) // changes the sandbox in this process
	controls = hints(false, true, false)  // changes it, and may forget what was in it
)

func hints(readOnly, destructive, openWorld bool) mcp.ToolAnnotations {
	return mcp.ToolAnnotations{ReadOnlyHint: readOnly, DestructiveHint: &destructive, OpenWorldHint: &openWorld}
}

// An enum is a text of which all values are known.
type enum interface{ values() []string }

// rawJSON is a value that is passed on as it was written.
type rawJSON = json.RawMessage

// add adds a tool. It checks arguments against the schema of In; the tool can show agents
// a narrower one. The answer is Out, once as JSON for programs and once as text for clients
// that know no other.
func add[In, Out any](s *mcp.Server, about mcp.ToolAnnotations, handle func(context.Context, In) (Out, error), t *mcp.Tool) {
	resolved, err := schemaFor[In]().Resolve(nil)
	if err != nil {
		panic(fmt.Sprintf("the schema of %s: %v", t.Name, err)) // it is made of types of this package
	}
	if t.InputSchema == nil {
		t.InputSchema = schemaFor[In]()
	}
	about.Title = t.Title
	t.OutputSchema, t.Annotations = schemaFor[Out](), &about
	s.AddTool(t, func(ctx context.Context, req *mcp.CallToolRequest) (*mcp.CallToolResult, error) {
		var in In
		if err := decode(req.Params.Arguments, resolved, &in); err != nil {
			return refuse(fmt.Errorf("the arguments of %s: %w", t.Name, err)), nil
		}
		out, err := handle(ctx, in)
		if err != nil {
			return refuse(err), nil
		}
		result, n := resultOf(out)
		if n > maxAnswer {
			return refuse(fmt.Errorf("%s: the answer is longer than %d bytes", t.Name, maxAnswer)), nil
		}
		return result, nil
	})
}

// decode decodes arguments, with the numbers and the order of fields as they were written.
func decode(raw json.RawMessage, schema *jsonschema.Resolved, in any) error {
	if len(raw) == 0 || string(raw) == "null" {
		raw = json.RawMessage("{}")
	}
	if !shallow.ValidJSON(raw) {
		return fmt.Errorf("not valid JSON, or nested more than %d deep", shallow.MaxDepth)
	}
	if err := checkArguments(raw, schema); err != nil {
		return err
	}
	return json.Unmarshal(raw, in)
}

// refuse returns an error that the agent sees.
func refuse(err error) *mcp.CallToolResult {
	return &mcp.CallToolResult{IsError: true, Content: []mcp.Content{&mcp.TextContent{Text: cut(err.Error(), maxError)}}}
}

// cut shortens a text to so many bytes.
func cut(text string, most int) string {
	if len(text) <= most {
		return text
	}
	return strings.ToValidUTF8(text[:most], "") + "…"
}

// resultOf returns an answer and its length.
func resultOf(out any) (*mcp.CallToolResult, int) {
	var b bytes.Buffer
	encoder := json.NewEncoder(&b)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(out); err != nil {
		return refuse(fmt.Errorf("the answer cannot be written: %w", err)), 0
	}
	text := bytes.TrimSpace(b.Bytes())
	result := &mcp.CallToolResult{Content: []mcp.Content{&mcp.TextContent{Text: string(text)}}, StructuredContent: json.RawMessage(text)}
	whole, err := json.Marshal(result)
	if err != nil {
		return refuse(fmt.Errorf("the answer cannot be written: %w", err)), 0
	}
	return result, len(whole)
}

// fits reports whether an answer is short enough.
func fits(out any) bool {
	_, n := resultOf(out)
	return n <= maxAnswer-room
}

// A page says how an answer goes on.
type page struct {
	NextCursor string `json:"next_cursor,omitempty" jsonschema:"pass this as cursor, with the same other arguments, to get the next page; absent on the last page"`
	More       string `json:"more,omitempty" jsonschema:"how much is left"`
}

// endAt says that a page ends before item to of n.
func (p *page) endAt(to, n int) {
	if to < n {
		next := strconv.Itoa(to)
		*p = page{next, fmt.Sprintf("%d of %d parts are left; call again with cursor %q", n-to, n, next)}
	}
}

// A paging is a pointer to an answer that has a page.
type paging[Out any] interface {
	*Out
	endAt(to, n int)
}

// paged returns the page of n items that starts at cursor and has as many as fit. It is
// start, to which fill adds the items from from up to to.
func paged[Out any, P paging[Out]](start Out, n int, cursor string, fill func(out *Out, from, to int)) (Out, error) {
	from, err := offset(cursor, n)
	if err != nil {
		var none Out
		return none, err
	}
	upTo := func(to int) Out {
		out := start
		fill(&out, from, to)
		P(&out).endAt(to, n)
		return out
	}
	if out := upTo(n); fits(out) {
		return out, nil
	}
	low, high := from, n-1 // low fits, and what is above high does not
	for low < high {
		middle := (low + high + 1) / 2
		if fits(upTo(middle)) {
			low = middle
		} else {
			high = middle - 1
		}
	}
	if low == from {
		var none Out
		return none, fmt.Errorf("part %d of the answer is longer than %d bytes", from+1, maxAnswer)
	}
	return upTo(low), nil
}

// pagedRows is paged with rows as the items. A row adds itself to an answer.
func pagedRows[Out any, P paging[Out]](start Out, rows []func(*Out), cursor string) (Out, error) {
	return paged[Out, P](start, len(rows), cursor, func(out *Out, from, to int) {
		for _, add := range rows[from:to] {
			add(out)
		}
	})
}

// offset returns the item that a cursor stands for.
func offset(cursor string, n int) (int, error) {
	if cursor == "" {
		return 0, nil
	}
	from, err := strconv.Atoi(cursor)
	if err != nil || from < 0 || from >= n {
		return 0, errors.New("cursor is not the next_cursor of an answer to the same arguments; leave it out for the first page")
	}
	return from, nil
}

// maxPiece is the length of the longest part of a text, in bytes.
const maxPiece = 1 << 10

// pieces cuts a text into parts that an answer can have. Together they are the text.
// They are lines, unless a line is long.
func pieces(text string) (all []string) {
	for len(text) > 0 {
		end := min(len(text), maxPiece)
		if i := strings.IndexByte(text[:end], '\n'); i >= 0 {
			end = i + 1
		} else {
			for end < len(text) && end > maxPiece-4 && text[end]&0xc0 == 0x80 {
				end-- // not within a character
			}
		}
		all = append(all, text[:end])
		text = text[end:]
	}
	return all
}

// schemaFor returns the schema of a type of this package.
func schemaFor[T any]() *jsonschema.Schema {
	anyJSON := &jsonschema.Schema{Types: []string{"object", "array", "string", "number", "boolean"}}
	special := map[reflect.Type]*jsonschema.Schema{
		reflect.TypeFor[rawJSON]():           anyJSON,
		reflect.TypeFor[jsonschema.Schema](): {Type: "object"},
	}
	for _, e := range []enum{part(""), language(""), recordKind(""), action("")} {
		values := make([]any, len(e.values()))
		for i, v := range e.values() {
			values[i] = v
		}
		special[reflect.TypeOf(e)] = &jsonschema.Schema{Type: "string", Enum: values}
	}
	s, err := jsonschema.For[T](&jsonschema.ForOptions{TypeSchemas: special})
	if err != nil {
		panic(fmt.Sprintf("the schema of %v: %v", reflect.TypeFor[T](), err)) // a type of this package
	}
	return s
}
