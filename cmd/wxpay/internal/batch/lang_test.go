package batch

import (
	"bytes"
	"errors"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/wxchain/wechatpay/cmd/wxpay/internal/shared/exit"
	"github.com/wxchain/wechatpay/cmd/wxpay/internal/shared/fleet"
	"github.com/wxchain/wechatpay/cmd/wxpay/internal/shared/lang"
	"github.com/wxchain/wechatpay/cmd/wxpay/internal/shared/settings"
)

// A batch sums up in the language that --lang chooses. The results are the same.
func TestBatchInChinese(t *testing.T) {
	w := newWorld(t)
	w.orders(3)
	if stdout, stderr := w.batch(exit.OK, orderPath, "--lang", "zh"); stderr != "" ||
		!regexp.MustCompile(`^行数      3\n已完成    3\n本次运行  3 次，用时 \S+，每秒 \d+ 次\n$`).MatchString(stdout) {
		t.Errorf("stdout %q, stderr %q", stdout, stderr)
	}
	if stdout, stderr := w.batch(exit.OK, orderPath, "--lang", "en"); stdout != "lines  3\ndone   3\n" || stderr != "" {
		t.Errorf("stdout %q, stderr %q", stdout, stderr)
	}
}

// The summary has a row for each label, and says what to do.
func TestSummaryLanguages(t *testing.T) {
	t.Parallel()
	c := newTally(30)
	for kind, n := range map[errorKind]int{networkKind: 1, verifyKind: 2, notSentKind: 3, unknownKind: 4} {
		for range n {
			c.add(result{Error: &lineError{Kind: kind}, Again: kind == networkKind})
		}
	}
	c.add(result{Status: 202, Again: true})
	c.add(result{Status: 400, Error: &lineError{Kind: refusedKind, Code: "PARAM_ERROR"}})
	c.add(result{Status: 200})
	c.sent = 6
	for name, test := range map[string]struct {
		in   lang.Language
		want string
	}{
		"English": {lang.Language{}, `lines                   30
done                    1
202 accepted, not done  1
400 PARAM_ERROR         1
network                 1
not sent                3
unknown                 4
verification            2
not sent yet            17
in this run             6 in 2s, 3 a second
19 lines are still to be done: run the same command again. What is done is not sent again.
4 calls may have been done or not: look them up, as their results say; a line whose result is deleted is sent again.
`},
		"Chinese": {lang.Chinese(), `行数                30
已完成              1
202 已受理，未完成  1
400 PARAM_ERROR     1
没有应答            1
没有发送            3
结果未知            4
验签失败            2
尚未发送            17
本次运行            6 次，用时 2s，每秒 3 次
还有 19 行没有完成：请再运行一次同样的命令，已完成的行不会再次发送。
有 4 个调用可能已经成功，也可能没有：请按结果中的说明查询。
删除某一行的结果后，会再次发送这一行。
`},
	} {
		var b strings.Builder
		if err := errors.Join(c.print(test.in, &b, 2*time.Second), c.hint(test.in, &b)); err != nil || b.String() != test.want {
			t.Errorf("%s: %v, printed\n%swant\n%s", name, err, &b, test.want)
		}
	}
}

// What wxpay batch status prints.
func TestStatusLanguages(t *testing.T) {
	t.Parallel()
	q := &fleet.Batch{Manifest: fleet.Manifest{ID: "5f0c954a2b1de913", Method: "POST", Path: "v3/refund/domestic/refunds",
		MchID: "1900000109", Host: "api.mch.weixin.qq.com", Lines: 30, Rate: 2.5}}
	status := fleet.Status{Published: 20, Results: 10, Taken: 4, Waiting: 6, Replicas: 3}
	for name, test := range map[string]struct {
		in   lang.Language
		want string
	}{
		"English": {lang.Language{}, `batch       5f0c954a2b1de913
call        POST v3/refund/domestic/refunds
merchant    1900000109
host        api.mch.weixin.qq.com
state       incomplete
lines       30
published   20
results     10
handed out  4
waiting     6
rate        2.5 a second
replicas    3
`},
		"Chinese": {lang.Chinese(), `批次      5f0c954a2b1de913
调用      POST v3/refund/domestic/refunds
商户      1900000109
域名      api.mch.weixin.qq.com
状态      未发布完
行数      30
已发布    20
结果数    10
已领取    4
等待中    6
速率上限  每秒 2.5 次
副本数    3
`},
	} {
		var b strings.Builder
		if err := writeStatus(test.in, &b, q, status); err != nil || b.String() != test.want {
			t.Errorf("%s: %v, printed\n%swant\n%s", name, err, &b, test.want)
		}
	}
}

// A worker says what it does, and the cause of a pause, in its language.
func TestWorkerLanguages(t *testing.T) {
	t.Parallel()
	q := &fleet.Batch{Manifest: fleet.Manifest{ID: "5f0c", MchID: "1900000109", Host: "127.0.0.1:1"}}
	cause := lang.Errorf("line %d: %w", 7, errors.New("EOF"))
	for name, test := range map[string]struct {
		in   lang.Language
		want string
	}{
		"English": {lang.Language{}, `wxpay work: batch 5f0c: line 7: EOF; this worker tries again in 30s
wxpay work: batch 5f0c: it was removed from the NATS servers; publish its file again, or stop it with wxpay batch cancel 5f0c
wxpay work: batch 5f0c is of merchant 1900000109, which this worker has no keys for; it takes none of its lines
wxpay work: batch 5f0c calls 127.0.0.1:1, and the settings of this worker call api.mch.weixin.qq.com; it takes none of its lines
`},
		"Chinese": {lang.Chinese(), `wxpay work: 批次 5f0c：第 7 行：EOF；本 worker 将在 30s 后重试
wxpay work: 批次 5f0c：已从 NATS 服务器上删除；请重新发布它的文件，或执行 wxpay batch cancel 5f0c 停止它
wxpay work: 批次 5f0c 属于商户 1900000109，本 worker 没有它的密钥，不领取其中的行
wxpay work: 批次 5f0c 调用 127.0.0.1:1，而本 worker 的配置调用 api.mch.weixin.qq.com，不领取其中的行
`},
	} {
		var b bytes.Buffer
		w := &worker{lang: test.in, notes: &b}
		w.report(q, cause, 30*time.Second)
		w.report(q, fleet.ErrRemoved, 30*time.Second)
		for _, merchants := range [][]settings.Settings{nil, {{MchID: "1900000109"}}} {
			w.merchants = merchants
			if h, err := w.accept(t.Context(), q, nil); h != nil || err != nil {
				t.Errorf("%s: %v", name, err)
			}
		}
		if b.String() != test.want {
			t.Errorf("%s: it says\n%swant\n%s", name, &b, test.want)
		}
	}
}
