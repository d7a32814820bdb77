package explain

import (
	"strconv"
	"strings"

	"github.com/wxchain/wechatpay"
	"github.com/wxchain/wechatpay/internal/naming"
)

// What waits for a promise, in Go and in PHP.
const waits, phpWaits = ".Wait()", "->wait()"

// A Spelling is one way to write a call.
type Spelling struct {
	ID   string // of its element on a page
	Name Text
	Code string
}

// inGo returns the call in the spellings of this library, six for most calls.
func (s Sample) inGo() ([]Spelling, error) {
	verb := naming.Verb(s.op.Method)
	spelled := []Spelling{
		{Name: Text{"接口树", "tree"}, Code: s.op.GoChain()},
		{Name: Text{"路径", "path"}, Code: "client.Chain(" + strconv.Quote(s.op.Template) + ")." + verb + "(ctx)"},
	}
	if names := segments(s.op.Template); new(wechatpay.Client).Segment(names...).String() == s.op.Template { // not if it has capitals
		for i, name := range names {
			names[i] = strconv.Quote(name)
		}
		spelled = append(spelled, Spelling{Name: Text{"分段", "segments"}, Code: "client.Segment(" + strings.Join(names, ", ") + ")." + verb + "(ctx)"})
	}
	async := func(chain string) string {
		return strings.TrimSuffix(chain, "."+verb+"(ctx)") + "." + verb + "Async(ctx)" + waits
	}
	return written(spelled, async, s.goCallBy)
}

// inPHP returns the call in each of the six spellings of wechatpay-php.
func (s Sample) inPHP() ([]Spelling, error) {
	verb := strings.ToLower(s.op.Method)
	spelled := []Spelling{
		{Name: Text{"属性", "properties"}, Code: s.op.PHPChain()},
		{Name: Text{"路径", "chain"}, Code: "$instance->chain(" + phpQuote(s.op.Template) + ")->" + verb + "()"},
		{Name: Text{"数组", "array"}, Code: "$instance[" + phpQuote(s.op.Template) + "]->" + verb + "()"},
	}
	async := func(chain string) string {
		return strings.TrimSuffix(chain, "->"+verb+"()") + "->" + verb + "Async()" + phpWaits
	}
	return written(spelled, async, s.phpCallBy)
}

// written writes each spelling now and as a promise.
func written(spelled []Spelling, async func(string) string, write func(string) (string, error)) ([]Spelling, error) {
	var all []Spelling
	for _, chain := range spelled {
		now, err := write(chain.Code)
		if err != nil {
			return nil, err
		}
		later, err := write(async(chain.Code))
		if err != nil {
			return nil, err
		}
		all = append(all, Spelling{Name: chain.Name, Code: now},
			Spelling{Name: Text{chain.Name.ZH + "，异步", chain.Name.EN + ", async"}, Code: later})
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
