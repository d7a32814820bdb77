package sandbox

import (
	"io"
	"path/filepath"
	"text/template"

	"github.com/wxchain/wechatpay/sandbox"
)

// A connection is what a client of the sandbox must know. Secrets stay in files
// and are not printed, because the output of a terminal often ends up in a log.
type connection struct {
	Merchant         sandbox.Merchant
	Others           []sandbox.Merchant // their folders are in merchants/
	SubMerchants     []sandbox.SubMerchant
	PublicKeyID      string
	Dir, URL, CAFile string
	TLS              bool
}

// newConnection returns how clients connect to a sandbox. It leaves the URL
// empty.
func newConnection(files sandbox.Config, o options) connection {
	c := connection{
		Merchant: files.Merchants[0], Others: files.Merchants[1:], SubMerchants: files.SubMerchants,
		PublicKeyID: files.Platform.PublicKeyID, Dir: o.dir, TLS: o.tls,
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

func (c connection) print(out io.Writer) error {
	c.CAFile = sandbox.CAFile
	return connectionText.Execute(out, c)
}

var connectionText = template.Must(template.New("").Parse(`sandbox on {{.URL}} (ctrl-C ends it)

merchant {{.Merchant.MchID}}, certificate {{.Merchant.SerialNo}}
platform public key {{.PublicKeyID}}
keys in {{.Dir}}: wxpay.toml has this URL and the APIv3 and APIv2 keys,
  apiclient_key.pem, apiclient_cert.pem, apiclient_cert.p12 are the merchant's,
  pub_key.pem and platform/ are the platform's
{{- range .Others}}
merchant {{.MchID}}, certificate {{.SerialNo}}: the same files in
  {{$.Dir}}/merchants/{{.MchID}}
{{- end}}
{{- range .SubMerchants}}
merchant {{.SpMchID}} is the partner of sub-merchant {{.SubMchID}}
{{- end}}
{{- if .TLS}}
clients must trust {{.Dir}}/{{.CAFile}}; Go programs on Linux do with
  SSL_CERT_FILE={{.Dir}}/{{.CAFile}}
{{- end}}

wxpay:

	wxpay call --config {{.Dir}}/wxpay.toml …

Go, this library:

	key, err := keys.Private("{{.Dir}}/apiclient_key.pem")
	…
	platformKey, err := keys.Public("{{.Dir}}/pub_key.pem")
	…
	client, err := wechatpay.New(wechatpay.Config{
		BaseURL:      "{{.URL}}",
		MchID:        "{{.Merchant.MchID}}",
		SerialNo:     "{{.Merchant.SerialNo}}",
		PrivateKey:   key,
		PlatformKeys: keys.Static{"{{.PublicKeyID}}": platformKey},
		APIv3Key:     os.Getenv("WECHATPAY_APIV3_KEY"), // as in {{.Dir}}/wxpay.toml
	})

Go, wechatpay-go, whose services have their host built in:

	key, err := utils.LoadPrivateKeyWithPath("{{.Dir}}/apiclient_key.pem")
	…
	platformKey, err := utils.LoadPublicKeyWithPath("{{.Dir}}/pub_key.pem")
	…
	client, err := core.NewClient(ctx,
		option.WithWechatPayPublicKeyAuthCipher("{{.Merchant.MchID}}", "{{.Merchant.SerialNo}}", key,
			"{{.PublicKeyID}}", platformKey),
		option.WithHTTPClient(&http.Client{Transport: toSandbox{}}))

	type toSandbox struct{}

	func (toSandbox) RoundTrip(req *http.Request) (*http.Response, error) {
		base, err := url.Parse("{{.URL}}")
		if err != nil {
			return nil, err
		}
		req = req.Clone(req.Context())
		req.URL.Scheme, req.URL.Host, req.Host = base.Scheme, base.Host, ""
		return http.DefaultTransport.RoundTrip(req)
	}

PHP, wechatpay-php:

	$instance = Builder::factory([
		'base_uri'   => '{{.URL}}',
		'mchid'      => '{{.Merchant.MchID}}',
		'serial'     => '{{.Merchant.SerialNo}}',
		'privateKey' => Rsa::from('file://{{.Dir}}/apiclient_key.pem', Rsa::KEY_TYPE_PRIVATE),
		'certs'      => [
			'{{.PublicKeyID}}' => Rsa::from('file://{{.Dir}}/pub_key.pem', Rsa::KEY_TYPE_PUBLIC),
		],
{{- if .TLS}}
		'verify'     => '{{.Dir}}/{{.CAFile}}',
{{- end}}
	]);

`))
