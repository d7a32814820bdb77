package wechatpay_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
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

// opened sends one call, whose platform key is the merchant's own here, and
// returns what decrypt makes of the body that left.
func opened(t *testing.T, opts ...wechatpay.Option) (body gjson.Result, open func(path string) string, req *http.Request) {
	t.Helper()
	out := new(recorder)
	config := newConfig(t, out)
	const serial = "PUB_KEY_ID_0000000000000000000000000000"
	key := vectors.MerchantKey(t)
	config.PlatformKeys = keys.Static{serial: key.Public()}
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
		text, err := client.Decrypt(background(), body.Get(path).String())
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

func TestSecretUnderAChosenKey(t *testing.T) {
	out := new(recorder)
	config := newConfig(t, out)
	key := vectors.MerchantKey(t)
	config.PlatformKeys = keys.Static{"PUB_KEY_ID_1": vectors.PlatformKey(t), "ABCD": key.Public()}
	client := newClient(t, config)
	_, err := client.Chain("v3/x").Post(background(), wechatpay.JSON(M{"name": wechatpay.Secret("张三")}), wechatpay.Header("Wechatpay-Serial", "ABCD"))
	if !errors.As(err, new(errNotSent)) {
		t.Fatal(err)
	}
	if text, err := client.Decrypt(background(), gjson.Get(out.body[0], "name").Str); err != nil || text != "张三" {
		t.Errorf("%q, %v", text, err)
	}
}

// hiding has a Secret where nobody can find it.
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
