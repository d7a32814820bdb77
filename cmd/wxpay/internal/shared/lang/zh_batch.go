package lang

// batchTexts are what wxpay batch and wxpay work print besides errors.
func batchTexts() map[string]string {
	return map[string]string{
		// Progress.
		"checking":       "检查",
		"sending":        "发送",
		"publishing":     "发布",
		"in the workers": "worker 处理",
		"writing %s":     "写入 %s",
		"calls":          "次",
		"lines":          "行",
		"results":        "条",
		"%s, %d failed":  "%s，%d 个失败",

		// The summary.
		"lines\t%d\n":                            "行数\t%d\n",
		"done\t%d\n":                             "已完成\t%d\n",
		"202 accepted, not done":                 "202 已受理，未完成",
		"network":                                "没有应答",
		"verification":                           "验签失败",
		"unknown":                                "结果未知",
		"not sent yet\t%d\n":                     "尚未发送\t%d\n",
		"in this run\t%d in %v, %.0f a second\n": "本次运行\t%d 次，用时 %v，每秒 %.0f 次\n",
		"%d lines are still to be done: run the same command again. What is done is not sent again.\n":                            "还有 %d 行没有完成：请再运行一次同样的命令，已完成的行不会再次发送。\n",
		"%d calls may have been done or not: look them up, as their results say; a line whose result is deleted is sent again.\n": "有 %d 个调用可能已经成功，也可能没有：请按结果中的说明查询。\n删除某一行的结果后，会再次发送这一行。\n",
		"%d calls may have been done or not: look them up, as their results say.\n":                                               "有 %d 个调用可能已经成功，也可能没有：请按结果中的说明查询。\n",
		"\nthe calls that are under way end first; ctrl-C again ends at once\n":                                                   "\n正在等待进行中的调用完成；再按一次 ctrl-C 立即结束\n",

		// Batches on NATS.
		"batch %s: %d lines are published; workers (wxpay work) make the calls\n":                                 "批次 %s：已发布 %d 行，由 worker（wxpay work）发起调用\n",
		"the workers go on; run the same command again to follow them, or stop them with wxpay batch cancel %s\n": "worker 仍在运行；再运行一次同样的命令可以继续跟踪，\n用 wxpay batch cancel %s 停止\n",
		"there are no batches\n":            "没有批次\n",
		"ID\tSTATE\tRESULTS\tLINES\tCALL\n": "ID\t状态\t结果数\t行数\t调用\n",
		"done":                              "已完成",
		"cancelled":                         "已停止",
		"incomplete":                        "未发布完",
		"removed":                           "已删除",
		"open":                              "进行中",
		"batch\t%s\n":                       "批次\t%s\n",
		"call\t%s %s\n":                     "调用\t%s %s\n",
		"merchant\t%s\n":                    "商户\t%s\n",
		"host\t%s\n":                        "域名\t%s\n",
		"state\t%s\n":                       "状态\t%s\n",
		"published\t%d\n":                   "已发布\t%d\n",
		"results\t%d\n":                     "结果数\t%d\n",
		"handed out\t%d\n":                  "已领取\t%d\n",
		"waiting\t%d\n":                     "等待中\t%d\n",
		"rate\t%.4g a second\n":             "速率上限\t每秒 %.4g 次\n",
		"replicas\t%d\n":                    "副本数\t%d\n",

		"no result yet\t%d\n": "尚无结果\t%d\n",
		"%d lines have no result, because the batch was cancelled; run the wxpay batch command that published it again to continue it\n":                                                                        "批次已停止，有 %d 行没有结果；再运行一次发布该批次的 wxpay batch 命令即可继续\n",
		"%d lines have no result yet, and %d of them are not published; run the wxpay batch command that publishes them again\n":                                                                                "还有 %d 行没有结果，其中 %d 行尚未发布；\n请再运行一次发布该批次的 wxpay batch 命令\n",
		"%d lines have no result yet; the workers (wxpay work) go on with them. wxpay batch status %s shows how far they are; the same wxpay batch results writes the results anew, or give it another --out\n": "还有 %d 行没有结果，worker（wxpay work）会继续处理。查看进度：\nwxpay batch status %s。之后再运行一次同样的 wxpay batch results，\n就会写出最新的结果；也可以用 --out 指定另一个文件\n",
		"%d lines failed for now, or were only accepted (202); run the wxpay batch command that published them again to send them again\n":                                                                      "有 %d 行暂时失败，或已受理但未完成（202）；\n再运行一次发布该批次的 wxpay batch 命令，会再次发送这些行\n",

		// A worker.
		"waiting for the lines of batches":                                               "正在等待批次",
		"%d lines have a result of this worker, %d of them an error":                     "本 worker 处理了 %d 行，其中 %d 行出错",
		"batch %s: %v; this worker tries again in %v":                                    "批次 %s：%v；本 worker 将在 %v 后重试",
		"batch %s: %v; publish its file again, or stop it with wxpay batch cancel %s":    "批次 %s：%v；请重新发布它的文件，或执行 wxpay batch cancel %s 停止它",
		"batch %s is cancelled; its streams were removed from the NATS servers before\n": "批次 %s 已取消；此前它的 stream 已从 NATS 服务器上删除\n",
		"%d lines have no result, because somebody removed it from the NATS servers; query them, and write those that are not done into a new file\n":                                                       "有 %d 行没有结果，因为结果已被人从 NATS 服务器上删除；\n请逐一查询，把未完成的行写入新文件\n",
		"batch %s: somebody removed %d lines from the NATS servers; run the same command again to publish them":                                                                                             "批次 %s：有人从 NATS 服务器上删除了 %d 行；请再次运行同一命令重新发布",
		"batch %s: somebody removed %d results from the NATS servers; wxpay batch results %s writes the others; query the lines that are not among them, and write those that are not done into a new file": "批次 %s：有人从 NATS 服务器上删除了 %d 个结果；其余的结果用 wxpay batch results %s 写出；请查询不在其中的行，把未完成的行写入新文件",
		"batch %s has no consumer: %w": "批次 %s 没有 consumer：%w",
		"the bucket of batches was removed from the NATS servers; to go on with a batch, run the wxpay batch command that published it again": "NATS 服务器上的批次列表已被删除；要继续某个批次，请再次运行发布它的 wxpay batch 命令",
		"batch %s was removed from the list of batches while this command followed it; run the command again to publish it again":             "本命令跟踪期间，批次 %s 被从批次列表中删除；请再次运行该命令，重新发布",
		"batch %s is of merchant %s, which this worker has no keys for; it takes none of its lines":                                           "批次 %s 属于商户 %s，本 worker 没有它的密钥，不领取其中的行",
		"%v; this worker takes none of its lines":                                                "%v，本 worker 不领取其中的行",
		"batch %s calls %s, and the settings of this worker call %s; it takes none of its lines": "批次 %s 调用 %s，而本 worker 的配置调用 %s，不领取其中的行",
		"batch %s: %s %s, %d lines":                                                              "批次 %s：%s %s，共 %d 行",
	}
}

