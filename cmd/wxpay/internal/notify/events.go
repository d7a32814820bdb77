package notify

import (
	"bytes"
	"cmp"
	_ "embed"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"time"
	"unicode"

	"github.com/tidwall/gjson"
	"github.com/tidwall/sjson"

	"github.com/wxchain/wechatpay/cmd/wxpay/internal/shared/beijing"
	"github.com/wxchain/wechatpay/cmd/wxpay/internal/shared/item"
	"github.com/wxchain/wechatpay/cmd/wxpay/internal/shared/lang"
	"github.com/wxchain/wechatpay/cmd/wxpay/internal/shared/read"
	"github.com/wxchain/wechatpay/cmd/wxpay/internal/shared/term"
	"github.com/wxchain/wechatpay/internal/shallow"
	"github.com/wxchain/wechatpay/internal/suggest"
	"github.com/wxchain/wechatpay/sandbox"
)

// A sample is a documented event with sample fields.
type sample struct {
	// Name is the event_type. If several notifications have the same event_type, a
	// slash and the product follow, as in TRANSACTION.SUCCESS/combine.
	Name     string `json:"event"`
	Original string `json:"original_type"`
	Summary  string `json:"summary"`
	Title    string `json:"title"` // of the official page
	// Resource has placeholders for the merchant's number and for the time.
	Resource json.RawMessage `json:"resource"`
}

// eventsFile has a sample on each line, with the official page in the key doc.
//
//go:embed events.jsonl
var eventsFile string

// samples returns the samples in alphabetical order.
func samples() (all []sample) {
	for line := range strings.Lines(eventsFile) {
		var s sample
		if err := json.Unmarshal([]byte(line), &s); err != nil {
			panic(err) // the file is a part of the program
		}
		all = append(all, s)
	}
	return all
}

// eventType returns the event_type of the event with that name.
func eventType(name string) string {
	before, _, _ := strings.Cut(name, "/")
	return before
}

// resource returns the fields for a merchant at that time.
func (s sample) resource(mchID string, now time.Time) []byte {
	at := beijing.In(now)
	return []byte(strings.NewReplacer("$MCHID", mchID, "$NOW14", at.Format("20060102150405"), "$NOW", at.Format(time.RFC3339)).Replace(string(s.Resource)))
}

// printEvents prints the events that have all words in their name or title.
func printEvents(out io.Writer, words []string) error {
	table := term.NewTable(out)
	found := false
	for _, s := range samples() {
		if s.has(words) {
			found = true
			fmt.Fprintf(table, "%s\t%s\n", s.Name, s.Title)
		}
	}
	if !found {
		return lang.Errorf("no event has %q; wxpay notify send --list lists all", term.Cut(strings.Join(words, " ")))
	}
	return table.Flush()
}

func (s sample) has(words []string) bool {
	text := strings.ToUpper(s.Name + " " + s.Title)
	for _, word := range words {
		if !strings.Contains(text, strings.ToUpper(word)) {
			return false
		}
	}
	return true
}

// newEvent creates the event that the flags name, with the fields that items
// set.
func (f sendOptions) newEvent(mchID string, items []item.Item) (sandbox.Event, error) {
	e, resource, err := f.find(mchID, time.Now())
	if err != nil {
		return sandbox.Event{}, err
	}
	documented := resource
	if f.resource != "" {
		documented = nil // the file has what it has
	}
	for _, i := range items {
		if err := checkKind(documented, i); err != nil {
			return sandbox.Event{}, err
		}
		if resource, err = setField(resource, i); err != nil {
			return sandbox.Event{}, err
		}
	}
	e.Resource = json.RawMessage(resource)
	return e, nil
}

