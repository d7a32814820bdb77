package wechatpay_test

import (
	"bytes"
	"database/sql/driver"
	"encoding/gob"
	"encoding/json"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"strings"
	"testing"

	"github.com/tidwall/gjson"

	"github.com/wxchain/wechatpay"
	"github.com/wxchain/wechatpay/cipher"
	"github.com/wxchain/wechatpay/internal/vectors"
	"github.com/wxchain/wechatpay/keys"
)

// opened sends one call and returns the body as sent and a function that decrypts
// it as the platform does.
func opened(t *testing.T, opts ...wechatpay.Option) (body gjson.Result, open func(path string) string, req *http.Request) {
	t.Helper()
	out := new(recorder)
	config := newConfig(t, out)
	const serial = "PUB_KEY_ID_0000000000000000000000000000"
	config.PlatformKeys = keys.Static{serial: platformKey().Public()}
	client := newClient(t, config)
	if _, err := client.Chain("v3/profitsharing/receivers/add").Post(background(), opts...); !errors.As(err, new(errNotSent)) {
		t.Fatal(err)
	}
	if got := out.sent[0].Header.Get("Wechatpay-Serial"); got != serial {
		t.Errorf("Wechatpay-Serial %s, want %s", got, serial)
	}
	checkSignature(t, config, out.sent[0], out.body[0])
	body = gjson.Parse(out.body[0])
	return body, func(path string) string {
		text, err := cipher.DecryptOAEP(platformKey(), body.Get(path).String())
		if err != nil {
			t.Errorf("%s: %v in %s", path, err, out.body[0])
		}
		return text
	}, out.sent[0]
}

func TestSecretLeavesEncrypted(t *testing.T) {
	type receiver struct {
		Type  string            `json:"type"`
		Name  wechatpay.Secret  `json:"name"`
		Maybe *wechatpay.Secret `json:"maybe,omitempty"`
		None  *wechatpay.Secret `json:"none,omitempty"`
		Any   any               `json:"any"`
		inner wechatpay.Secret
	}
	card := wechatpay.Secret("6214")
	r := receiver{"PERSONAL", "李四", &card, nil, M{"deep": wechatpay.Secret("deep")}, "unseen"}
	body, open, _ := opened(t, wechatpay.JSON(M{
		"name": wechatpay.Secret("张三"), "plain": "张三", "again": wechatpay.Secret("张三"),
		"list":     []any{wechatpay.Secret("a"), "b", []wechatpay.Secret{"c"}},
		"struct":   r,
		"pointers": []*receiver{&r},
		"array":    [1]receiver{r},
		"map":      map[string]wechatpay.Secret{"x": "y"},
	}), wechatpay.Set("set", wechatpay.Secret("s")), wechatpay.Set("over", wechatpay.Secret("gone")), wechatpay.Set("over", "here"))
	for path, want := range map[string]string{
		"name": "张三", "again": "张三", "list.0": "a", "list.2.0": "c", "map.x": "y", "set": "s",
		"struct.name": "李四", "struct.maybe": "6214", "struct.any.deep": "deep", "pointers.0.name": "李四", "pointers.0.any.deep": "deep", "array.0.maybe": "6214",
	} {
		if got := open(path); got != want {
			t.Errorf("%s is %q, want %q", path, got, want)
		}
	}
	for path, want := range map[string]string{"plain": "张三", "list.1": "b", "struct.type": "PERSONAL", "over": "here"} {
		if got := body.Get(path).String(); got != want {
			t.Errorf("%s is %q, want %q", path, got, want)
		}
	}
	if body.Get("struct.none").Exists() || body.Get("name").Str == body.Get("again").Str {
		t.Errorf("body %s", body)
	}
	if r.Name != "李四" || *r.Maybe != "6214" || r.inner != "unseen" {
		t.Errorf("the caller's struct was changed: %s", string(r.Name))
	}
}

