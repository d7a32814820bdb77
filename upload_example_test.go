package wechatpay_test

import (
	"fmt"
	"io"
	"log"
	"net/http"
	"strings"

	"github.com/wxchain/wechatpay"
)

// exampleMedia stands for a client that wechatpay.New makes. Its platform is in
// this process and accepts files.
func exampleMedia() *wechatpay.Client {
	client, _ := newSigning(panicking{}, func(req *http.Request, body []byte) *http.Response {
		if strings.Contains(string(body), "submission_file") {
			return answer(200, `{"file_id":"dklfjaljdflakjfkljasdf.jpg"}`)
		}
		return answer(200, `{"media_id":"6uqyGjGrCf2GtyXP8bxrbuH9-aAoTjH"}`)
	})
	return client
}

func ExampleUpload() {
	client := exampleMedia()
	var photo io.Reader = strings.NewReader("…") // an os.File, the body of a request, …

	resp, err := client.V3().Merchant().Media().Upload().Post(ctx, wechatpay.Upload("licence.jpg", photo))
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(resp.Get("media_id"))
	// Output:
	// 6uqyGjGrCf2GtyXP8bxrbuH9-aAoTjH
}

// Give further fields of an upload as JSON. They go into meta or, as item_id
// here, where else the operation expects them.
func ExampleUpload_fields() {
	client := exampleMedia()
	resp, err := client.Chain("v3/mch-manage/submission-files/sub-mchid/{sub_mchid}/upload").Post(ctx,
		wechatpay.Bind("sub_mchid", "1900000110"),
		wechatpay.Set("item_id", 56),
		wechatpay.Upload("licence.jpg", strings.NewReader("…")),
	)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(resp.Get("file_id"))
	// Output:
	// dklfjaljdflakjfkljasdf.jpg
}
