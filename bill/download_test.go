package bill_test

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/wxchain/wechatpay"
	"github.com/wxchain/wechatpay/bill"
	"github.com/wxchain/wechatpay/wechatpaytest"
)

func TestDownload(t *testing.T) {
	for _, tt := range []struct {
		name  string
		kind  bill.Kind
		opts  []bill.Option
		body  string
		query string
	}{
		{"trade", bill.Trade, nil, tradeBill, "bill_date=2026-11-23"},
		{"refunds of one", bill.Trade, []bill.Option{bill.BillType("REFUND"), bill.SubMchID("1900000110")}, tradeBill, "bill_date=2026-11-23&bill_type=REFUND&sub_mchid=1900000110"},
		{"gzip", bill.Trade, []bill.Option{bill.Gzip()}, zipped(t, tradeBill), "bill_date=2026-11-23&tar_type=GZIP"},
		{"gzip in two members", bill.Trade, []bill.Option{bill.Gzip()}, zipped(t, tradeBill[:100]) + zipped(t, tradeBill[100:]), "bill_date=2026-11-23&tar_type=GZIP"},
		{"gzip, but it comes plain", bill.Trade, []bill.Option{bill.Gzip()}, tradeBill, "bill_date=2026-11-23&tar_type=GZIP"},
		{"plain, but it comes as gzip", bill.Trade, nil, zipped(t, tradeBill), "bill_date=2026-11-23"},
		{"fund flow", bill.FundFlow, []bill.Option{bill.AccountType("OPERATION")}, tradeBill, "account_type=OPERATION&bill_date=2026-11-23"},
		{"of a kind of its own", "v3/profitsharing/bills", []bill.Option{bill.SubMchID("1900000110")}, tradeBill, "bill_date=2026-11-23&sub_mchid=1900000110"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			mock := wechatpaytest.New(t)
			mock.On("GET", string(tt.kind), mock.JSON(200, named(tradeBill)))
			mock.On("GET", file, text(200, tt.body))
			client, sent := recording(mock)
			var b bytes.Buffer
			path := filepath.Join(t.TempDir(), "bill.csv")
			for _, to := range []bill.Option{bill.To(&b), bill.File(path)} {
				info, err := bill.Download(background(), client, tt.kind, day, append(tt.opts, to)...)
				if err != nil {
					t.Fatal(err)
				}
				if want := (bill.Info{HashType: "SHA1", HashValue: sum(tradeBill), Bytes: int64(len(tradeBill)), Files: 1}); *info != want {
					t.Errorf("info %+v, want %+v", *info, want)
				}
			}
			if b.String() != tradeBill {
				t.Errorf("the writer got %q", b.String())
			}
			if got, err := os.ReadFile(path); err != nil || string(got) != tradeBill {
				t.Errorf("the file has %q, %v", got, err)
			}
			if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o600 {
				t.Errorf("the file's mode is %v, %v", info.Mode(), err)
			}
			if left := names(t, filepath.Dir(path)); !slices.Equal(left, []string{"bill.csv"}) {
				t.Errorf("the folder has %q", left)
			}
			if got := sent.all[0].URL.RawQuery; got != tt.query {
				t.Errorf("asked with %s, want %s", got, tt.query)
			}
		})
	}
}

// The download_url leaves as it came, byte for byte: what is signed is what
// the platform compares.
func TestDownloadURLIsNotRewritten(t *testing.T) {
	for _, query := range []string{
		"token=" + token, "token=" + token + "&tartype=gzip", "token=a%2Bb+c", "token=%E4%B8%AD%e4%b8%ad", "token=a=b==&x", "TOKEN=A%20B;c", "token={x}&y=_z_",
	} {
		answer := named(tradeBill)
		answer["download_url"] = "https://api.mch.weixin.qq.com/v3/billdownload/file?" + query
		client, sent := platform(t, answer, tradeBill)
		if _, err := bill.Download(background(), client, bill.Trade, day, bill.To(io.Discard)); err != nil {
			t.Errorf("%s: %v", query, err)
			continue
		}
		want := "/v3/billdownload/file?" + strings.NewReplacer("{", "%7B", "}", "%7D").Replace(query) // which no URL may have
		if got := sent.all[1].URL.RequestURI(); got != want {
			t.Errorf("sent %s, want %s", got, want)
		}
	}
}

