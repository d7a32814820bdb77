package signer_test

import (
	"errors"
	"maps"
	"net/url"
	"strings"
	"testing"

	"github.com/wxchain/wechatpay/internal/vectors"
	"github.com/wxchain/wechatpay/internal/xmlmap"
	"github.com/wxchain/wechatpay/signer"
)

// fieldsOf takes a=1&b=2 apart.
func fieldsOf(message string) map[string]string {
	fields := make(map[string]string)
	for _, pair := range strings.Split(message, "&") {
		name, value, _ := strings.Cut(pair, "=")
		fields[name] = value
	}
	return fields
}

// flat reads XML whose fields are all strings.
func flat(t *testing.T, text string) map[string]string {
	t.Helper()
	decoded, err := xmlmap.Decode([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	fields := make(map[string]string)
	for name, value := range decoded {
		fields[name] = value.(string)
	}
	return fields
}

func TestV2VectorsOfPHP(t *testing.T) {
	v := vectors.Load(t)
	plain, work := 0, 0
	for _, tt := range v.MD5 {
		sign := func() (string, error) { return signer.V2Sign("MD5", v.APIv2Key, fieldsOf(tt.Message)) }
		if tt.AgentID != "" {
			sign = func() (string, error) { return signer.V2WorkSign(v.APIv2Key, fieldsOf(tt.Message)) }
			work++
		} else {
			plain++
		}
		if got, err := sign(); err != nil || got != strings.ToUpper(tt.Digest) {
			t.Errorf("MD5 of %q for agent %q is %s, %v; want %s", tt.Message, tt.AgentID, got, err, strings.ToUpper(tt.Digest))
		}
	}
	for _, tt := range v.HMAC {
		if got, err := signer.V2Sign("HMAC-SHA256", v.APIv2Key, fieldsOf(tt.Message)); err != nil || got != strings.ToUpper(tt.Digest) {
			t.Errorf("HMAC-SHA256 of %q is %s, %v; want %s", tt.Message, got, err, strings.ToUpper(tt.Digest))
		}
	}
	if plain == 0 || work == 0 || len(v.HMAC) == 0 {
		t.Errorf("the vectors have %d MD5, %d WeCom and %d HMAC cases, some of each are needed", plain, work, len(v.HMAC))
	}
}

// TestV2Wire signs again what PHP sent.
func TestV2Wire(t *testing.T) {
	var cases []struct {
		Name     string
		Segments []string
		Chain    string
		Expect   struct{ Query, Body string }
	}
	vectors.LoadFile(t, "wire.json", &cases)
	const key = "exposed_your_key_here_have_risks"
	ran := 0
	for _, tt := range cases {
		if first := append(tt.Segments, tt.Chain)[0]; !strings.HasPrefix(first, "v2") {
			continue
		}
		ran++
		t.Run(tt.Name, func(t *testing.T) {
			var fields map[string]string
			if tt.Expect.Body != "" {
				fields = flat(t, tt.Expect.Body)
			} else {
				fields = make(map[string]string)
				query, err := url.ParseQuery(tt.Expect.Query)
				if err != nil {
					t.Fatal(err)
				}
				for name := range query {
					fields[name] = query.Get(name)
				}
			}
			if got, err := signer.V2Sign(fields["sign_type"], key, fields); err != nil || got != fields["sign"] {
				t.Errorf("V2Sign = %s, %v; PHP sent %s", got, err, fields["sign"])
			}
			if err := signer.V2Verify(key, fields); err != nil {
				t.Errorf("V2Verify: %v", err)
			}
		})
	}
	if ran != 5 {
		t.Errorf("ran %d cases, the vectors have 5", ran)
	}
}

func TestV2VerifyNotifications(t *testing.T) {
	v := vectors.Load(t)
	accepted, refused := 0, 0
	for _, tt := range v.V2 {
		fields := flat(t, tt.Body)
		if tt.Fields != nil && !maps.Equal(fields, tt.Fields) {
			t.Errorf("%s: fields %v, want %v", tt.Name, fields, tt.Fields)
		}
		err := signer.V2Verify(v.APIv2Key, fields)
		switch {
		case fields["req_info"] != "": // encrypted, and so not signed
			checkRefusal(t, err, signer.ReasonSignature, "sign is missing")
		case tt.Accept:
			accepted++
			if err != nil {
				t.Errorf("%s: %v", tt.Name, err)
			}
		default:
			refused++
			checkRefusal(t, err, signer.ReasonSignature, "does not match")
		}
	}
	if accepted != 2 || refused != 1 {
		t.Errorf("%d notifications accepted, %d refused; the vectors have 2 and 1", accepted, refused)
	}
}

const v2Key = "192006250b4c09247ec02edce69f6a2d" // of the example in the documentation

func v2Order() map[string]string {
	return map[string]string{
		"appid": "wxd930ea5d5a258f4f", "mch_id": "10000100", "device_info": "1000",
		"body": "test", "nonce_str": "ibuaiVcKdpRxkhJA",
	}
}

func with(fields map[string]string, more ...string) map[string]string {
	fields = maps.Clone(fields)
	for i := 0; i < len(more); i += 2 {
		fields[more[i]] = more[i+1]
	}
	return fields
}

const (
	orderMD5  = "9A0A8659F005D6984697E2CA0A9CF3B7"
	orderHMAC = "6A9AE1657590FD6257D693A078E1C3E4BB6BA4DC30B23E0EE2496E54170DACD6"
)

func TestV2Sign(t *testing.T) {
	order := v2Order()
	tests := []struct {
		name     string
		signType string
		key      string
		fields   map[string]string
		want     string
		problem  string // in the text of the error
	}{
		{"MD5", "MD5", v2Key, order, orderMD5, ""},
		{"no type is MD5", "", v2Key, order, orderMD5, ""},
		{"HMAC-SHA256", "HMAC-SHA256", v2Key, order, orderHMAC, ""},
		{"empty fields do not count", "MD5", v2Key, with(order, "attach", "", "sign_type", ""), orderMD5, ""},
		{"sign does not count", "MD5", v2Key, with(order, "sign", "x"), orderMD5, ""},
		{"zero counts", "MD5", "k", map[string]string{"zero": "0"}, "D789C0DE6477C2EF7F491CC6C5CACECC", ""},
		{"capitals sort first", "MD5", "k", map[string]string{"a": "1", "B": "2", "A_": "3", "a1": "4"}, "A8A7358BD69B0FE744F384EF91236912", ""},
		{"sign_type counts", "MD5", "k", map[string]string{"sign_type": "MD5", "z": "1"}, "92B5653D9B1DF507CA7ED4B0C86B813D", ""},

		{"another type", "RSA", v2Key, order, "", `"RSA" is neither MD5 nor HMAC-SHA256`},
		{"types have capitals", "md5", v2Key, order, "", `"md5"`},
		{"a type of 16 characters", "SHA1-WITH-RSA-16", v2Key, order, "", `"SHA1-WITH-RSA-16"`},
		{"a type of 17 characters", "SHA1-WITH-RSA-017", v2Key, order, "", "of 17 characters"},
		{"key and type swapped", v2Key, "MD5", order, "", "of 32 characters"},
		{"no key", "MD5", "", order, "", "APIv2 key is missing"},
		{"sign_type is another", "MD5", v2Key, with(order, "sign_type", "HMAC-SHA256"), "", `sign_type is "HMAC-SHA256"`},
		{"sign_type beside no type", "", v2Key, with(order, "sign_type", "HMAC-SHA256"), "", `sign_type is "HMAC-SHA256"`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			before := maps.Clone(tt.fields)
			got, err := signer.V2Sign(tt.signType, tt.key, tt.fields)
			if !maps.Equal(before, tt.fields) {
				t.Error("the fields were changed")
			}
			if tt.problem == "" {
				if err != nil || got != tt.want {
					t.Errorf("V2Sign = %s, %v; want %s", got, err, tt.want)
				}
				return
			}
			checkNotSigned(t, got, err, tt.problem)
			if strings.Contains(err.Error(), v2Key) {
				t.Errorf("error %q shows the key", err)
			}
		})
	}
}

func checkNotSigned(t *testing.T, got string, err error, problem string) {
	t.Helper()
	if got != "" || !errors.Is(err, signer.ErrSign) || !strings.Contains(err.Error(), problem) {
		t.Errorf("got %q, %v; want an ErrSign that says %q", got, err, problem)
	}
}

func TestV2Verify(t *testing.T) {
	order := v2Order()
	tests := []struct {
		name   string
		key    string
		fields map[string]string
		want   string // in the text of the error; "" for one that verifies
	}{
		{"MD5", v2Key, with(order, "sign", orderMD5), ""},
		{"HMAC-SHA256", v2Key, with(order, "sign", orderHMAC), ""},
		{"lower case", v2Key, with(order, "sign", strings.ToLower(orderMD5)), ""},
		{"an empty field more", v2Key, with(order, "sign", orderMD5, "attach", ""), ""},

		{"no sign", v2Key, order, "sign is missing"},
		{"empty sign", v2Key, with(order, "sign", ""), "sign is missing"},
		{"cut", v2Key, with(order, "sign", orderMD5[:31]), "31 characters"},
		{"padded", v2Key, with(order, "sign", orderMD5+" "), "33 characters"},
		{"not hexadecimal", v2Key, with(order, "sign", "G"+orderMD5[1:]), "not hexadecimal"},
		{"changed", v2Key, with(order, "sign", "8"+orderMD5[1:]), "does not match by MD5"},
		{"changed at its end", v2Key, with(order, "sign", orderHMAC[:63]+"7"), "does not match by HMAC-SHA256"},
		{"first half of the other", v2Key, with(order, "sign", orderHMAC[:32]), "does not match by MD5"},
		{"a field changed", v2Key, with(order, "sign", orderMD5, "body", "tesu"), "APIv2 key is not this merchant's"},
		{"a field more", v2Key, with(order, "sign", orderMD5, "attach", "x"), "does not match"},
		{"another key", v2Key[1:] + "1", with(order, "sign", orderMD5), "APIv2 key is not this merchant's"},
		{"no fields", v2Key, nil, "sign is missing"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			err := signer.V2Verify(tt.key, tt.fields)
			if tt.want == "" {
				if err != nil {
					t.Errorf("V2Verify: %v", err)
				}
				return
			}
			checkRefusal(t, err, signer.ReasonSignature, tt.want)
			for _, secret := range []string{tt.key, orderMD5, orderHMAC} {
				if strings.Contains(err.Error(), secret) {
					t.Errorf("error %q shows the key, or what the signature should be", err)
				}
			}
		})
	}
}

