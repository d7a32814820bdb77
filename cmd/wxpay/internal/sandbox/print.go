package sandbox

import (
	"embed"
	"io"
	"maps"
	"net/url"
	"path/filepath"
	"slices"
	"strings"
	"text/template"

	"github.com/wxchain/wechatpay/cmd/wxpay/internal/shared/lang"
	"github.com/wxchain/wechatpay/keys"
	"github.com/wxchain/wechatpay/sandbox"
)

// A connection is what a client of the sandbox must know. It is printed with the
// merchant's keys: they protect nothing, and a client needs them.
type connection struct {
	Merchant         sandbox.Merchant
	Others           []sandbox.Merchant // their folders are in merchants/
	SubMerchants     []sandbox.SubMerchant
	PublicKeyID      string        // "" if the merchant works with certificates alone
	Keys             []platformKey // those that the merchant works with
	Dir, URL, CAFile string
	TLS, Proxy       bool
}

// A platformKey is a public key of the platform, or a certificate that has one.
type platformKey struct{ Serial, File string }

// newConnection returns how clients connect to a sandbox. It leaves the URL
// empty.
func newConnection(files sandbox.Config, server *sandbox.Server, o options) connection {
	c := connection{
		Merchant: files.Merchants[0], Others: files.Merchants[1:], SubMerchants: files.SubMerchants, Dir: o.dir, TLS: o.tls, Proxy: o.proxy, CAFile: sandbox.CAFile,
	}
	for _, serial := range slices.Sorted(maps.Keys(server.PlatformKeys())) {
		key := platformKey{serial, filepath.Join(o.dir, "platform", serial+".pem")}
		if strings.HasPrefix(serial, keys.PublicKeyIDPrefix) {
			c.PublicKeyID, key.File = serial, filepath.Join(o.dir, "pub_key.pem")
		}
		c.Keys = append(c.Keys, key)
	}
	if len(c.SubMerchants) == 0 {
		c.SubMerchants = []sandbox.SubMerchant{{SpMchID: c.Merchant.MchID, SubMchID: sandbox.DefaultSubMchID}}
	}
	return c
}

// folders returns the folders of the merchants.
func (c connection) folders() []string {
	folders := []string{c.Dir}
	for _, m := range c.Others {
		folders = append(folders, filepath.Join(c.Dir, "merchants", m.MchID))
	}
	return folders
}

// HasPublicKey reports whether the merchant works with the platform public key.
func (c connection) HasPublicKey() bool { return c.PublicKeyID != "" }

// IsRSA reports whether the merchant has an RSA key.
func (c connection) IsRSA() bool { return c.Merchant.Signer == nil }

// Origin is the URL without the slash at its end.
func (c connection) Origin() string { return strings.TrimSuffix(c.URL, "/") }

// parsed returns the URL in parts.
func (c connection) parsed() *url.URL {
	u, err := url.Parse(c.URL)
	if err != nil {
		return new(url.URL)
	}
	return u
}

// Scheme is the scheme of the URL.
func (c connection) Scheme() string { return c.parsed().Scheme }

// Host is the host of the URL, without the port.
func (c connection) Host() string { return c.parsed().Hostname() }

// Port is the port of the URL.
func (c connection) Port() string { return c.parsed().Port() }

// print prints the connection, with code for the clients, in a language.
func (c connection) print(l lang.Language, out io.Writer) error {
	return connectionTexts.ExecuteTemplate(out, l.Choose("connection.txt", "connection_zh.txt"), c)
}

// String returns what print prints in English.
func (c *connection) String() string {
	var b strings.Builder
	_ = c.print(lang.Language{}, &b) // into memory
	return b.String()
}

//go:embed *.txt clients/*.txt
var connectionSources embed.FS

var connectionTexts = template.Must(template.ParseFS(connectionSources, "*.txt", "clients/*.txt"))
