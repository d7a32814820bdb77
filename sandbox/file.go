package sandbox

import (
	"bytes"
	"compress/gzip"
	"crypto/hmac"
	"crypto/sha1"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"net/http"
	"strings"
	"time"

	"github.com/wxchain/wechatpay/sandbox/internal/plainjson"
)

// A file is one that a merchant downloads, as it was at an instant. A token in
// the URL tells which one.
type file struct {
	Name string    `json:"name"`
	Of   []string  `json:"of"` // what more there is to tell
	At   time.Time `json:"at"`
}

// makers make the text of a merchant's file, by name.
func makers() map[string]func(tx Tx, mchID string, f file) ([]byte, error) {
	return map[string]func(Tx, string, file) ([]byte, error){
		useFlow.name:    useFlow.make,
		refundFlow.name: refundFlow.make,
		tradeBillName:   makeTradeBill,
		fundFlowName:    makeFundFlowBill,
	}
}

const (
	// fileTime is how long the URL of a file is good.
	fileTime = 5 * time.Minute
	// gzipParameter asks in that URL for the file compressed.
	gzipParameter = "tartype=gzip"
)

var errNoFile = &refusal{Status: http.StatusNotFound, Code: "RESOURCE_NOT_EXISTS",
	Message: "there is no such file of this merchant, or its URL is older than 5 minutes; ask for another"}

// link is where a file is downloaded, as it is at this instant, and the SHA-1
// of it.
func (c *call) link(name string, of ...string) (url, sum string, err error) {
	f := file{name, of, c.now}
	text, err := makers()[name](c.tx, c.merchant.MchID, f)
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

// downloadFile answers with the file that a token of link stands for.
func downloadFile(c *call) (int, any, error) {
	f, err := parseToken(c.merchant, c.query.Get("token"))
	if err != nil || c.now.After(f.At.Add(fileTime)) {
		return 0, nil, errNoFile
	}
	text, err := makers()[f.Name](c.tx, c.merchant.MchID, f)
	if err == nil && c.query.Get("tartype") == "gzip" {
		text, err = zip(text)
	}
	return http.StatusOK, download(text), err
}

func zip(text []byte) ([]byte, error) {
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	if _, err := w.Write(text); err != nil {
		return nil, err
	}
	err := w.Close()
	return b.Bytes(), err
}

// token is the file in a form that nobody else can make for the merchant.
func (f file) token(m Merchant) (string, error) {
	text, err := plainjson.Encode(f)
	if err != nil {
		return "", err
	}
	told := base64.RawURLEncoding.EncodeToString(text)
	return told + "." + tokenMAC(m, told), nil
}

func tokenMAC(m Merchant, told string) string {
	mac := hmac.New(sha256.New, []byte(m.APIv3Key))
	mac.Write([]byte("token " + told))
	return base64.RawURLEncoding.EncodeToString(mac.Sum(nil))
}

func parseToken(m Merchant, token string) (f file, err error) {
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
