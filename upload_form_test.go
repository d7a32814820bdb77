package wechatpay_test

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/tidwall/gjson"

	"github.com/wxchain/wechatpay"
	"github.com/wxchain/wechatpay/cipher"
	"github.com/wxchain/wechatpay/internal/platform"
	"github.com/wxchain/wechatpay/keys"
	"github.com/wxchain/wechatpay/openapi"
)

// Every upload of the catalogue has the documented parts.
func TestUploadFormsOfTheCatalogue(t *testing.T) {
	ran := 0
	for op := range openapi.Operations() {
		if len(op.Form) == 0 || strings.HasPrefix(op.Template, "v2/") {
			continue
		}
		ran++
		var want []string
		fields := M{}
		for _, p := range op.Form {
			want = append(want, p.Name)
			if p.Type != openapi.File && p.Name != "meta" {
				fields[p.Name] = 56
			}
		}
		out := new(recorder)
		chain := newClient(t, newConfig(t, out)).Chain(op.Template)
		for _, p := range op.Path {
			chain = chain.Bind(p.Name, "1")
		}
		_, err := chain.Post(background(), wechatpay.JSON(fields), wechatpay.Upload("x.png", strings.NewReader("x")))
		if !errors.As(err, new(errNotSent)) {
			t.Errorf("%s: %v", op, err)
			continue
		}
		var got []string
		for _, p := range partsOf(t, out.sent[0], out.body[0]) {
			got = append(got, p.name)
		}
		slices.Sort(want)
		slices.Sort(got)
		if !slices.Equal(got, want) {
			t.Errorf("%s: parts %q, want %q", op, got, want)
		}
	}
	if ran < 14 {
		t.Errorf("%d uploads were tried, the catalogue has 14 or more", ran)
	}
}

func TestUploadForm(t *testing.T) {
	const sum = "2d711642b726b04401627ca9fbac32f5c8530fb1903cc4db02258717921a4881" // of "x"
	for _, tt := range []struct {
		base, path string
		opt        wechatpay.Option
		want       []part
	}{
		{"", "v3/mch-manage/submission-files/sub-mchid/1/upload", wechatpay.JSON(M{"item_id": 56, "manage_record_id": "M12", "more": 1}), []part{
			{"meta", "", "application/json", `{"more":1,"file_name":"x.png","file_digest":"` + sum + `"}`}, {"item_id", "", "", "56"}, {"manage_record_id", "", "", "M12"}, {"submission_file", "x.png", "image/png", "x"}}},
		{"https://gateway.example/wx/", "v3/mch-manage/submission-files/sub-mchid/1/upload", wechatpay.Set("item_id", 56), []part{
			{"meta", "", "application/json", `{"file_name":"x.png","file_digest":"` + sum + `"}`}, {"item_id", "", "", "56"}, {"submission_file", "x.png", "image/png", "x"}}},
		{"", "v3/mch-manage/submission-files/sub-mchid/1/upload", wechatpay.JSON(M{"item_id": nil, "file_digest": "B94D"}), []part{
			{"meta", "", "application/json", `{"file_digest":"B94D"}`}, {"submission_file", "x.png", "image/png", "x"}}},
		{"", "v3/mch-operation-manage/enhanced-due-diligence/1/upload", wechatpay.JSON(M{"item_id": 56, "sub_mchid": "1"}), []part{
			{"meta", "", "application/json", `{"item_id":56,"sub_mchid":"1","file_name":"x.png","file_digest":"` + sum + `"}`}, {"due_diligence_file", "x.png", "image/png", "x"}}},
		{"", "v3/ecommerce/account/cancel-applications/media", wechatpay.Options{}, []part{
			{"meta", "", "application/json", `{"file_name":"x.png","file_digest":"` + sum + `"}`}, {"file", "x.png", "image/png", "x"}}},
		{"", "v3/marketing/bank/packages/1/tasks", wechatpay.Set("bank_type", "CFT"), []part{
			{"meta", "", "application/json", `{"bank_type":"CFT","filename":"x.png","sha256":"` + sum + `"}`}, {"file", "x.png", "image/png", "x"}}},
		{"", "v3/merchant/media/upload", wechatpay.Set("sha256", sum), []part{
			{"meta", "", "application/json", `{"sha256":"` + sum + `","filename":"x.png"}`}, {"file", "x.png", "image/png", "x"}}},
		{"", "v3/merchant/media/upload", wechatpay.Set("filename", "of my own.png"), []part{
			{"meta", "", "application/json", `{"filename":"of my own.png","sha256":"` + sum + `"}`}, {"file", "x.png", "image/png", "x"}}},
	} {
		out := new(recorder)
		config := newConfig(t, out)
		config.BaseURL = tt.base
		_, err := newClient(t, config).Chain(tt.path).Post(background(), tt.opt, wechatpay.Upload("x.png", strings.NewReader("x")))
		if !errors.As(err, new(errNotSent)) {
			t.Fatal(err)
		}
		got := partsOf(t, out.sent[0], out.body[0])
		if !slices.Equal(got, tt.want) {
			t.Errorf("%s: parts\n%q, want\n%q", tt.path, got, tt.want)
		}
		checkSignature(t, config, out.sent[0], got[0].body)
	}
	out := new(recorder)
	_, err := newClient(t, newConfig(t, out)).Chain("v3/merchant/media/upload").Post(background(), wechatpay.JSON([]int{1}), wechatpay.Upload("x.png", strings.NewReader("x")))
	if !errors.Is(err, wechatpay.ErrOption) || out.count() > 0 {
		t.Errorf("a list for meta: %v", err)
	}
}

