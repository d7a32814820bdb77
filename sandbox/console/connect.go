package console

import (
	"encoding/pem"
	"maps"
	"net/http"
	"slices"
	"strings"

	"crypto/x509"
)

// A connection is what the page shows of how to connect.
type connection struct {
	URL, MchID, Serial, APIv3Key, APIv2Key string
	Files                                  []copied
	SDKs                                   []copied
}

func (c *console) showConnect(w http.ResponseWriter, r *http.Request) error {
	m := c.sandbox.Merchant()
	data := connection{URL: baseURL(r), MchID: m.MchID, Serial: m.SerialNo, APIv3Key: m.APIv3Key, APIv2Key: m.APIv2Key}
	if c.options.Connection != nil {
		data.SDKs = sectionsOf(c.options.Connection())
	}
	if len(data.SDKs) == 0 {
		data.SDKs = c.ownSDKs(data)
	}
	add := func(name, kind string, der []byte) {
		data.Files = append(data.Files, copied{ID: "file-" + strings.ReplaceAll(name, ".", "-"), Name: name, Text: string(pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der}))})
	}
	if m.PrivateKey != nil {
		if der, err := x509.MarshalPKCS8PrivateKey(m.PrivateKey); err == nil {
			add("apiclient_key.pem", "PRIVATE KEY", der)
		}
	}
	add("apiclient_cert.pem", "CERTIFICATE", m.Certificate.Raw)
	for serial, key := range sortedKeys(c) {
		if der, err := x509.MarshalPKIXPublicKey(key); err == nil {
			add(serial+".pem", "PUBLIC KEY", der)
		}
	}
	return c.site.Render(w, r, c.connect, data)
}

func sortedKeys(c *console) func(func(string, any) bool) {
	keys := c.sandbox.PlatformKeys()
	return func(yield func(string, any) bool) {
		for _, serial := range slices.Sorted(maps.Keys(keys)) {
			if !yield(serial, keys[serial]) {
				return
			}
		}
	}
}

// baseURL returns the URL of the sandbox, as the browser names it.
func baseURL(r *http.Request) string {
	if r.TLS != nil {
		return "https://" + r.Host + "/"
	}
	return "http://" + r.Host + "/"
}

// sectionsOf returns the parts of a text: a line that ends in a colon, and the
// code after it, which is indented by a tab.
func sectionsOf(text string) (all []copied) {
	for line := range strings.Lines(text) {
		code, isCode := strings.CutPrefix(line, "\t")
		switch name := strings.TrimSpace(line); {
		case isCode && len(all) > 0:
			all[len(all)-1].Text += code
		case isCode:
		case name == "" && len(all) > 0 && all[len(all)-1].Text != "":
			all[len(all)-1].Text += "\n"
		case strings.HasSuffix(name, ":") && !strings.HasPrefix(line, " "):
			all = append(all, copied{ID: "sdk-" + string(rune('a'+len(all))), Name: strings.TrimSuffix(name, ":")})
		}
	}
	for i := range all {
		all[i].Text = strings.TrimSpace(all[i].Text) + "\n"
	}
	return slices.DeleteFunc(all, func(c copied) bool { return strings.TrimSpace(c.Text) == "" })
}

// ownSDKs returns how to connect with the files that the page shows.
func (c *console) ownSDKs(d connection) []copied {
	keyID := ""
	for serial := range sortedKeys(c) {
		keyID = serial
	}
	toml := "base_url = \"" + d.URL + "\"\nmchid = \"" + d.MchID + "\"\nserial_no = \"" + d.Serial + "\"\nprivate_key = \"apiclient_key.pem\"\n" +
		"apiv3_key = \"" + d.APIv3Key + "\"\napiv2_key = \"" + d.APIv2Key + "\"\nplatform_public_key_id = \"" + keyID + "\"\nplatform_public_key = \"" + keyID + ".pem\"\n"
	code := "privateKey, err := keys.Private(\"apiclient_key.pem\")\n…\nplatformKey, err := keys.Public(\"" + keyID + ".pem\")\n…\n" +
		"client, err := wechatpay.New(wechatpay.Config{\n\tBaseURL:      \"" + d.URL + "\",\n\tMchID:        \"" + d.MchID + "\",\n\tSerialNo:     \"" + d.Serial +
		"\",\n\tPrivateKey:   privateKey,\n\tPlatformKeys: keys.Static{\"" + keyID + "\": platformKey},\n\tAPIv3Key:     \"" + d.APIv3Key + "\",\n})\n"
	php := "$instance = Builder::factory([\n    'base_uri'   => '" + d.URL + "',\n    'mchid'      => '" + d.MchID + "',\n    'serial'     => '" + d.Serial +
		"',\n    'privateKey' => Rsa::from('file://apiclient_key.pem', Rsa::KEY_TYPE_PRIVATE),\n    'certs'      => ['" + keyID + "' => Rsa::from('file://" + keyID + ".pem', Rsa::KEY_TYPE_PUBLIC)],\n]);\n"
	return []copied{{"sdk-a", "wxpay.toml", toml}, {"sdk-b", "Go", code}, {"sdk-c", "PHP, wechatpay-php", php}}
}