func TestDownloadIsFollowedOnThePlatformAlone(t *testing.T) {
	const path = "/v3/billdownload/file?token=" + token
	for _, tt := range []struct {
		base, url string
		follow    bool
	}{
		{"https://api.mch.weixin.qq.com/", "https://api.mch.weixin.qq.com" + path, true},
		{"https://api.mch.weixin.qq.com/", "https://api2.mch.weixin.qq.com" + path, true},
		{"https://api.mch.weixin.qq.com/", "https://apihk.mch.weixin.qq.com" + path, true},
		{"https://api.mch.weixin.qq.com/", "https://API.mch.weixin.qq.com" + path, true},
		{"http://127.0.0.1:8080/", "http://127.0.0.1:8080" + path, true},
		{"http://127.0.0.1:8080/wx/", "http://127.0.0.1:8080" + path, true},
		{"http://127.0.0.1:8080/", "https://api.mch.weixin.qq.com" + path, true},

		{"https://api.mch.weixin.qq.com/", "http://api.mch.weixin.qq.com" + path, false},
		{"https://api.mch.weixin.qq.com/", "https://api.mch.weixin.qq.com:8443" + path, false},
		{"https://api.mch.weixin.qq.com/", "https://api.mch.weixin.qq.com.evil.example" + path, false},
		{"https://api.mch.weixin.qq.com/", "https://evil.example" + path, false},
		{"https://api.mch.weixin.qq.com/", "https://mch.weixin.qq.com" + path, false},
		{"https://api.mch.weixin.qq.com/", "https://x@api.mch.weixin.qq.com" + path, false},
		{"https://api.mch.weixin.qq.com/", "https://api.mch.weixin.qq.com@evil.example" + path, false},
		{"https://api.mch.weixin.qq.com/", "https://api.mch.weixin.qq.com\\@evil.example" + path, false},
		{"https://api.mch.weixin.qq.com/", "//api.mch.weixin.qq.com" + path, false},
		{"https://api.mch.weixin.qq.com/", path, false},
		{"https://api.mch.weixin.qq.com/", "file:///etc/passwd?token=" + token, false},
		{"https://api.mch.weixin.qq.com/", "https://169.254.169.254" + path, false},
		{"https://api.mch.weixin.qq.com/", "", false},
		{"https://api.mch.weixin.qq.com/", "https://api.mch.weixin.qq.com", false},
		{"http://127.0.0.1:8080/", "http://127.0.0.1:8081" + path, false},
		{"http://127.0.0.1:8080/", "https://127.0.0.1:8080" + path, false},
	} {
		t.Run(tt.url+" from "+tt.base, func(t *testing.T) {
			answer := named(tradeBill)
			answer["download_url"] = tt.url
			mock := wechatpaytest.New(t)
			mock.On("GET", asked, mock.JSON(200, answer))
			if strings.HasSuffix(tt.base, "/wx/") {
				mock.On("GET", "wx/"+asked, mock.JSON(200, answer))
			}
			if tt.follow {
				mock.On("GET", file, text(200, tradeBill))
			}
			sent := new(sent)
			client := mock.Client(func(c *wechatpay.Config) { c.Transport, c.BaseURL = sent.record(c.Transport), tt.base })
			if strings.HasSuffix(tt.base, "/wx/") { // or the mock misses it
				if _, err := client.Chain(asked).Get(background(), wechatpay.BaseURL("https://api.mch.weixin.qq.com/")); err != nil {
					t.Fatal(err)
				}
			}
			_, err := bill.Download(background(), client, bill.Trade, day, bill.To(io.Discard))
			if tt.follow {
				last := sent.all[len(sent.all)-1]
				if err != nil || last.URL.Scheme+"://"+last.URL.Host+last.URL.RequestURI() != tt.url || last.Header.Get("Authorization") == "" {
					t.Errorf("error %v, sent %s", err, last.URL)
				}
				return
			}
			if err == nil || !strings.Contains(err.Error(), "download_url") || strings.Contains(err.Error(), token) {
				t.Errorf("error %v, want one about download_url", err)
			}
			if n := len(sent.all); n != 1 {
				t.Errorf("%d requests were sent, want 1", n)
			}
		})
	}
}