// An empty Secret is never encrypted, whatever stands beside it.
func TestEmptySecret(t *testing.T) {
	type person struct {
		Name     wechatpay.Secret  `json:"name"`
		IDNumber wechatpay.Secret  `json:"id_number,omitempty"`
		Phone    wechatpay.Secret  `json:"phone,omitzero"`
		Card     *wechatpay.Secret `json:"card,omitempty"`
		Always   wechatpay.Secret  `json:"always"`
	}
	type inner struct {
		Secret wechatpay.Secret `json:"secret,omitempty"`
	}
	type order struct {
		Payer   person            `json:"payer"`
		Pointer *person           `json:"pointer,omitempty"`
		List    []person          `json:"list,omitempty"`
		None    inner             `json:"none,omitzero"`
		Nothing []inner           `json:"nothing,omitempty"`
		Map     map[string]person `json:"map,omitempty"`
		inner
	}
	p := person{Name: "张三"}
	body, open, _ := opened(t, wechatpay.JSON(order{Payer: p, Pointer: &p, List: []person{p, p}, Map: map[string]person{"x": p}}),
		wechatpay.Set("set", order{Payer: p}), wechatpay.Set("m", M{"full": wechatpay.Secret("x"), "empty": wechatpay.Secret(""), "p": new(wechatpay.Secret)}))
	for _, at := range []string{"payer", "pointer", "list.0", "list.1", "map.x", "set.payer"} {
		if got := open(at + ".name"); got != "张三" {
			t.Errorf("%s.name is %q", at, got)
		}
		if got := body.Get(at + ".always"); got.Raw != `""` {
			t.Errorf("%s.always is %s, want an empty string", at, got.Raw)
		}
		for _, absent := range []string{"id_number", "phone", "card"} {
			if got := body.Get(at + "." + absent); got.Exists() {
				t.Errorf("%s.%s was sent: %.40s", at, absent, got.Raw)
			}
		}
	}
	for _, absent := range []string{"none", "nothing", "secret", "set.none"} {
		if got := body.Get(absent); got.Exists() {
			t.Errorf("%s was sent: %.40s", absent, got.Raw)
		}
	}
	if body.Get("m.empty").Raw != `""` || body.Get("m.p").Raw != `""` || open("m.full") != "x" {
		t.Errorf("in a map: %s", body.Get("m"))
	}
}

func TestSecretUnderAChosenKey(t *testing.T) {
	out := new(recorder)
	config := newConfig(t, out)
	config.PlatformKeys = keys.Static{"PUB_KEY_ID_1": vectors.PlatformKey(t), "ABCD": platformKey().Public()}
	client := newClient(t, config)
	_, err := client.Chain("v3/x").Post(background(), wechatpay.JSON(M{"name": wechatpay.Secret("张三")}), wechatpay.Header("Wechatpay-Serial", "ABCD"))
	if !errors.As(err, new(errNotSent)) {
		t.Fatal(err)
	}
	if text, err := cipher.DecryptOAEP(platformKey(), gjson.Get(out.body[0], "name").Str); err != nil || text != "张三" {
		t.Errorf("%q, %v", text, err)
	}
}

// hiding has a Secret in an unexported field, where it cannot be found.
type hiding struct{ s wechatpay.Secret }

func (h hiding) MarshalJSON() ([]byte, error) { return json.Marshal(M{"s": h.s}) }