// find returns the event that the flags name, and its resource.
func (f sendOptions) find(mchID string, now time.Time) (e sandbox.Event, resource []byte, err error) {
	for _, s := range samples() {
		if strings.EqualFold(s.Name, f.event) {
			e = sandbox.Event{Type: eventType(s.Name), OriginalType: s.Original, Summary: s.Summary}
			resource = s.resource(mchID, now)
			break
		}
	}
	switch {
	case f.resource != "":
		resource, err = readResource(f.resource)
	case resource == nil:
		return e, nil, unknownEvent(f.event)
	}
	if e.Type == "" {
		original, _, _ := strings.Cut(strings.ToLower(f.event), ".")
		e = sandbox.Event{Type: f.event, OriginalType: original, Summary: f.event}
	}
	return e, resource, err
}

func readResource(path string) ([]byte, error) {
	resource, err := read.FileOrStdin(path, os.Stdin)
	if err == nil {
		resource, err = read.JSON("--resource "+path, resource)
	}
	if err == nil && !shallow.ValidJSON(resource) {
		err = lang.Errorf("--resource %s is nested more than %d deep", path, shallow.MaxDepth)
	}
	return bytes.TrimSpace(resource), err
}

// unknownEvent is the error for a name that no sample has.
func unknownEvent(name string) error {
	meant := lang.Sprintf("wxpay notify send --list lists the events.")
	if near := nearEvents(name); len(near) > 0 {
		meant = lang.Sprintf("did you mean %s?", lang.Words(near))
	}
	return lang.Errorf("--event %q is not a documented event; %s To send it all the same, name a file with the fields: --resource", term.Cut(name), meant)
}

// nearEvents returns the event that a mistyped name was probably meant to be, or
// some that have most of its words.
func nearEvents(name string) []string {
	var names []string
	for _, s := range samples() {
		names = append(names, s.Name)
	}
	if nearest := suggest.Nearest(name, names); nearest != "" {
		return []string{nearest}
	}
	const most = 4
	words := strings.FieldsFunc(strings.ToUpper(name), func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) })
	var best []string
	least := 1
	for _, candidate := range names {
		n := 0
		for _, word := range words {
			if strings.Contains(strings.ToUpper(candidate), word) {
				n++
			}
		}
		if n > least {
			best, least = nil, n
		}
		if n == least {
			best = append(best, candidate)
		}
	}
	startsOtherwise := func(candidate string) int {
		if strings.HasPrefix(candidate, strings.ToUpper(name)) {
			return 0
		}
		return 1
	}
	slices.SortStableFunc(best, func(a, b string) int { return cmp.Compare(startsOtherwise(a), startsOtherwise(b)) })
	return best[:min(len(best), most)]
}

// checkKind reports an item that is a text where the documented field is none, or the
// other way round: a handler would fail because of it, or read zero.
func checkKind(documented []byte, i item.Item) error {
	field := gjson.GetBytes(documented, i.Name)
	isText := field.Type == gjson.String
	value := gjson.Parse(i.Value)
	switch {
	case !field.Exists() || field.Type == gjson.Null:
	case i.Kind == item.Text && !isText:
		return lang.Errorf("item %s: this field of a notification is not a text; write %s:=%s", i.Name, i.Name, term.Cut(field.Raw))
	case i.Kind == item.JSON && isText && value.Type != gjson.String && value.Type != gjson.Null:
		return lang.Errorf("item %s: this field of a notification is a text; write %s=%s", i.Name, i.Name, term.Cut(value.String()))
	}
	return nil
}

// setField sets the field that an item names.
func setField(resource []byte, i item.Item) (set []byte, err error) {
	switch i.Kind {
	case item.Text:
		set, err = sjson.SetBytes(resource, i.Name, i.Value)
	case item.JSON:
		set, err = sjson.SetRawBytes(resource, i.Name, []byte(i.Value))
	default:
		return nil, lang.Errorf("a field of a notification is name=text or name:=json; --resource names a file of fields")
	}
	if err != nil {
		return nil, lang.Errorf("item %s: %w", i.Name, err)
	}
	return set, nil
}
