package console

import (
	"bytes"
	"encoding/json"
	"maps"
	"net/http"
	"slices"
	"strings"

	"github.com/wxchain/wechatpay/internal/xmlmap"
	"github.com/wxchain/wechatpay/openapi"
	"github.com/wxchain/wechatpay/sandbox"
	"github.com/wxchain/wechatpay/sandbox/console/internal/page"
)

// A request is what the page of a request shows.
type request struct {
	sandbox.Exchange
	Compared                    []compared
	Headers, AnswerHeaders      []headerLine
	PrettyBody, PrettyAnswer    string
	Copies                      []copied
	Message                     string // of a refusal
	Link                        string // of the page of its operation, or ""
	IsWrong, HasCheck, Mistaken bool
}

// A headerLine is a line of a header.
type headerLine struct{ Name, Value string }

// A compared is a line of the text that was expected, beside that of the text that
// the signature fits. The middle parts differ.
type compared struct {
	Number    int
	Differs   bool
	Want, Got [3]string
}

func (c *console) showRequest(w http.ResponseWriter, r *http.Request) error {
	x, err := c.sandbox.Exchange(r.PathValue("id"))
	if err != nil {
		return &page.Error{Status: http.StatusNotFound, Text: err.Error()}
	}
	return c.site.Render(w, r, c.request, c.newRequest(x, r))
}

// newRequest returns what is shown of an exchange.
func (c *console) newRequest(x sandbox.Exchange, r *http.Request) request {
	body := withoutFiles(x, c.site.Text(page.Lang(r), "(the bytes of the file)"))
	q := request{Exchange: x, Headers: lines(x.Header), AnswerHeaders: lines(x.AnswerHeader), PrettyBody: pretty(body), PrettyAnswer: pretty(x.Answer),
		Message: messageOf(x.Answer), HasCheck: len(x.Signature.Checks) > 0}
	q.IsWrong = x.Status >= http.StatusBadRequest || x.Code != "" || x.Status == 0
	q.Mistaken = slices.ContainsFunc(x.Signature.Checks, func(s sandbox.CheckStep) bool { return s.State == "failed" })
	if x.Signature.Fits != "" {
		q.Compared = compare(x.Signature.Expected, x.Signature.Fits)
	} else if q.HasCheck {
		q.Compared = compare(x.Signature.Expected, x.Signature.Expected)
	}
	if !x.Gone {
		q.Copies = copies(x, strings.TrimSuffix(baseURL(r), "/"))
	}
	if method, template, ok := strings.Cut(x.Operation, " "); ok {
		q.Link = operationURL(openapi.Lookup(method, template))
	}
	return q
}

// lines returns a header line by line, in the order of the names.
func lines(h http.Header) (all []headerLine) {
	for _, name := range slices.Sorted(maps.Keys(h)) {
		for _, value := range h[name] {
			all = append(all, headerLine{name, value})
		}
	}
	return all
}

// pretty returns JSON with its lines indented, and other text as it is.
func pretty(text string) string {
	var b bytes.Buffer
	if json.Indent(&b, []byte(text), "", "  ") != nil {
		return text
	}
	return b.String()
}

// messageOf returns the message of a refusal, by APIv3 or APIv2.
func messageOf(answer string) string {
	if strings.HasPrefix(answer, "<xml>") {
		fields, _ := xmlmap.Decode([]byte(answer)) // or it was cut
		for _, name := range [...]string{"err_code_des", "return_msg"} {
			if text, ok := fields[name].(string); ok && text != "" {
				return text
			}
		}
		return ""
	}
	var no struct {
		Message string `json:"message"`
	}
	_ = json.Unmarshal([]byte(answer), &no) // other answers have none
	return no.Message
}

// compare lays two texts side by side, line by line.
func compare(want, got string) (all []compared) {
	a, b := strings.SplitAfter(want, "\n"), strings.SplitAfter(got, "\n")
	for i := range max(len(a), len(b)) {
		l, m := at(a, i), at(b, i)
		if l == "" && m == "" {
			continue
		}
		c := compared{Number: i + 1, Differs: l != m}
		c.Want, c.Got = parts(l, m)
		all = append(all, c)
	}
	return all
}

func at(lines []string, i int) string {
	if i >= len(lines) {
		return ""
	}
	return lines[i]
}

// parts cuts two lines into what they begin with alike, where they differ, and what
// they end with alike.
func parts(a, b string) (x, y [3]string) {
	from, to := []rune(a), []rune(b)
	start := 0
	for start < min(len(from), len(to)) && from[start] == to[start] {
		start++
	}
	end := 0
	for end < min(len(from), len(to))-start && from[len(from)-1-end] == to[len(to)-1-end] {
		end++
	}
	cut := func(r []rune) [3]string {
		return [3]string{visible(r[:start]), visible(r[start : len(r)-end]), visible(r[len(r)-end:])}
	}
	return cut(from), cut(to)
}

// visible shows the end of a line.
func visible(r []rune) string {
	return page.Printable(strings.NewReplacer("\n", "↵", "\t", "⇥").Replace(string(r)))
}
