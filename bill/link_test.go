package bill_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/wxchain/wechatpay"
	"github.com/wxchain/wechatpay/bill"
	"github.com/wxchain/wechatpay/wechatpaytest"
)

const receipt = "%PDF-1.4\r\n\x00\xff receipt"

// linkTo is the link to a file at a path of the platform.
func linkTo(path, hashType, content string) bill.Link {
	hash := sum(content)
	if hashType == "SHA256" {
		s := sha256.Sum256([]byte(content))
		hash = hex.EncodeToString(s[:])
	}
	return bill.Link{DownloadURL: "https://api.mch.weixin.qq.com/" + path + "?token=" + token, HashType: hashType, HashValue: hash}
}

// The platform signs none of these files.
func TestDownloadLink(t *testing.T) {
	for _, tt := range []struct{ path, hashType, file, body string }{
		{"v3/billdownload/file", "SHA1", receipt, receipt},
		{"v3/billdownload/file", "SHA256", receipt, receipt},
		{"v3/transferdownload/signfile", "SHA256", receipt, receipt},
		{"v3/transferdownload/elecvoucherfile", "SHA256", receipt, receipt},
		{"v3/transferdownload/elecvoucherfile", "SHA1", "", ""},
		{"v3/new-tax-control-fapiao/download", "SHA256", receipt, receipt},
		{"v3/billdownload/file", "SHA256", tradeBill, zipped(t, tradeBill)},
	} {
		t.Run(tt.path+" by "+tt.hashType, func(t *testing.T) {
			mock := wechatpaytest.New(t)
			mock.On("GET", tt.path, text(200, tt.body))
			client, sent := unsigned(mock)
			link := linkTo(tt.path, tt.hashType, tt.file)
			for _, spell := range []func(string) string{strings.ToLower, strings.ToUpper} {
				link.HashValue = spell(link.HashValue)
				var b bytes.Buffer
				path := filepath.Join(t.TempDir(), "receipt.pdf")
				for _, to := range []bill.Option{bill.To(&b), bill.File(path)} {
					info, err := bill.DownloadLink(background(), client, link, to)
					if err != nil {
						t.Fatal(err)
					}
					if want := (bill.Info{HashType: tt.hashType, HashValue: strings.ToLower(link.HashValue), Bytes: int64(len(tt.file)), Files: 1}); *info != want {
						t.Errorf("info %+v, want %+v", *info, want)
					}
				}
				if got, err := os.ReadFile(path); err != nil || string(got) != tt.file || b.String() != tt.file {
					t.Errorf("the file has %q, the writer got %q, %v", got, b.String(), err)
				}
			}
			if got, want := sent.all[0].URL.String(), link.DownloadURL; got != want {
				t.Errorf("sent %s, want %s", got, want)
			}
		})
	}
}

// The answer that names a receipt is read as it is.
func TestLinkOfAnAnswer(t *testing.T) {
	link := linkTo("v3/transferdownload/signfile", "SHA256", receipt)
	mock := wechatpaytest.New(t)
	mock.On("GET", "v3/transfer/bill-receipt/{out_batch_no}", mock.JSON(200, wechatpay.M{
		"out_batch_no": "1", "signature_status": "FINISHED", "hash_type": link.HashType, "hash_value": link.HashValue, "download_url": link.DownloadURL,
	}))
	mock.On("GET", "v3/transferdownload/signfile", text(200, receipt))
	client := mock.Client()
	resp, err := client.Chain("v3/transfer/bill-receipt/{out_batch_no}").Get(background(), wechatpay.Bind("out_batch_no", "1"))
	if err != nil {
		t.Fatal(err)
	}
	var got bill.Link
	if err := resp.Decode(&got); err != nil || got != link {
		t.Fatalf("%+v, %v", got, err)
	}
	if _, err := bill.DownloadLink(background(), client, got, bill.To(io.Discard)); err != nil {
		t.Error(err)
	}
}

func TestBadLink(t *testing.T) {
	good := linkTo("v3/transferdownload/signfile", "SHA256", receipt)
	edit := func(f func(*bill.Link)) bill.Link {
		link := good
		f(&link)
		return link
	}
	to := bill.To(io.Discard)
	for name, tt := range map[string]struct {
		link bill.Link
		opts []bill.Option
		want string
	}{
		"nothing":                {bill.Link{}, []bill.Option{to}, "hash_type"},
		"a hash of another type": {edit(func(l *bill.Link) { l.HashType = "SHA1" }), []bill.Option{to}, "SHA1, of 40"},
		"another spelling":       {edit(func(l *bill.Link) { l.HashType = "sha256" }), []bill.Option{to}, `"sha256"`},
		"no hexadecimal":         {edit(func(l *bill.Link) { l.HashValue = strings.Repeat("x", 64) }), []bill.Option{to}, "hash_value"},
		"cut short":              {edit(func(l *bill.Link) { l.HashValue = l.HashValue[2:] }), []bill.Option{to}, "hash_value"},
		"no URL":                 {edit(func(l *bill.Link) { l.DownloadURL = "" }), []bill.Option{to}, "download_url"},
		"another host":           {edit(func(l *bill.Link) { l.DownloadURL = "https://evil.example/x?token=" + token }), []bill.Option{to}, "evil.example"},
		"without TLS":            {edit(func(l *bill.Link) { l.DownloadURL = "http" + l.DownloadURL[5:] }), []bill.Option{to}, "download_url"},
		"a password":             {edit(func(l *bill.Link) { l.DownloadURL = "https://x@" + l.DownloadURL[8:] }), []bill.Option{to}, "download_url"},
		"no place":               {good, nil, "File or To"},
		"a bill type":            {good, []bill.Option{to, bill.BillType("ALL")}, "leave them out"},
		"an account type":        {good, []bill.Option{to, bill.AccountType("BASIC")}, "leave them out"},
		"a sub-merchant":         {good, []bill.Option{to, bill.SubMchID("1")}, "leave them out"},
		"gzip":                   {good, []bill.Option{to, bill.Gzip()}, "leave them out"},
	} {
		client, sent := recording(wechatpaytest.New(t))
		info, err := bill.DownloadLink(background(), client, tt.link, tt.opts...)
		if info != nil || err == nil || !strings.Contains(err.Error(), tt.want) || len(sent.all) > 0 {
			t.Errorf("%s: %v, %v after %d requests; want an error with %q", name, info, err, len(sent.all), tt.want)
		}
		checkHidden(t, err)
	}
	if _, err := bill.DownloadLink(background(), nil, good, to); err == nil {
		t.Error("no client is no error")
	}
	if _, err := bill.DownloadLink(background(), wechatpaytest.New(t).Client(), good, bill.File(filepath.Join(t.TempDir(), "absent", "x"))); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("error %v, want that of the file", err)
	}
}