// batchHelp is the help of wxpay batch and wxpay work.
func batchHelp() map[string]string {
	return map[string]string{
		"Make the same call for each line of a file": "对文件的每一行发起同一个调用",
		`batch makes the same call for each line of a file, and writes one line of results
for each. The file may have any length: ten million lines take no more memory
than ten.`: `batch 对文件的每一行发起同一个调用，并为每一行写一条结果。文件长度不限：一千万
行与十行占用的内存相同。`,
		`--in is a .jsonl file, with a JSON object on each line, or a .csv file, whose
first row has the names of the columns. A name is a variable of the path, a
parameter of the query or a field of the body, as in the documentation of the
operation; amount.total is total in amount. The name of a column may end in :=
for values that are JSON, or in == for the query. Empty cells are left out. The
values of a column have the type that the documentation gives the field: a column
out_trade_no is text, and amount.total is a number.`: `--in 是 .jsonl 文件，每行一个 JSON 对象；或 .csv 文件，第一行是列名。名称是路
径变量、查询参数还是请求体字段，由接口文档决定；amount.total 是 amount 中的
total。列名可以以 := 结尾，表示值是 JSON；以 == 结尾，表示查询参数。空单元格表
示不填。列的类型由文档决定：out_trade_no 列是文本，amount.total 列是数字。`,
		`batch checks the whole file before it sends the first call. If a line cannot be
sent, for example because a field is missing, batch sends nothing.`: `batch 在第一次调用之前检查整个文件。只要有一行不能发送，例如缺少字段，batch 就
什么也不发送。`,
		`--out receives a JSON object for each line: the line number as line, and the
status and the body of the answer, or an error. Calls end in any order. If the
network fails, or the platform answers 429, 500, 502, 503 or 504, batch repeats
the call after a pause with the same merchant's number, such as out_request_no.
The platform does a call with the same number only once, so two lines with one
number take effect only once, too. Refunds of one order are sent a minute apart.
The first call is made alone; if a key is wrong, the batch stops after it.`: `--out 为每一行写一个 JSON 对象：行号 line，应答的状态码和应答体，或者错误。调
用完成的顺序不固定。网络故障，或平台应答 429、500、502、503、504 时，batch 稍
后用同样的商户单号（如 out_request_no）重试。同一单号平台只执行一次，所以两行
单号相同时也只生效一次。同一订单的退款间隔一分钟发送。第一个调用单独执行；密钥
有误时，batch 随即停止。`,
		`If the batch stops early, because of ctrl-C, a crash or repeated failures, run the
same command again: it continues where it stopped. It sends lines with a temporary
error again, and lines that were accepted but not done (202). It sends no other
line again unless you delete its result. If a call may have been done and a second
request might repeat it, its result is unknown and says what to query. "wxpay api
show" says what a second request does.`: `如果 batch 因 ctrl-C、崩溃或连续失败而提前停止，再运行一次同样的命令，就会从停
止处继续。暂时性错误的行，以及已受理但未完成（202）的行会再次发送。其他行不会
再次发送，除非你删除它的结果。如果调用可能已经成功，而重复请求可能会再执行一
次，结果就是 unknown，并说明要查询什么。重复请求的效果见 wxpay api show。`,
		`The file RESULTS.jsonl.run next to the results records what the results belong to.
Keep it until the batch is done.`: "结果旁边的文件 RESULTS.jsonl.run 记录结果属于哪个批次。批次完成之前请保留它。",
		`With --nats, batch makes no calls itself. It publishes the lines to NATS
JetStream, where the workers (wxpay work) of any number of machines take them, and
writes the results when all lines have one. Run the same command again to follow
the batch from here or from another machine: lines are published once. --rate is
then the limit of all workers together, and --replicas the number of servers that
keep the lines and results. The subcommands status, results and cancel show a
batch, write the results that it has, and stop it. The lines are published as they
are; keys and secrets of the merchant are not.`: `加上 --nats 时，batch 自己不发起调用。它把各行发布到 NATS JetStream，由任意多
台机器上的 worker（wxpay work）领取，所有行都有结果后写出结果。再运行一次同样
的命令，可以在本机或另一台机器上继续跟踪：各行只发布一次。这时 --rate 是所有
worker 合计的上限，--replicas 是保存各行和结果的服务器数。子命令 status、
results 和 cancel 用来查看批次、写出已有的结果和停止批次。各行的内容原样发布；
商户的密钥不会发布。`,
		`--nats has the URLs of NATS servers, such as nats://10.0.0.1:4222 or
tls://nats.example.com; separate several with commas. To log in, use a credentials
file (--nats-creds or NATS_CREDS), an NKey (--nats-nkey or NATS_NKEY), or
NATS_USER with NATS_PASSWORD, or NATS_TOKEN. For TLS with your own certificates,
use --nats-ca, --nats-cert and --nats-key, or NATS_CA, NATS_CERT and NATS_KEY.`: `--nats 是 NATS 服务器的 URL，例如 nats://10.0.0.1:4222 或
tls://nats.example.com；多个 URL 用逗号分隔。登录方式：凭证文件（--nats-creds
或 NATS_CREDS）、NKey（--nats-nkey 或 NATS_NKEY）、NATS_USER 加 NATS_PASSWORD，
或 NATS_TOKEN。使用自己的 TLS 证书时，设置 --nats-ca、--nats-cert 和
--nats-key，或 NATS_CA、NATS_CERT 和 NATS_KEY。`,
		`Exit codes: 0 all lines are done, 1 the platform refused some (or the batch was
interrupted), 2 usage, configuration or input: nothing was sent, 3 some had no
answer, 4 some answers could not be verified. A missing answer takes precedence
over a refusal.`: `退出码：0 所有行都已完成，1 有的行被平台拒绝（或批次被中断），2 用法、配置或输
入有误，没有发送任何请求，3 有的行没有应答，4 有的应答验签失败。没有应答优先于
被拒绝。`,
		"maximum number of calls at the same time":                                    "同时进行的调用的最大数量",
		"file with a call on each line, .jsonl or .csv":                               "每行一个调用的文件，.jsonl 或 .csv",
		"URLs of NATS servers with JetStream, such as nats://10.0.0.1:4222":           "启用 JetStream 的 NATS 服务器的 URL，例如 nats://10.0.0.1:4222",
		"path of the CA certificates that the servers' certificates are checked with": "用来验证服务器证书的 CA 证书的路径",
		"path of the client certificate for NATS":                                     "NATS 客户端证书的路径",
		"path of the NATS credentials file":                                           "NATS 凭证文件的路径",
		"path of the key of --nats-cert":                                              "--nats-cert 的私钥的路径",
		"path of the file with the NKey seed":                                         "存放 NKey 种子的文件的路径",
		"send calls even if they do not fit the documentation":                        "不符合文档的调用也发送",
		"file for the results, JSON lines; if it exists, the batch continues from it": "结果文件，每行一个 JSON；文件已存在时从中继续",
		"maximum rate of calls, such as 100/s, 6000/m or 50000/h (default no limit)":  "调用的最大速率，例如 100/s、6000/m 或 50000/h（默认不限）",
		"with --nats: servers that keep the batch (default 3 in a cluster)":           "与 --nats 一起使用：保存批次的服务器数（集群中默认 3）",
		"how often a call with a temporary error is repeated":                         "暂时性错误的重试次数",

		"Stop a batch on NATS": "停止 NATS 上的批次",
		`cancel tells the workers to begin no more lines of the batch. The calls under way
end, and their results are kept. The command that published the batch continues
it.`: `cancel 通知各 worker 不再开始该批次的新行。正在进行的调用会完成，结果会保留。
再运行一次发布该批次的命令即可继续。`,

		"Write the results that a batch on NATS has": "写出 NATS 上的批次已有的结果",
		`results writes the results that the batch has now, and sums them up. The batch may
go on. The exit code is that of wxpay batch.`: `results 写出批次目前已有的结果，并汇总。批次可能仍在进行。退出码与 wxpay batch
相同。`,
		"file for the results, JSON lines; the results of an earlier call are replaced": "结果文件，每行一个 JSON；之前写出的结果会被取代",

		"Show how far batches on NATS are": "查看 NATS 上批次的进度",
		`status shows how many lines of a batch have a result, how many are handed out to
workers, and how many wait. Without an ID it lists all batches.`: `status 显示批次有多少行已有结果，多少行已分给 worker，多少行在等待。不给 ID 时
列出所有批次。`,

		"Make the calls of batches that come over NATS": "执行来自 NATS 的批次中的调用",
		`work takes the lines that wxpay batch --nats has published, makes their calls, and
stores the results on the NATS servers. Start it on as many machines as you like,
at any time. It works on all batches of the merchants that its settings have keys
for, and leaves other batches to others. Calls are retried, spaced and recorded as
wxpay batch does.`: `work 领取 wxpay batch --nats 发布的各行，发起调用，并把结果存入 NATS 服务器。
可以随时在任意多台机器上启动。它处理自己配置了密钥的商户的所有批次，其他批次留
给别的 worker。重试、间隔和记录的方式与 wxpay batch 相同。`,
		`If a worker dies, its lines go to another worker, which sends them again under the
same merchant's number. A line without such a number is recorded on the servers
before it is sent. If its worker dies then, its result is unknown, and nobody
sends it again.`: `如果一个 worker 终止，它的行会转给另一个 worker，用同样的商户单号再次发送。没
有单号的行在发送之前先记录到服务器；如果这时 worker 终止，结果就是 unknown，不
会再次发送。`,
		`If the calls of a batch fail one after the other, for example because the network
or a key is at fault, the worker leaves the batch for half a minute, and then
tries one call. ctrl-C or SIGTERM ends the worker after the calls under way; it
gives back the lines that it has not begun.`: `如果一个批次的调用接连失败，例如网络或密钥有问题，worker 会离开这个批次半分
钟，然后先试一个调用。按 ctrl-C 或收到 SIGTERM 时，worker 完成正在进行的调用后
结束，并交还尚未开始的行。`,
		`A worker lets other programs on the machine go first, such as the NATS servers: its
priority becomes 10, unless you start it with another by nice.`: `worker 让同一台机器上的其他程序优先，例如 NATS 服务器：它把自己的 nice 值设为
10；如果你用 nice 指定了别的值，则不变。`,
	}
}
