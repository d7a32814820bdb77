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

var errNoFile = &wire.Refusal{Status: http.StatusNotFound, Code: "RESOURCE_NOT_EXISTS",
	Message: "there is no such file of this merchant, or its URL is older than 5 minutes; ask for another"}

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

// token returns the file as text that nobody else can make for the merchant.
func (f file) token(m party.Merchant) (string, error) {
	text, err := plainjson.Encode(f)
	if err != nil {
		return "", err
	}
	told := base64.RawURLEncoding.EncodeToString(text)
	return told + "." + tokenMAC(m, told), nil
}

func tokenMAC(m party.Merchant, told string) string {
	mac := hmac.New(sha256.New, []byte(m.APIv3Key))
	mac.Write([]byte("token " + told))
	return base64.RawURLEncoding.EncodeToString(mac.Sum(nil))
}

func parseToken(m party.Merchant, token string) (f file, err error) {
	told, mac, _ := strings.Cut(token, ".")
	if !hmac.Equal([]byte(mac), []byte(tokenMAC(m, told))) {
		return f, errNoFile
	}
	text, err := base64.RawURLEncoding.DecodeString(told)
	if err != nil {
		return f, err
	}
	return f, json.Unmarshal(text, &f)
}
