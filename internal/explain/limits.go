package explain

import (
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/wxchain/wechatpay/openapi"
)

// Repetition says what a second request of an operation does, and where that is
// documented. It is empty for a GET.
func Repetition(op *openapi.Operation) Text {
	r := op.Repeat
	if op.Method == http.MethodGet {
		return Text{}
	}
	said := repetition(r.Class)
	add := func(zh, en string, args ...any) {
		said = Text{said.ZH + fmt.Sprintf(zh, args...), said.EN + " " + fmt.Sprintf(en, args...)}
	}
	if r.Number != "" {
		add("平台以 %s 识别请求（位于 %s）。", "The platform knows a request by %s in the %s.", r.Number, r.Where)
	}
	if remembered := Memory(r); remembered.EN != "" {
		said = Text{said.ZH + "平台" + remembered.ZH + "记得这个单号。", said.EN + " It remembers the number " + remembered.EN + "."}
	}
	if r.Interval > 0 {
		span := span(r.Interval)
		said = Text{said.ZH + "同一单号的两次请求至少间隔 " + span.ZH + "。", said.EN + " Leave at least " + span.EN + " between two requests with one number."}
	}
	if r.Apart > 0 {
		span := span(r.Apart)
		said = Text{said.ZH + "同一订单的两次调用至少间隔 " + span.ZH + "。", said.EN + " Leave at least " + span.EN + " between two calls for one order."}
	}
	if r.Query != "" {
		add("用 %s 查询结果。", "Query with %s.", r.Query)
	}
	source := Text{r.Page, r.Page}
	if r.Basis != "documented" {
		zh := map[string]string{"by-nature": "按接口性质判断", "by-name": "按接口名称判断"}[r.Basis]
		source = Text{strings.TrimSpace("文档未说明，" + zh + " " + r.Page), strings.TrimSpace("not documented: judged " + strings.ReplaceAll(r.Basis, "-", " ") + " " + r.Page)}
	}
	return Text{said.ZH + "（" + source.ZH + "）", said.EN + " (" + source.EN + ")"}
}

// repetition says what a second request with the same bytes does.
func repetition(c openapi.RepeatClass) Text {
	switch c {
	case openapi.RepeatSameResult:
		return Text{"只执行一次，重复请求得到相同结果。", "It is done once; a second request gives the same result."}
	case openapi.RepeatErrorSaysDone:
		return Text{"只执行一次，重复请求会被拒绝，这可能说明第一次已经成功。", "It is done once; a second request is refused, which may mean that the first was done."}
	case openapi.RepeatHarmless:
		return Text{"重复请求无害。", "A second request does no harm."}
	case openapi.RepeatSecondEffect:
		return Text{"重复请求会再执行一次。", "A second request is done a second time."}
	}
	return Text{"文档没有说明重复请求的结果。", "What a second request does is not documented."}
}

// Memory says how long the platform remembers a number. It is empty if r does not say.
func Memory(r openapi.Repeat) Text {
	switch {
	case r.Days == 1:
		return Text{"当天内（北京时间）", "on the same day, in China's time"}
	case r.Days > 1:
		return Text{fmt.Sprintf("在 %d 个自然日内（北京时间）", r.Days), fmt.Sprintf("for %d calendar days, in China's time", r.Days)}
	case r.Window > 0:
		span := span(r.Window)
		return Text{"在 " + span.ZH + "内", "for " + span.EN}
	}
	return Text{}
}

// span returns a duration in whole days, hours, minutes or seconds.
func span(d time.Duration) Text {
	for _, unit := range []struct {
		of   time.Duration
		name Text
	}{{24 * time.Hour, Text{"天", "day"}}, {time.Hour, Text{"小时", "hour"}}, {time.Minute, Text{"分钟", "minute"}}, {time.Second, Text{"秒", "second"}}} {
		n := d / unit.of
		if d%unit.of != 0 || n == 0 {
			continue
		}
		said := Text{fmt.Sprintf("%d %s", n, unit.name.ZH), fmt.Sprintf("%d %s", n, unit.name.EN)}
		if n > 1 {
			said.EN += "s"
		}
		return said
	}
	return Text{d.String(), d.String()}
}

// shares are the Chinese names of those whose requests count together.
var shares = map[string]string{
	"merchant": "商户", "provider": "服务商或机构", "caller": "调用方", "platform": "电商平台", "receiving merchant": "收款商户", "sharing merchant": "分账商户",
	"order": "订单", "number": "商户单号", "ip": "IP",
}

// only are the Chinese names of the requests that count.
var only = map[string]string{"requests that fail": "失败的请求", "orders older than a month": "一个月以前的订单", "several refunds of one order": "同一订单的多次退款"}

// notes are the further facts of limits in Chinese.
var notes = map[string]string{
	"default":                               "默认值",
	"FAQ":                                   "常见问题",
	"page of 2020":                          "2020 年的文档",
	"page of 2021":                          "2021 年的文档",
	"page of 2025-08":                       "2025 年 8 月的文档",
	"page of 2025-11":                       "2025 年 11 月的文档",
	"page for providers":                    "服务商文档",
	"page of the cloud SDK":                 "云开发 SDK 的文档",
	"FAQ of the platform's community":       "微信支付开发者社区的常见问题",
	"one mch_billno, at most once a second": "同一 mch_billno 每秒最多一次",
	"one partner_trade_no, at most once a second":                                   "同一 partner_trade_no 每秒最多一次",
	"overseas documentation; names the API, not the path":                           "境外文档，只写了接口名称，没有写路径",
	"the page does not say per whom; above it FREQUENCY_LIMITED or INVALID_REQUEST": "文档没有说明按谁计，超过时返回 FREQUENCY_LIMITED 或 INVALID_REQUEST",
}

// Limits says how often an operation may be called, and where each limit is documented.
func Limits(op *openapi.Operation) []Text {
	var all []Text
	for _, l := range op.RateLimits() {
		all = append(all, limit(l))
	}
	return all
}

func limit(l openapi.RateLimit) Text {
	what := "requests"
	if l.Requests == 1 {
		what = "request"
	}
	within := span(l.Within)
	said := Text{fmt.Sprintf("每 %s %d 次", within.ZH, l.Requests), fmt.Sprintf("%d %s in %s", l.Requests, what, within.EN)}
	switch l.Per {
	case "api":
	case "all merchants":
		said = Text{said.ZH + "，所有商户合计", said.EN + ", of all merchants together"}
	default:
		said = Text{said.ZH + "，按每个" + inChinese(shares, l.Per) + "计", said.EN + ", for each " + l.Per}
	}
	if l.Only != "" {
		said = Text{said.ZH + "，只计" + inChinese(only, l.Only), said.EN + ", counting only " + l.Only}
	}
	source := Text{strings.TrimPrefix(inChinese(notes, l.Note)+"；"+l.Page, "；"), strings.TrimPrefix(l.Note+"; "+l.Page, "; ")}
	return Text{said.ZH + "（" + source.ZH + "）", said.EN + " (" + source.EN + ")"}
}

// inChinese returns the Chinese name of a word, or the word.
func inChinese(names map[string]string, word string) string {
	if zh, ok := names[word]; ok {
		return zh
	}
	return word
}
