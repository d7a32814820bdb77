package mcp

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"sync"

	"github.com/wxchain/wechatpay/cmd/wxpay/internal/shared/lang"
	"github.com/wxchain/wechatpay/internal/errortable"
	"github.com/wxchain/wechatpay/internal/suggest"
	"github.com/wxchain/wechatpay/openapi"
)

// An explainer explains errors.
type explainer struct {
	lang   lang.Language
	finder func() (*errortable.Finder, error) // which makes it when it is first needed
}

func newExplainer(l lang.Language) explainer {
	return explainer{l, sync.OnceValues(func() (*errortable.Finder, error) {
		chapters, err := errortable.Load()
		if err != nil {
			return nil, err
		}
		return errortable.NewFinder(chapters), nil
	})}
}

// A failure is the arguments of explain_error.
type failure struct {
	Error     string `json:"error,omitempty" jsonschema:"the text of a Go error, with everything before and after the cause; 64 KiB at most"`
	Code      string `json:"code,omitempty" jsonschema:"the code of an answer; err_code in APIv2"`
	Operation string `json:"operation,omitempty" jsonschema:"only what this operation means by the code, such as \"POST v3/refund/domestic/refunds\""`
	Cursor    string `json:"cursor,omitempty" jsonschema:"next_cursor of the page before"`
}

// A failureExplained is the answer of explain_error.
type failureExplained struct {
	World    string       `json:"world"`
	Messages []goError    `json:"messages,omitempty" jsonschema:"the messages of this library that the error has, in the order of its text"`
	Nearest  []goError    `json:"nearest,omitempty" jsonschema:"messages that share words with the error, if it has none of this library"`
	Code     string       `json:"code,omitempty"`
	Remedy   string       `json:"remedy,omitempty" jsonschema:"what to do about the code, whatever the operation"`
	Note     string       `json:"note,omitempty"`
	Total    int          `json:"total" jsonschema:"how many operations are known to answer with the code"`
	Known    []knownError `json:"known"`
	page
}

// A goError is a message of this library.
type goError struct {
	Package string `json:"package"`
	Message string `json:"message" jsonschema:"as in the code, with … for each value"`
	Part    string `json:"part,omitempty" jsonschema:"the part of the error that it is"`
	While   string `json:"while" jsonschema:"what a program does when it happens"`
	Meaning string `json:"meaning"`
	Remedy  string `json:"remedy"`
}

// maxErrorText is the length of the longest text of an error that is explained, in bytes.
const maxErrorText = 64 << 10

// mostNearest is how many messages an unknown error is compared to.
const mostNearest = 5

// explain explains the text of an error, or a code.
func (e explainer) explain(_ context.Context, in failure) (failureExplained, error) {
	text, code := strings.TrimSpace(in.Error), strings.TrimSpace(in.Code)
	switch {
	case (text == "") == (code == ""):
		return failureExplained{}, errors.New("want either error, the text of a Go error, or code, such as NOT_ENOUGH")
	case len(text) > maxErrorText:
		return failureExplained{}, fmt.Errorf("error is longer than %d bytes; leave out what is not of the error, such as a stack", maxErrorText)
	case privateKey.MatchString(text):
		return failureExplained{}, errors.New("error has a private key, which must never leave its machine: replace that key")
	case len(code) > 128:
		return failureExplained{}, errors.New("code: want a code such as NOT_ENOUGH; pass the text of an error as error")
	}
	var only *openapi.Operation
	if in.Operation != "" {
		var err error
		if only, err = findOperation(in.Operation); err != nil {
			return failureExplained{}, err
		}
	}
	out := failureExplained{World: worldCatalogue, Known: []knownError{}}
	var rows []func(*failureExplained)
	if text != "" {
		finder, err := e.finder()
		if err != nil {
			return failureExplained{}, err
		}
		var op *openapi.Operation
		if code, op = refusalIn(text); only == nil {
			only = op
		}
		rows = out.messages(e.lang, finder, text, code != "")
	}
	if code != "" {
		rows = append(rows, out.codes(e.lang, code, only)...)
	}
	return pagedRows(out, rows, in.Cursor)
}

