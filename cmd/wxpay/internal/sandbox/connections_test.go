package sandbox

import (
	"io"
	"net"
	"os"
	"strconv"
	"strings"
	"testing"

	"github.com/wxchain/wechatpay"
)

// The sandbox takes orders while many open connections send nothing or stop
// midway. WXPAY_CONNECTIONS sets their number, 500 by default: a machine may
// not allow more.
func TestSandboxConnections(t *testing.T) {
	many := 500
	if text := os.Getenv("WXPAY_CONNECTIONS"); text != "" {
		var err error
		if many, err = strconv.Atoi(text); err != nil {
			t.Fatal(err)
		}
	}
	dir := t.TempDir()
	p := startSandbox(t, "--dir", dir)
	client := p.client(loadSandboxDir(t, dir))
	address := strings.TrimSuffix(strings.TrimPrefix(p.url, "http://"), "/")
	serves := func(number string) {
		t.Helper()
		if _, err := client.Chain("v3/pay/transactions/native").Post(t.Context(), wechatpay.JSON(wechatpay.M{
			"appid": "wx233544546545989", "mchid": "1900000109", "description": "tea", "out_trade_no": number,
			"notify_url": "https://example.com/notify", "amount": wechatpay.M{"total": 1},
		})); err != nil {
			t.Fatalf("%s: %v", number, err)
		}
	}
	for i := range many {
		conn, err := net.Dial("tcp", address)
		if err != nil {
			t.Fatalf("after %d connections: %v", i, err)
		}
		defer conn.Close()
		begun := [...]string{"", "GET /v3/certificates HTTP/1.1\r\nHost", "POST /v3/pay HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\n{"}[i%3]
		if _, err := io.WriteString(conn, begun); err != nil {
			t.Fatal(err)
		}
		if i%(many/5) == 0 {
			serves("while-" + strconv.Itoa(i))
		}
	}
	serves("in-the-end")
}