func TestDamagedBill(t *testing.T) {
	gz := zipped(t, tradeBill)
	flipped := []byte(gz)
	flipped[len(flipped)/2] ^= 0x10
	crc := []byte(gz)
	crc[len(crc)-6] ^= 1
	for name, body := range map[string]string{
		"empty": "", "cut short": tradeBill[:len(tradeBill)-1], "another bill": strings.Replace(tradeBill, "12.34", "12.35", 1), "longer": tradeBill + "x",
		"a page": "<html>502</html>", "gzip cut short": gz[:len(gz)-1], "gzip cut in its header": gz[:5], "gzip changed": string(flipped),
		"gzip of another checksum": string(crc), "gzip and more": gz + "more",
	} {
		t.Run(name, func(t *testing.T) {
			client, _ := platform(t, named(tradeBill), body)
			folder := t.TempDir()
			fresh, old := filepath.Join(folder, "new.csv"), filepath.Join(folder, "old.csv")
			if err := os.WriteFile(old, []byte("yesterday"), 0o644); err != nil {
				t.Fatal(err)
			}
			for _, opt := range []bill.Option{bill.File(fresh), bill.File(old), bill.To(io.Discard)} {
				info, err := bill.Download(background(), client, bill.Trade, day, opt)
				if !errors.Is(err, bill.ErrDamaged) || info != nil {
					t.Errorf("%v, %v; want ErrDamaged", info, err)
				}
				checkHidden(t, err)
			}
			if got, err := os.ReadFile(old); err != nil || string(got) != "yesterday" {
				t.Errorf("the file that was there has %q, %v", got, err)
			}
			if left := names(t, folder); !slices.Equal(left, []string{"old.csv"}) {
				t.Errorf("the folder has %q", left)
			}
		})
	}
}

// checkHidden fails when an error shows the token, however it is printed.
func checkHidden(t *testing.T, err error) {
	t.Helper()
	for _, verb := range []string{"%v", "%+v", "%#v", "%q"} {
		if s := fmt.Sprintf(verb, err); strings.Contains(s, token) || strings.Contains(s, "6XIv5TUPto7pByrTQKhd6kwv") {
			t.Errorf("%s shows the token: %s", verb, s)
		}
	}
}

func TestBadAnswer(t *testing.T) {
	edit := func(name string, value any) wechatpay.M {
		answer := named(tradeBill)
		answer[name] = value
		return answer
	}
	for name, tt := range map[string]struct {
		answer wechatpay.M
		want   string
	}{
		"another hash":      {edit("hash_type", "MD5"), `hash_type is "MD5"`},
		"a hash of another": {edit("hash_type", "SHA256"), "not a SHA256, of 64"},
		"no hash type":      {edit("hash_type", nil), "hash_type"},
		"no hash":           {edit("hash_value", ""), "hash_value"},
		"a hash too short":  {edit("hash_value", "79bb"), "hash_value"},
		"no hexadecimal":    {edit("hash_value", strings.Repeat("x", 40)), "hash_value"},
		"no URL":            {edit("download_url", nil), "download_url"},
		"a broken URL":      {edit("download_url", "https://api.mch.weixin.qq.com/%zz?token="+token), "download_url"},
		"no files":          {wechatpay.M{"download_bill_count": 0}, "0 files"},
		"fewer files":       {wechatpay.M{"download_bill_count": 2, "download_bill_list": []any{named(tradeBill)}}, "1 files where download_bill_count is 2"},
		"a file missing":    {wechatpay.M{"download_bill_count": 1, "download_bill_list": []any{edit("bill_sequence", 2)}}, "bill_sequence 1"},
		"a broken key":      {wechatpay.M{"download_bill_count": 1, "download_bill_list": []any{edit("encrypt_key", "AAAA")}}, "encrypt_key"},
	} {
		t.Run(name, func(t *testing.T) {
			mock := wechatpaytest.New(t)
			mock.On("GET", asked, mock.JSON(200, tt.answer))
			client, sent := recording(mock)
			path := filepath.Join(t.TempDir(), "bill.csv")
			_, err := bill.Download(background(), client, bill.Trade, day, bill.File(path))
			if err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("error %v, want one with %q", err, tt.want)
			}
			checkHidden(t, err)
			if n := len(sent.all); n != 1 {
				t.Errorf("%d requests were sent", n)
			}
			if left := names(t, filepath.Dir(path)); len(left) > 0 {
				t.Errorf("the folder has %q", left)
			}
		})
	}
}

