package v3

import (
	"crypto/hmac"
	"crypto/sha1"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"net/http"
	"strings"
	"time"

	"github.com/wxchain/wechatpay/sandbox/internal/party"
	"github.com/wxchain/wechatpay/sandbox/internal/plainjson"
	"github.com/wxchain/wechatpay/sandbox/internal/wire"
)

// A file is a file that a merchant downloads, as it was at an instant. A token in
// the URL identifies it.
type file struct {
	Name string    `json:"name"`
	Of   []string  `json:"of"` // further arguments of the file
	At   time.Time `json:"at"`
}

// fileTime is how long the URL of a file is valid.
const fileTime = 5 * time.Minute

// The refusals of a file's URL.
//
// https://pay.weixin.qq.com/docs/merchant/apis/bill-download/download-bill.html
var (
	errOldFile   = wire.Invalid("the URL is not that of a file, or is older than 5 minutes (下载链接过期); ask for another")
	errOtherFile = &wire.Refusal{Status: http.StatusForbidden, Code: "NO_AUTH", Message: "another merchant asked for the file"}
)

// link returns the URL of a file as it is at this instant, and its SHA-1.
func (c *call) link(name string, of ...string) (url, sum string, err error) {
	f := file{name, of, c.Now}
	text, err := c.api.Bills.Make(c.Ledger, c.merchant.MchID, f.Name, f.At, f.Of...)
	if err != nil {
		return "", "", err
	}
	token, err := f.token(c.merchant)
	if err != nil {
		return "", "", err
	}
	hash := sha1.Sum(text)
	return c.base + "v3/billdownload/file?token=" + token, hex.EncodeToString(hash[:]), nil
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
	mac := hmac.New(sha256.New, []byte(m.APIv3Key))
	mac.Write([]byte("token " + told))
	return base64.RawURLEncoding.EncodeToString(mac.Sum(nil))
}

// fileOf returns the file of a token that link made for the merchant that signed.
func (c *call) fileOf(token string) (f file, err error) {
	mchID, _, _ := strings.Cut(token, ".")
	m, known := c.api.Merchants[mchID]
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
	if c.Now.After(f.At.Add(fileTime)) {
		err = errOldFile
	}
	return f, err
}
