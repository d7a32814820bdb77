package v3

import (
	"crypto/hmac"
	"crypto/sha1"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"hash"
	"net/http"
	"strings"
	"time"

	"github.com/wxchain/wechatpay/internal/sm3"
	"github.com/wxchain/wechatpay/sandbox/internal/party"
	"github.com/wxchain/wechatpay/sandbox/internal/plainjson"
	"github.com/wxchain/wechatpay/sandbox/internal/wire"
)

// A file is a file that a merchant downloads, as it was at an instant. A token in
// the URL identifies it.
type file struct {
	Name  string    `json:"name"`
	Of    []string  `json:"of"` // further arguments of the file
	At    time.Time `json:"at"`
	Path  string    `json:"path"`  // where it is downloaded
	Until time.Time `json:"until"` // when its URL ends
}

// A depot is where files of a kind are downloaded.
type depot struct {
	path     string
	query    string // besides the token
	lasts    time.Duration
	hashType string
	newHash  func() hash.Hash
}

// The depots.
//
// https://pay.weixin.qq.com/doc/v3/merchant/4012556654 (bills),
// https://pay.weixin.qq.com/doc/v3/merchant/4012716455 (receipts)
var (
	ofBills      = depot{"v3/billdownload/file", "", 5 * time.Minute, "SHA1", sha1.New}
	ofReceipts   = depot{"v3/transferdownload/elecvoucherfile", "&source=elecsign", 10 * time.Minute, "SHA256", sha256.New}
	ofBatches    = depot{"v3/transferdownload/signfile", "", 10 * time.Minute, "SHA256", sha256.New}
	ofSubReceipt = depot{"v3/billdownload/file", "", 10 * time.Minute, "SM3", sm3.New}
)

// The refusals of a file's URL.
//
// https://pay.weixin.qq.com/docs/merchant/apis/bill-download/download-bill.html
var (
	errOldFile   = wire.Invalid("the URL is not that of a file, or is too old (下载链接过期); ask for another")
	errOtherFile = &wire.Refusal{Status: http.StatusForbidden, Code: "NO_AUTH", Message: "another merchant asked for the file"}
)

// A fileLink names a file to download, in an answer.
type fileLink struct {
	HashType    string `json:"hash_type,omitempty"`
	HashValue   string `json:"hash_value,omitempty"`
	DownloadURL string `json:"download_url,omitempty"`
}

// link returns the link to a file as it is at this instant.
func (c *call) link(d depot, name string, of ...string) (fileLink, error) {
	f := file{name, of, c.Now, d.path, c.Now.Add(d.lasts)}
	text, err := c.api.Bills.Make(c.Ledger, c.merchant.MchID, f.Name, f.At, f.Of...)
	if err != nil {
		return fileLink{}, err
	}
	token, err := f.token(c.merchant)
	if err != nil {
		return fileLink{}, err
	}
	sum := d.newHash()
	sum.Write(text)
	return fileLink{d.hashType, hex.EncodeToString(sum.Sum(nil)), c.base + d.path + "?token=" + token + d.query}, nil
}

// token returns the file as text that nobody else can make for the merchant: its
// number, the file, and a MAC of both.
func (f file) token(m party.Caller) (string, error) {
	text, err := plainjson.Encode(f)
	if err != nil {
		return "", err
	}
	told := m.MchID + "." + base64.RawURLEncoding.EncodeToString(text)
	return told + "." + tokenMAC(m, told), nil
}

func tokenMAC(m party.Caller, told string) string {
	mac := hmac.New(sha256.New, []byte(m.APIv2Key)) // which never changes, unlike the APIv3 key
	mac.Write([]byte("token " + told))
	return base64.RawURLEncoding.EncodeToString(mac.Sum(nil))
}

// fileOf returns the file of a token that link made for the merchant that signed, at
// a path.
func (c *call) fileOf(path, token string) (f file, err error) {
	mchID, _, _ := strings.Cut(token, ".")
	m, known := c.api.Merchants.Of(mchID)
	end := max(0, strings.LastIndexByte(token, '.'))
	told, mac := token[:end], strings.TrimPrefix(token[end:], ".")
	switch {
	case !known || !hmac.Equal([]byte(mac), []byte(tokenMAC(m, told))):
		return f, errOldFile
	case mchID != c.merchant.MchID:
		return f, errOtherFile
	}
	text, err := base64.RawURLEncoding.DecodeString(strings.TrimPrefix(told, mchID+"."))
	if err != nil {
		return f, err
	}
	if err := json.Unmarshal(text, &f); err != nil {
		return f, err
	}
	if f.Path != path || c.Now.After(f.Until) {
		err = errOldFile
	}
	return f, err
}
