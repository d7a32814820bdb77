package apiv2_test

import (
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/wxchain/wechatpay/internal/apiv2"
)

func TestIsXML(t *testing.T) {
	for body, want := range map[string]bool{
		"<xml></xml>": true, "\ufeff <xml>": true, "\r\n\t<": true,
		"": false, "交易时间,": false, "\ufeff`2026": false, "\x1f\x8b\x08": false, "{}": false, "x<": false,
	} {
		resp := &http.Response{Body: io.NopCloser(strings.NewReader(body))}
		if got := apiv2.IsXML(resp); got != want {
			t.Errorf("IsXML of %q is %v", body, got)
		}
		if rest, err := io.ReadAll(resp.Body); err != nil || string(rest) != body {
			t.Errorf("%q is left of %q, %v", rest, body, err)
		}
	}
	broken := errors.New("broken")
	resp := &http.Response{Body: io.NopCloser(iotest.ErrReader(broken))}
	if apiv2.IsXML(resp) {
		t.Error("a body that cannot be read is XML")
	}
	if _, err := io.ReadAll(resp.Body); !errors.Is(err, broken) {
		t.Errorf("error %v, want that of the body", err)
	}
}

func TestSucceeded(t *testing.T) {
	for code, want := range map[string]bool{"SUCCESS": true, "": true, "FAIL": false, "success": false, "SYSTEMERROR": false} {
		if got := apiv2.Succeeded(code); got != want {
			t.Errorf("Succeeded(%q) is %v", code, got)
		}
	}
}
