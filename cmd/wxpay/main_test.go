package main

import (
	"bytes"
	"context"
	"fmt"
	"go/parser"
	"regexp"
	"strings"
	"testing"

	"go.uber.org/goleak"

	"github.com/wxchain/wechatpay"
	"github.com/wxchain/wechatpay/keys"
)

// exec runs a command line in this process.
func exec(ctx context.Context, args ...string) (code int, stdout, stderr string) {
	var out, err bytes.Buffer
	code = run(ctx, args, &out, &err)
	return code, out.String(), err.String()
}

func TestDemo(t *testing.T) {
	defer goleak.VerifyNone(t, goleak.IgnoreCurrent())
	code, stdout, stderr := exec(t.Context(), "demo")
	if code != exitOK || stderr != "" {
		t.Fatalf("exit %d, stderr %q, stdout:\n%s", code, stderr, stdout)
	}

	const path = "/v3/marketing/favor/users/oUpF8uMuAJO_M2pxb1Q9zNjWeS6o/coupons"
	var got []string
	for _, m := range regexp.MustCompile(`(?m)^    → (\S+ [^\s?]+).*\n    ← (.*)$`).FindAllStringSubmatch(stdout, -1) {
		got = append(got, m[1]+" "+m[2])
	}
	var want []string
	for range 6 {
		want = append(want, "POST "+path+" 200 OK, signature verified", "GET "+path+" 200 OK, signature verified")
	}
	want = append(want, "POST "+path+" 400 Bad Request, signature verified")
	if fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("the calls are\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
	for _, text := range []string{
		"\n13. ",
		`["9867041","9867042","9867043","9867044","9867045","9867046"]`,
		"400 INVALID_REQUEST: out_request_no 89560002019101000121 was used for another coupon",
		"13 calls, every answer verified and as it should be.",
	} {
		if !strings.Contains(stdout, text) {
			t.Errorf("the output lacks %q:\n%s", text, stdout)
		}
	}
}

// What is printed as Go is Go, and has the values of the calls.
func TestDemoCode(t *testing.T) {
	code := preamble()
	for _, s := range new(demo).steps(new(wechatpay.Client)) {
		code += "\n{\n" + s.code + "\n}"
	}
	if _, err := parser.ParseExpr("func() {\n" + code + "\n}"); err != nil {
		t.Errorf("%v in\n%s", err, code)
	}
	for _, m := range []wechatpay.M{demoCoupon(), demoQuery()} {
		for name, value := range m {
			if line := fmt.Sprintf(`"%s": *%#v,`, name, value); !regexp.MustCompile(line).MatchString(preamble()) {
				t.Errorf("the preamble lacks %s", line)
			}
		}
	}
	if got := strings.Count(preamble(), ": "); got != len(demoCoupon())+len(demoQuery()) {
		t.Errorf("the preamble has %d values, the calls have %d", got, len(demoCoupon())+len(demoQuery()))
	}
}

func TestDemoInterrupted(t *testing.T) {
	defer goleak.VerifyNone(t, goleak.IgnoreCurrent())
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	code, _, stderr := exec(ctx, "demo")
	if code != exitFailed || stderr != "wxpay demo: interrupted\n" {
		t.Errorf("exit %d, stderr %q", code, stderr)
	}
}

// full is a disk without room.
type full struct{}

func (full) Write([]byte) (int, error) { return 0, fmt.Errorf("no space left") }

func TestDemoOutputLost(t *testing.T) {
	var stderr bytes.Buffer
	code := run(t.Context(), []string{"demo"}, full{}, &stderr)
	if code != exitFailed || stderr.String() != "wxpay demo: no space left\n" {
		t.Errorf("exit %d, stderr %q", code, stderr.String())
	}
}

func TestUsageErrors(t *testing.T) {
	for _, test := range []struct {
		args string
		want []string
	}{
		{"dmeo", []string{`wxpay: unknown command "dmeo"`, "Did you mean this?\n\tdemo\n", "wxpay --help"}},
		{"help dmeo", []string{`unknown command "dmeo"`, "\tdemo\n"}},
		{"demo 9", []string{"wxpay demo: ", `"9"`, "wxpay demo --help"}},
		{"demo --fast", []string{"wxpay demo: unknown flag: --fast"}},
		{"--fast", []string{"wxpay: unknown flag: --fast"}},
	} {
		t.Run(test.args, func(t *testing.T) {
			code, stdout, stderr := exec(t.Context(), strings.Fields(test.args)...)
			if code != exitUsage || stdout != "" {
				t.Errorf("exit %d, stdout %q", code, stdout)
			}
			for _, text := range test.want {
				if strings.Count(stderr, text) != 1 {
					t.Errorf("stderr has not once %q:\n%s", text, stderr)
				}
			}
		})
	}
}

func TestHelp(t *testing.T) {
	for _, args := range []string{"", "--help", "help", "demo --help", "help demo"} {
		code, stdout, stderr := exec(t.Context(), strings.Fields(args)...)
		if code != exitOK || stderr != "" || !strings.Contains(stdout, "Examples:\n  wxpay demo") {
			t.Errorf("wxpay %s: exit %d, stderr %q, stdout:\n%s", args, code, stderr, stdout)
		}
	}
}

// The demo fails when the answers are not what they should be.
func TestDemoFails(t *testing.T) {
	w := newWorld(t)
	platformKeys := keys.Static{demoPublicKeyID: w.platform}
	strangers := keys.Static{demoPublicKeyID: w.stranger.Public()}
	good := w.client()
	for _, test := range []struct {
		name   string
		client *wechatpay.Client
		keys   keys.Static
		before func()
		want   string
	}{
		{"unverified", w.client(func(c *wechatpay.Config) { c.PlatformKeys = strangers }), platformKeys, nil,
			"call 1: wechatpay: POST v3/marketing/favor/users/{openid}/coupons: answer 200: signature not verified"},
		{"unverified for the demo", good, strangers, nil, "call 1: signature not verified"},
		{"another list", good, platformKeys, func() { w.mustSend(good, "x") }, "call 2: the list has the coupons"},
	} {
		t.Run(test.name, func(t *testing.T) {
			if test.before != nil {
				test.before()
			}
			var out bytes.Buffer
			d := &demo{out: &output{w: &out}, keys: test.keys}
			if err := d.run(t.Context(), test.client); err == nil || !strings.HasPrefix(err.Error(), test.want) {
				t.Errorf("error %v, want %q", err, test.want)
			}
		})
	}
}