func TestBadDownload(t *testing.T) {
	folder := t.TempDir()
	var none *os.File
	to := bill.To(io.Discard)
	for name, tt := range map[string]struct {
		kind bill.Kind
		date string
		opts []bill.Option
		want string
	}{
		"no date":                {bill.Trade, "", []bill.Option{to}, "date"},
		"another spelling":       {bill.Trade, "20261123", []bill.Option{to}, "date"},
		"no such day":            {bill.Trade, "2026-02-30", []bill.Option{to}, "date"},
		"a time":                 {bill.Trade, "2026-11-23T00:00:00", []bill.Option{to}, "date"},
		"a short month":          {bill.Trade, "2026-1-02", []bill.Option{to}, "date"},
		"no kind":                {"", day, []bill.Option{to}, "kind"},
		"a kind with a variable": {"v3/bill/{x}", day, []bill.Option{to}, "{x}"},
		"no place":               {bill.Trade, day, nil, "File or To"},
		"two places":             {bill.Trade, day, []bill.Option{to, bill.File(filepath.Join(folder, "x"))}, "File or To"},
		"no path":                {bill.Trade, day, []bill.Option{bill.File("")}, "path"},
		"a folder":               {bill.Trade, day, []bill.Option{bill.File(folder)}, "not a file"},
		"no folder":              {bill.Trade, day, []bill.Option{bill.File(filepath.Join(folder, "absent", "x"))}, "absent"},
		"no writer":              {bill.Trade, day, []bill.Option{bill.To(nil)}, "nil"},
		"a nil pointer":          {bill.Trade, day, []bill.Option{bill.To(none)}, "nil"},
		"a nil option":           {bill.Trade, day, []bill.Option{to, nil}, "option 2"},
		"an empty bill type":     {bill.Trade, day, []bill.Option{to, bill.BillType("")}, "BillType"},
		"an account of trades":   {bill.Trade, day, []bill.Option{to, bill.AccountType("BASIC")}, "AccountType"},
		"a type of fund flow":    {bill.FundFlow, day, []bill.Option{to, bill.BillType("ALL")}, "BillType"},
		"part of shares":         {bill.ProfitSharing, day, []bill.Option{to, bill.BillType("ALL")}, "BillType"},
		"account of shares":      {bill.ProfitSharing, day, []bill.Option{to, bill.AccountType("BASIC")}, "AccountType"},
		"nobody's bill":          {bill.SubMerchantFundFlow, day, []bill.Option{to}, "SubMchID"},
		"everybody's bill":       {bill.EcommerceFundFlow, day, []bill.Option{to, bill.SubMchID("1")}, "SubMchID"},
		"no bytes":               {bill.Trade, day, []bill.Option{to, bill.MaxBytes(0)}, "MaxBytes"},
	} {
		client, sent := recording(wechatpaytest.New(t))
		info, err := bill.Download(background(), client, tt.kind, tt.date, tt.opts...)
		if err == nil || !strings.Contains(err.Error(), tt.want) || info != nil {
			t.Errorf("%s: %v, %v; want an error with %q", name, info, err, tt.want)
		}
		if n := len(sent.all); n > 0 {
			t.Errorf("%s: %d requests were sent", name, n)
		}
	}
	if left := names(t, folder); len(left) > 0 {
		t.Errorf("the folder has %q", left)
	}
	if _, err := bill.Download(background(), nil, bill.Trade, day, to); err == nil {
		t.Error("no client is no error")
	}
}
