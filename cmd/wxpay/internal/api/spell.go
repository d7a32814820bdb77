package api

import (
	"strconv"
	"strings"

	"github.com/wxchain/wechatpay"
	"github.com/wxchain/wechatpay/internal/naming"
	"github.com/wxchain/wechatpay/openapi"
)

// What waits for a promise, in Go and in PHP.
const waits, phpWaits = ".Wait()", "->wait()"

// A spelling is one way to write a call.
type spelling struct{ Name, Code string }

// inGo returns the call in the spellings of this library, six for most calls.
func (s sample) inGo() ([]spelling, error) {
	verb := naming.Verb(s.op.Method)
	spelled := []spelling{
		{"接口树 · tree", s.op.GoChain()},
		{"路径 · path", "client.Chain(" + strconv.Quote(s.op.Template) + ")." + verb + "(ctx)"},
	}
	if names := segments(s.op.Template); new(wechatpay.Client).Segment(names...).String() == s.op.Template { // not if it has capitals
		for i, name := range names {
			names[i] = strconv.Quote(name)
		}
		spelled = append(spelled, spelling{"分段 · segments", "client.Segment(" + strings.Join(names, ", ") + ")." + verb + "(ctx)"})
	}
	async := func(chain string) string {
		return strings.TrimSuffix(chain, "."+verb+"(ctx)") + "." + verb + "Async(ctx)" + waits
	}
	return written(spelled, async, s.goCallBy)
}

// inPHP returns the call in each of the six spellings of wechatpay-php.
func (s sample) inPHP() ([]spelling, error) {
	verb := strings.ToLower(s.op.Method)
	spelled := []spelling{
		{"属性 · properties", s.op.PHPChain()},
		{"路径 · chain", "$instance->chain(" + phpQuote(s.op.Template) + ")->" + verb + "()"},
		{"数组 · array", "$instance[" + phpQuote(s.op.Template) + "]->" + verb + "()"},
	}
	async := func(chain string) string {
		return strings.TrimSuffix(chain, "->"+verb+"()") + "->" + verb + "Async()" + phpWaits
	}
	return written(spelled, async, s.phpCallBy)
}

// written writes each spelling now and as a promise.
func written(spelled []spelling, async func(string) string, write func(string) (string, error)) ([]spelling, error) {
	var all []spelling
	for _, chain := range spelled {
		now, err := write(chain.Code)
		if err != nil {
			return nil, err
		}
		later, err := write(async(chain.Code))
		if err != nil {
			return nil, err
		}
		all = append(all, spelling{chain.Name, now}, spelling{chain.Name + "，异步 · async", later})
	}
	return all, nil
}

// segments returns the segments of a template. A slash at the end belongs to the last
// one.
func segments(template string) []string {
	path := strings.TrimSuffix(template, "/")
	names := strings.Split(path, "/")
	names[len(names)-1] += template[len(path):]
	return names
}

// slug returns the name of an operation's page.
func slug(op *openapi.Operation) string {
	name := strings.NewReplacer("{", "", "}", "", "/", "-", "?", "-", ",", "-").Replace(op.Template)
	return strings.ToLower(op.Method) + "-" + strings.ToLower(name) + ".html"
}