func TestBadSecret(t *testing.T) {
	out := new(recorder)
	config := newConfig(t, out)
	config.APIv2Key = v2Key
	client := newClient(t, config)
	chain := client.Chain("v3/x/{no}").Bind("no", 1)
	for _, tt := range []struct {
		name  string
		chain wechatpay.Chain
		opt   wechatpay.Option
		kind  error
		want  string
	}{
		{"in the path", client.Chain("v3/x/{no}").Bind("no", wechatpay.Secret("张三")), wechatpay.Options{}, wechatpay.ErrTemplate, "JSON body alone"},
		{"in the query", chain, wechatpay.Query(M{"a": wechatpay.Secret("张三")}), wechatpay.ErrOption, "JSON body alone"},
		{"in the headers", chain, wechatpay.Options{"headers": M{"A": wechatpay.Secret("张三")}}, wechatpay.ErrOption, "JSON body alone"},
		{"in XML", client.Chain("v2/x"), wechatpay.XML(M{"a": wechatpay.Secret("张三")}), wechatpay.ErrOption, "JSON body alone"},
		{"in JSON in XML", client.Chain("v2/x"), wechatpay.XML(M{"detail": M{"a": wechatpay.Secret("张三")}}), wechatpay.ErrOption, "JSON body alone"},
		{"a key", chain, wechatpay.JSON(map[wechatpay.Secret]int{"张三": 1}), wechatpay.ErrOption, "Secret for a key"},
		{"a key below", chain, wechatpay.JSON(M{"a": []any{map[wechatpay.Secret]M{"张三": {"b": wechatpay.Secret("x")}}}}), wechatpay.ErrOption, "Secret for a key"},
		{"a key in a struct", chain, wechatpay.JSON(struct {
			A *[1]map[string]map[wechatpay.Secret]bool
		}{&[1]map[string]map[wechatpay.Secret]bool{{"x": {"张三": true}}}}), wechatpay.ErrOption, "Secret for a key"},
		{"a key set", chain, wechatpay.Set("a", map[wechatpay.Secret]int{"张三": 1}), wechatpay.ErrOption, "Secret for a key"},
		{"a key in XML", client.Chain("v2/x"), wechatpay.XML(M{"a": map[wechatpay.Secret]string{"张三": "x"}}), wechatpay.ErrOption, "JSON body alone"},
		{"a key in JSON in XML", client.Chain("v2/x"), wechatpay.XML(M{"detail": map[wechatpay.Secret]string{"张三": "x"}}), wechatpay.ErrOption, "Secret for a key"},
		{"a key in the query", chain, wechatpay.Query(map[wechatpay.Secret]string{"张三": "x"}), wechatpay.ErrOption, "JSON body alone"},
		{"a key in the path", client.Chain("v3/x{?q*}"), wechatpay.Options{"q": map[wechatpay.Secret]string{"张三": "x"}}, wechatpay.ErrTemplate, "JSON body alone"},
		{"hidden", chain, wechatpay.JSON(M{"a": hiding{"张三"}}), wechatpay.ErrOption, "cannot be found"},
		{"too long", chain, wechatpay.JSON(M{"a": wechatpay.Secret(strings.Repeat("张", 100))}), wechatpay.ErrOption, "300 bytes"},
		{"not UTF-8", chain, wechatpay.JSON(M{"a": wechatpay.Secret("\xff张三")}), wechatpay.ErrOption, "UTF-8"},
		{"the body itself", chain, wechatpay.JSON(wechatpay.Secret("张三")), wechatpay.ErrOption, "body"},
		{"an unknown serial", chain, wechatpay.Options{"json": M{"a": wechatpay.Secret("张三")}, "headers": M{"Wechatpay-Serial": "X"}}, nil, `"X"`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			_, err := tt.chain.Post(background(), tt.opt)
			if err == nil || tt.kind != nil && !errors.Is(err, tt.kind) || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("error %v, want %v with %q", err, tt.kind, tt.want)
			}
			if strings.Contains(fmt.Sprint(err), "张") {
				t.Errorf("the error shows the secret: %v", err)
			}
		})
	}
	if n := out.count(); n > 0 {
		t.Errorf("%d requests were sent", n)
	}
}

