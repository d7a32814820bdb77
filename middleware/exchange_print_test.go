package middleware_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/wxchain/wechatpay/middleware"
)

// Printing an Exchange, or a context that has one, shows neither the body nor the
// signature of a request.
func TestPrintingAnExchange(t *testing.T) {
	const private = "a private text"
	x := &middleware.Exchange{Template: "v3/x/{id}", Body: []byte(private)}
	ctx := middleware.WithExchange(context.Background(), x)
	req, err := http.NewRequestWithContext(ctx, "POST", "https://api.mch.weixin.qq.com/v3/x/1", strings.NewReader(private))
	if err != nil {
		t.Fatal(err)
	}
	var sent *http.Request
	s := middleware.Signer("1900000109", merchant(t))
	_, err = s(middleware.Guard(transport(func(r *http.Request) (*http.Response, error) {
		sent = r
		return nil, errors.New("no answer")
	}))).RoundTrip(req)
	if sent == nil {
		t.Fatal(err)
	}
	signature := sent.Header.Get("Authorization")
	for _, v := range []any{x, ctx, sent.Context()} {
		for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%d", "%x"} {
			got := fmt.Sprintf(verb, v)
			if strings.Contains(got, private) || strings.Contains(got, signature) || strings.Contains(got, fmt.Sprint([]byte(private))) || len(got) > 200 {
				t.Errorf("%s of a %T is %.200s", verb, v, got)
			}
		}
	}
	if got := fmt.Sprint(x); !strings.Contains(got, "v3/x/{id}") {
		t.Errorf("an Exchange prints as %s", got)
	}
}
