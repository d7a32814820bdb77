// Package meaning says in Chinese what errors of this library mean. The errors themselves
// are in English, so that people and programs can search for them.
package meaning

import (
	"errors"
	"slices"
	"sync"

	"github.com/wxchain/wechatpay"
	"github.com/wxchain/wechatpay/cmd/wxpay/internal/shared/lang"
	"github.com/wxchain/wechatpay/internal/errortable"
	"github.com/wxchain/wechatpay/openapi"
)

// most is how many messages of an error are explained.
const most = 3

var finder = sync.OnceValue(func() *errortable.Finder {
	chapters, err := errortable.Load()
	if err != nil {
		panic(err) // the table is a part of the program
	}
	return errortable.NewFinder(chapters)
})

// Of returns what the messages of this library mean in an error as the language says it,
// and what to do. There are none in English, and for errors of others.
func Of(l lang.Language, said string) (all []errortable.Text) {
	if l.Choose("", "zh") == "" {
		return nil
	}
	found := finder().Find(said)
	causes := slices.DeleteFunc(slices.Clone(found), isKind)
	if len(causes) == 0 {
		causes = found
	}
	causes = slices.CompactFunc(causes, isOfSamePart)
	for _, reason := range causes[:min(len(causes), most)] {
		all = append(all, errortable.Text{Meaning: errortable.WithoutLinks(reason.ZH.Meaning), Remedy: errortable.WithoutLinks(reason.ZH.Remedy)})
	}
	return all
}

// Refused returns what the platform's code of a refused call is documented to mean, or "".
func Refused(l lang.Language, err error) string {
	refused := (*wechatpay.Error)(nil)
	if l.Choose("", "zh") == "" || !errors.As(err, &refused) || refused.Response == nil || refused.Response.Request == nil {
		return ""
	}
	req := refused.Response.Request
	op := openapi.Match(req.Method, req.URL.EscapedPath())
	if op == nil {
		return ""
	}
	for _, known := range op.Errors() {
		if known.Code == refused.Code && (known.Status == 0 || known.Status == refused.StatusCode) {
			return known.WhenZH
		}
	}
	return ""
}

// isOfSamePart reports whether two packages say the same part of the text. The first one is
// explained: a client or what it is made of comes before its uses in the table.
func isOfSamePart(a, b errortable.Reason) bool { return a.Part != "" && a.Part == b.Part }

// isKind reports whether a reason only says of which kind an error is. Another reason then
// says what the cause is.
func isKind(r errortable.Reason) bool { return len(r.Says) > 0 }