// TestV2VerifyWithoutKey: everybody could sign under the empty key.
func TestV2VerifyWithoutKey(t *testing.T) {
	forged := map[string]string{"a": "1", "sign": "1C1054232842CCEA62607D9FA8E15F2D"}
	checkRefusal(t, signer.V2Verify("", forged), signer.ReasonSignature, "APIv2 key is missing")
}

func TestV2WorkSign(t *testing.T) {
	packet := map[string]string{
		"act_name": "XXX", "mch_billno": "11111234567890", "mch_id": "10000098", "nonce_str": "qFKEgfig76DF9912fewmkp",
		"re_openid": "oxTWIuGaIt6gTKsQRLau2M0yL16E", "total_amount": "100", "wxappid": "wx123456789",
	}
	const want = "D4C6924588E126FE57354BAF2C2CD336" // MD5 of the seven fields and &secret=secret1
	for name, fields := range map[string]map[string]string{
		"nothing more": packet, "sign": with(packet, "sign", "x"), "workwx_sign": with(packet, "workwx_sign", "x"), "an empty field": with(packet, "scene_id", ""),
	} {
		if got, err := signer.V2WorkSign("secret1", fields); err != nil || got != want {
			t.Errorf("with %s: %s, %v; want %s", name, got, err, want)
		}
	}
	for name, fields := range map[string]map[string]string{"another amount": with(packet, "total_amount", "101"), "a field more": with(packet, "total_num", "1")} {
		if got, err := signer.V2WorkSign("secret1", fields); err != nil || got == want {
			t.Errorf("with %s: %s, %v; want another signature", name, got, err)
		}
	}
	got, err := signer.V2WorkSign("", packet)
	checkNotSigned(t, got, err, "secret of the WeCom app is missing")

	// The field sign, which comes second, covers workwx_sign.
	a, _ := signer.V2Sign("MD5", v2Key, packet)
	b, err := signer.V2Sign("MD5", v2Key, with(packet, "workwx_sign", want))
	if err != nil || a == b {
		t.Errorf("sign is %s with and without workwx_sign, %v", b, err)
	}
}