func TestSecretIsNotPrinted(t *testing.T) {
	s := wechatpay.Secret("zhangsan")
	type order struct{ Name wechatpay.Secret }
	var b bytes.Buffer
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%d"} {
		fmt.Fprintf(&b, verb+"\n", s)
		fmt.Fprintf(&b, verb+"\n", order{s})
		fmt.Fprintf(&b, verb+"\n", &order{s})
		fmt.Fprintf(&b, verb+"\n", M{"name": s})
	}
	text, err := json.Marshal(order{s})
	if err != nil {
		t.Fatal(err)
	}
	b.Write(text)
	slog.New(slog.NewTextHandler(&b, nil)).Info("x", "s", s, "order", order{s})
	slog.New(slog.NewJSONHandler(&b, nil)).Info("x", "s", s, "order", order{s})
	b.WriteString(s.String())
	if got := b.String(); strings.Contains(got, "zhangsan") || strings.Contains(got, fmt.Sprintf("%x", "zhangsan")) {
		t.Errorf("printed: %s", got)
	}
}

// Codecs that call the methods of a Secret get an error, or nothing.
func TestSecretIsNotEncoded(t *testing.T) {
	const text = wechatpay.Secret("zhangsan")
	type order struct {
		Name    wechatpay.Secret
		Pointer *wechatpay.Secret
		List    []wechatpay.Secret
	}
	pointed := text
	for name, encode := range map[string]func(w io.Writer, v any) error{
		"gob":  func(w io.Writer, v any) error { return gob.NewEncoder(w).Encode(v) },
		"xml":  func(w io.Writer, v any) error { return xml.NewEncoder(w).Encode(v) },
		"json": func(w io.Writer, v any) error { return json.NewEncoder(w).Encode(v) },
	} {
		for _, v := range []any{text, order{Name: text}, order{Pointer: &pointed}, order{List: []wechatpay.Secret{text}}} {
			var b bytes.Buffer
			if err := encode(&b, v); err == nil && name != "json" {
				t.Errorf("%s of %T: no error", name, v)
			} else if strings.Contains(b.String()+fmt.Sprint(err), "zhangsan") {
				t.Errorf("%s of %T: %q, %v", name, v, b.String(), err)
			}
		}
	}
	if v, err := driver.DefaultParameterConverter.ConvertValue(text); err == nil {
		t.Errorf("a database gets %v", v)
	}
}

func TestDecrypt(t *testing.T) {
	v := vectors.Load(t)
	for _, tt := range v.OAEP {
		body, err := json.Marshal(M{"payer": M{"phone": tt.Ciphertext}, "plain": "x"})
		if err != nil {
			t.Fatal(err)
		}
		client, _ := newSigning(t, func(*http.Request, []byte) *http.Response { return answer(200, string(body)) })
		if text, err := client.Decrypt(background(), tt.Ciphertext); err != nil || text != tt.Plaintext {
			t.Errorf("Client.Decrypt: %q, %v; want %q", text, err, tt.Plaintext)
		}
		resp, err := client.Chain("v3/x").Get(background())
		if err != nil {
			t.Fatal(err)
		}
		if text, err := resp.Decrypt("payer.phone"); err != nil || text != tt.Plaintext {
			t.Errorf("Response.Decrypt: %q, %v; want %q", text, err, tt.Plaintext)
		}
		if _, err := resp.Decrypt("payer.name"); err == nil || !strings.Contains(err.Error(), `"payer.name"`) {
			t.Errorf("a field that is not there: %v", err)
		}
		if _, err := resp.Decrypt("plain"); err == nil || !strings.Contains(err.Error(), `"plain"`) {
			t.Errorf("a field that is plain: %v", err)
		}
	}
}

func TestDecryptRefuses(t *testing.T) {
	other, err := cipher.EncryptOAEP(vectors.PlatformKey(t), "x")
	if err != nil {
		t.Fatal(err)
	}
	client := newClient(t, newConfig(t, new(recorder)))
	if _, err := client.Decrypt(background(), other); !errors.Is(err, cipher.ErrDecrypt) {
		t.Errorf("encrypted for another: %v", err)
	}
	if _, err := newV2(t, new(recorder)).Decrypt(background(), other); !errors.Is(err, wechatpay.ErrConfig) {
		t.Errorf("without a key: %v", err)
	}
	if _, err := new(wechatpay.Response).Decrypt("a"); err == nil {
		t.Error("a Response of no client decrypts")
	}
}