// Personal data in meta is sent encrypted, and the ciphertext is signed.
func TestSecretInMeta(t *testing.T) {
	out := new(recorder)
	config := newConfig(t, out)
	config.PlatformKeys = keys.Static{"PUB_KEY_ID_1": platformKey().Public()}
	client := newClient(t, config)
	_, err := client.Chain("v3/marketing/shopping-receipt/shoppingreceipts").Post(background(),
		wechatpay.Set("merchant_contact_information.consultation_phone_number", wechatpay.Secret("13800000000")), wechatpay.Upload("x.png", strings.NewReader("x")))
	if !errors.As(err, new(errNotSent)) {
		t.Fatal(err)
	}
	meta := partsOf(t, out.sent[0], out.body[0])[0].body
	checkSignature(t, config, out.sent[0], meta)
	ciphertext := gjson.Get(meta, "merchant_contact_information.consultation_phone_number").Str
	if text, err := cipher.DecryptOAEP(platformKey(), ciphertext); err != nil || text != "13800000000" || out.sent[0].Header.Get("Wechatpay-Serial") != "PUB_KEY_ID_1" {
		t.Errorf("%q, %v in %s", text, err, meta)
	}
}

// A file on disk may have any name. The name cannot add a part or a header.
func TestUploadOfAFileOfAnyName(t *testing.T) {
	for name, ok := range map[string]bool{
		`quote".png`: true, "-": true, "a;b=c.png": true, ".png": true, "张三 1.png": true,
		"a\r\nX-Evil: 1\r\n\r\n--.png": false, "bad\xff.png": false, "a\tb.png": false, "a\x0f.png": false, `a\b.png`: false,
	} {
		path := filepath.Join(t.TempDir(), name)
		if err := os.WriteFile(path, []byte("x"), 0o600); err != nil {
			continue // a name that this system does not have
		}
		out := new(recorder)
		_, err := newClient(t, newConfig(t, out)).Chain("v3/merchant/media/upload").Post(background(), wechatpay.File(path))
		if !ok {
			if !errors.Is(err, wechatpay.ErrOption) || out.count() > 0 {
				t.Errorf("%q: error %v, want ErrOption", name, err)
			}
			continue
		}
		if !errors.As(err, new(errNotSent)) {
			t.Errorf("%q: %v", name, err)
			continue
		}
		if parts := partsOf(t, out.sent[0], out.body[0]); len(parts) != 2 || parts[1].filename != name || gjson.Get(parts[0].body, "filename").Str != name {
			t.Errorf("%q: parts %q", name, parts)
		}
	}
}