// messages returns what adds the messages of an error. If there are none, it adds a note,
// and returns what adds the nearest ones.
func (f *failureExplained) messages(l lang.Language, finder *errortable.Finder, text string, refused bool) (rows []func(*failureExplained)) {
	for _, r := range finder.Find(text) {
		rows = append(rows, func(out *failureExplained) { out.Messages = append(out.Messages, goErrorOf(l, r)) })
	}
	if rows != nil || refused {
		return rows
	}
	f.Note = lang.Phrase("This library has no error of this text. The cause may be of another package, such as net/http: it is the last part of the error.").In(l)
	for _, r := range finder.Nearest(text, mostNearest) {
		rows = append(rows, func(out *failureExplained) { out.Nearest = append(out.Nearest, goErrorOf(l, r)) })
	}
	return rows
}

func goErrorOf(l lang.Language, r errortable.Reason) goError {
	return goError{
		Package: r.Chapter.Package, Message: r.Message, Part: cut(r.Part, maxShown), While: l.Choose(r.Chapter.Title, r.Chapter.TitleZH),
		Meaning: errortable.WithoutLinks(l.Choose(r.EN.Meaning, r.ZH.Meaning)), Remedy: errortable.WithoutLinks(l.Choose(r.EN.Remedy, r.ZH.Remedy)),
	}
}

// refusalText is how the text of a [wechatpay.Error] starts.
var refusalText = regexp.MustCompile(`wechatpay:\s+(?:([A-Z]+)\s+(/\S*):\s+)?[1-5][0-9]{2}\s+([A-Z0-9][A-Z0-9_]{2,63})\b`)

// answerText matches the code in an answer of the platform, which errors of other programs
// quote. The answers of APIv2 have an err_code.
var answerText = regexp.MustCompile(`"(?:err_)?code"\s*:\s*"([A-Z0-9_]{3,64})"|<err_code>(?:<!\[CDATA\[)?([A-Z0-9_]{3,64})\b`)

// refusalIn returns the code of the platform that the text of an error has, or "". It
// returns the operation only if that is known to answer with the code.
func refusalIn(text string) (code string, op *openapi.Operation) {
	m := refusalText.FindStringSubmatch(text)
	if m == nil {
		if m = answerText.FindStringSubmatch(text); m != nil {
			return cmp.Or(m[1], m[2]), nil
		}
		return "", nil
	}
	code, op = m[3], openapi.Match(m[1], m[2])
	if op != nil && !slices.ContainsFunc(op.Errors(), func(e openapi.ErrorCode) bool { return e.Code == code }) {
		op = nil
	}
	return code, op
}

// codes adds what to do about a code, and returns what adds each operation that is known
// to answer with it, or only the one.
func (f *failureExplained) codes(l lang.Language, code string, only *openapi.Operation) (rows []func(*failureExplained)) {
	var all []string
	for op := range openapi.Operations() {
		for _, e := range op.Errors() {
			all = append(all, e.Code)
			if strings.EqualFold(e.Code, code) && (only == nil || op == only) {
				k := knownError{op.String(), e.Status, e.Code, l.Choose(e.When, e.WhenZH), e.Page, e.Source}
				rows = append(rows, func(out *failureExplained) { out.Known = append(out.Known, k) })
			}
		}
	}
	f.Code, f.Remedy, f.Total = code, remedies[strings.ToUpper(code)].In(l), len(rows)
	if rows == nil {
		f.Note = unknownCode(code, only, all, f.Remedy).In(l)
	}
	return rows
}

// unknownCode says what is known instead of a code that no table has.
func unknownCode(code string, only *openapi.Operation, codes []string, remedy string) lang.Text {
	if strings.Contains(code, " ") {
		return lang.Phrase("no table has this code; pass the text of a Go error as error")
	}
	if only != nil {
		return lang.Sprintf("%s is not known to answer with this code; leave operation out to see which are. The tables of most operations are not known.", only)
	}
	slices.Sort(codes)
	if nearest := suggest.Nearest(code, slices.Compact(codes)); nearest != "" && remedy == "" {
		return lang.Sprintf("no table has this code; did you mean %s?", nearest)
	}
	return lang.Phrase("no table that is known has this code. The platform may answer with others: read the message of the answer.")
}
