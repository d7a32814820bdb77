package wechatpay_test

import (
	"errors"
	"io"
	"testing"

	"github.com/wxchain/wechatpay"
)

// In every spelling of a chain, an unsigned answer is accepted if the caller
// spelled out the operation, and refused if the value of a variable did.
func TestUnsignedAnswers(t *testing.T) {
	client := newClient(t, newConfig(t, canAnswer(200, nil, "bytes")))
	const id = "aGVsbG8/d29ybGQ+/w==" // base64, with a slash
	passes := map[string]wechatpay.Chain{
		"a path":              client.Chain("v3/billdownload/file?token=x"),
		"a path with a slash": client.Chain("/v3/billdownload/file"),
		"segments":            client.Segment("v3", "billdownload", "file"),
		"properties":          client.Segment("V3", "merchantService", "images", "_media_id_").Bind("media_id", id),
		"parts":               client.Chain("v3").Chain("billdownload").Chain("file{?token}").Bind("token", "x"),
		"the tree":            client.V3().MerchantService().Images().MediaId(id).Chain(""),
		"an ID in the path":   client.Chain("v3/merchant-service/images/a/b"),
		"an escaped ID":       client.Chain("v3/merchant-service/images/a%2Fb"),
		"any expression":      client.Chain("v3/merchant-service/images/{+id}").Bind("id", id),
		"an overseas image":   client.Chain("v3/global/merchant-service/images/<media_id>").Bind("media_id", id),
		"a receipt":           client.Chain("v3/transferdownload/elecvoucherfile").Chain("?token=x"),
		"a signed file":       client.Segment("v3", "transferdownload", "signfile"),
	}
	refused := map[string]wechatpay.Chain{
		"two variables":        client.Chain("v3/{a}/{b}").Bind("a", "billdownload").Bind("b", "file"),
		"the whole path":       client.Chain("{+x}").Bind("x", "v3/billdownload/file"),
		"a list":               client.Chain("{/x*}").Bind("x", []string{"v3", "billdownload", "file"}),
		"part of a list":       client.Chain("v3/merchant-service{/x*}").Bind("x", []string{"images", "1"}),
		"part of a segment":    client.Chain("v3/bill{x}/file").Bind("x", "download"),
		"a segment":            client.Segment("v3", "_x_", "file").Bind("x", "billdownload"),
		"folders":              client.Chain("v3/merchant-service/{x}/{y}").Bind("x", "images").Bind("y", "1"),
		"an escaped letter":    client.Chain("v3/billdownload/%66ile"),
		"a capital":            client.Chain("v3/billdownload/File"),
		"an upload":            client.Chain("v3/merchant-service/images/{id}").Bind("id", "upload"),
		"an upload below":      client.Chain("v3/merchant-service/images/{id}").Bind("id", "x/upload"),
		"a backslash":          client.Chain("v3/merchant-service/images/{id}").Bind("id", `a\b`),
		"a climb":              client.Chain("v3/merchant-service/images/{id}").Bind("id", "a/../../../pay"),
		"a signed file, below": client.Chain("v3/transferdownload/signfile/x"),
		"another operation":    client.Chain("v3/transferdownload/other"),
	}
	for name, chain := range passes {
		for _, opts := range [][]wechatpay.Option{nil, {wechatpay.Sink(io.Discard)}, {wechatpay.BaseURL("https://gateway.example/wx/")}} {
			if resp, err := chain.Get(background(), opts...); err != nil || resp.StatusCode != 200 {
				t.Errorf("%s, %s: %v", name, chain, err)
			}
		}
	}
	for name, chain := range refused {
		for _, opts := range [][]wechatpay.Option{nil, {wechatpay.Sink(io.Discard)}, {wechatpay.BaseURL("https://gateway.example/wx/")}} {
			if _, err := chain.Get(background(), opts...); !errors.Is(err, wechatpay.ErrVerify) {
				t.Errorf("%s, %s: %v, want ErrVerify", name, chain, err)
			}
		}
	}
	// The path of a base is not the operation's.
	for base, path := range map[string]string{"v3/billdownload/": "file", "v3/merchant-service/": "images/1"} {
		if _, err := client.Chain(path).Get(background(), wechatpay.BaseURL("https://gateway.example/"+base)); !errors.Is(err, wechatpay.ErrVerify) {
			t.Errorf("%s behind %s: %v, want ErrVerify", path, base, err)
		}
	}
}

func TestJSONOfAPIv2(t *testing.T) {
	client := newV2(t, canAnswer(200, nil, `{"retcode":0,"access_token":"81_x"}`))
	resp, err := client.V2().Appauth().Getaccesstoken().Get(background(), wechatpay.Query(M{"code": "1"}))
	if err != nil || resp.Get("access_token").String() != "81_x" {
		t.Errorf("%v, %v", resp, err)
	}
}