// A link may lead to any path, but only files that are known to be unsigned pass
// without a signature.
func TestLinkToASignedPath(t *testing.T) {
	mock := wechatpaytest.New(t)
	mock.On("GET", "v3/billdownload/other", text(200, receipt))
	client, _ := unsigned(mock)
	_, err := bill.DownloadLink(background(), client, linkTo("v3/billdownload/other", "SHA1", receipt), bill.To(io.Discard))
	if !errors.Is(err, wechatpay.ErrVerify) {
		t.Errorf("error %v, want ErrVerify", err)
	}
	mock.On("GET", "v3/bill/downloadurl", mock.JSON(200, wechatpay.M{"a": 1}))
	var b bytes.Buffer
	if _, err := bill.DownloadLink(background(), mock.Client(), linkTo("v3/bill/downloadurl", "SHA1", `{"a":1}`), bill.To(&b)); err != nil || b.String() != `{"a":1}` {
		t.Errorf("a file that is signed: %q, %v", b.String(), err)
	}
}

// A file that the connection does not bring to its end is damaged.
func TestFileCutShort(t *testing.T) {
	for name, cut := range map[string]func(http.ResponseWriter){
		"after some bytes": func(w http.ResponseWriter) {
			w.Header().Set("Content-Length", fmt.Sprint(len(receipt)))
			io.WriteString(w, receipt[:5])
		},
		"at its start": func(w http.ResponseWriter) {
			w.Header().Set("Content-Length", fmt.Sprint(len(receipt)))
		},
		"before its last chunk": func(w http.ResponseWriter) {
			io.WriteString(w, receipt)
		},
		"in gzip": func(w http.ResponseWriter) {
			gz := zipped(t, receipt)
			w.Header().Set("Content-Length", fmt.Sprint(len(gz)))
			io.WriteString(w, gz[:len(gz)-4])
		},
	} {
		t.Run(name, func(t *testing.T) {
			server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
				cut(w)
				w.(http.Flusher).Flush()
				panic(http.ErrAbortHandler)
			}))
			defer server.Close()
			client := wechatpaytest.New(t).Client(func(c *wechatpay.Config) {
				c.BaseURL, c.Transport = server.URL, &http.Transport{DisableKeepAlives: true}
			})
			link := linkTo("v3/transferdownload/elecvoucherfile", "SHA256", receipt)
			link.DownloadURL = server.URL + link.DownloadURL[len("https://api.mch.weixin.qq.com"):]
			path := filepath.Join(t.TempDir(), "receipt.pdf")
			info, err := bill.DownloadLink(background(), client, link, bill.File(path))
			if info != nil || !errors.Is(err, bill.ErrDamaged) || !errors.Is(err, io.ErrUnexpectedEOF) {
				t.Errorf("%v, %v; want ErrDamaged and ErrUnexpectedEOF", info, err)
			}
			checkHidden(t, err)
			if left := names(t, filepath.Dir(path)); !slices.Equal(left, nil) {
				t.Errorf("the folder has %q", left)
			}
		})
	}
}

// The values of a URL are in no error, escaped or not, from 8 characters on.
func TestErrorsHideTheURL(t *testing.T) {
	link := linkTo("v3/billdownload/file", "SHA1", receipt)
	link.DownloadURL = "https://api.mch.weixin.qq.com/v3/billdownload/file?token=a%2Fb%3Dcdefgh&eight=12345678&tartype=gzip&bad=%zz345678"
	mock := wechatpaytest.New(t)
	mock.On("GET", "v3/billdownload/file", mock.JSON(400, wechatpay.M{
		"code": "PARAM_ERROR", "message": "a%2Fb%3Dcdefgh, a/b=cdefgh, 12345678, gzip and %zz345678",
	}))
	_, err := bill.DownloadLink(background(), mock.Client(), link, bill.To(io.Discard))
	if !wechatpay.IsCode(err, "PARAM_ERROR") || !strings.Contains(err.Error(), "PARAM_ERROR: …, …, …, gzip and …") {
		t.Errorf("error %v, want PARAM_ERROR without the values", err)
	}
}