// FuzzUploadMeta uploads any content under any name with any field of meta. The
// upload is refused, or two parts arrive with what was given.
func FuzzUploadMeta(f *testing.F) {
	f.Add("apply.jpg", "bank_type", "CFT", []byte("picture"), "v3/merchant/media/upload")
	f.Add("申请 \"1\"; x=y.png", "a.b.-1", "<&>\u2028", []byte("\r\n--boundary--\r\n"), "v3/mch-manage/submission-files/sub-mchid/1/upload")
	f.Add("x\r\n.png", "item_id", "56\r\nX: y", []byte{0}, "v3/mch-manage/submission-files/x")
	f.Add("\xff", "sha256", "\xff", []byte{}, "v3/ecommerce/account/cancel-applications/media")
	f.Add("..", "filename", "", []byte("x"), "v3/x")
	f.Fuzz(func(t *testing.T, name, field, value string, content []byte, path string) {
		out := new(recorder)
		_, err := newClient(t, newConfigOnce(t, out)).Chain(path).Post(background(),
			wechatpay.JSON(M{}), wechatpay.Set(field, value), wechatpay.Upload(name, strings.NewReader(string(content))))
		if !errors.As(err, new(errNotSent)) {
			if !errors.Is(err, wechatpay.ErrOption) && !errors.Is(err, wechatpay.ErrTemplate) && !errors.Is(err, wechatpay.ErrConfig) {
				t.Fatalf("error %v, want one of before", err)
			}
			return
		}
		req, body := out.sent[0], out.body[0]
		if strings.ContainsAny(req.Header.Get("Content-Type"), "\r\n") || req.ContentLength != int64(len(body)) {
			t.Fatalf("header %q, %d of %d bytes", req.Header, req.ContentLength, len(body))
		}
		parts := partsOf(t, req, body)
		if signed, err := platform.Signed(req.Header, []byte(body)); err != nil || string(signed) != parts[0].body || !gjson.Valid(parts[0].body) {
			t.Fatalf("signed is %q, %v, and meta %q", signed, err, parts[0].body)
		}
		last := parts[len(parts)-1]
		if last.body != string(content) || !strings.HasSuffix(last.name, "file") {
			t.Fatalf("the last part is %q", last)
		}
		if strings.Trim(field, "abcdefghijklmnopqrstuvwxyz_0123456789") != "" {
			return // a path of sjson, which may set anything
		}
		checkField(t, parts, field, value)
		checkDigest(t, gjson.Parse(parts[0].body), field, name, content)
	})
}

// checkField checks that a field is a part of its own, between meta and the
// file, or is in meta.
func checkField(t *testing.T, parts []part, field, value string) {
	t.Helper()
	meta := gjson.Parse(parts[0].body)
	switch {
	case len(parts) == 3:
		if p := parts[1]; p.name != field || p.body != value {
			t.Fatalf("%q is %q, want %q", field, p, value)
		}
	case len(parts) != 2 || meta.Get(field).String() != value:
		t.Fatalf("%d parts, meta %s", len(parts), meta)
	}
}

// checkDigest checks that meta has the file's name and its digest, under any of
// their names, unless field sets them.
func checkDigest(t *testing.T, meta gjson.Result, field, name string, content []byte) {
	t.Helper()
	sum := fmt.Sprintf("%x", sha256.Sum256(content))
	for _, pair := range [][2]string{{"filename", "sha256"}, {"file_name", "file_digest"}} {
		if got := meta.Get(pair[1]); got.Exists() && field != pair[1] && (got.Str != sum || field != pair[0] && meta.Get(pair[0]).Str != name) {
			t.Fatalf("meta %s of %q, whose sum is %s", meta, name, sum)
		}
	}
}

func TestUploadOfAnotherSum(t *testing.T) {
	out := new(recorder)
	_, err := newClient(t, newConfig(t, out)).Chain("v3/merchant/media/upload").Post(background(),
		wechatpay.Set("sha256", "b94d"), wechatpay.Upload("x.png", strings.NewReader("x")))
	if !errors.Is(err, wechatpay.ErrOption) || !strings.Contains(err.Error(), "sha256") || len(out.sent) != 0 {
		t.Errorf("error %v, %d requests", err, len(out.sent))
	}
}
