package sandbox_test

import (
	"net"
	"net/http"
	"net/http/httptest"
	"net/http/httptrace"
	"runtime"
	"testing"
	"time"

	"github.com/wxchain/wechatpay"
	"github.com/wxchain/wechatpay/sandbox"
)

// soon is long after all that a test waits for, and before an idle connection
// ends by itself.
const soon = 10 * time.Second

// Close hangs up on the shops that were told of something, without waiting for
// the connections to end by themselves.
func TestCloseHangsUp(t *testing.T) {
	states := make(chan http.ConnState, 16)
	shop := httptest.NewUnstartedServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
	shop.Config.ConnState = func(_ net.Conn, state http.ConnState) { states <- state }
	shop.Start()
	defer shop.Close()
	wait := func(want http.ConnState) {
		t.Helper()
		for late := time.After(soon); ; {
			select {
			case state := <-states:
				if state == want {
					return
				}
			case <-late:
				t.Fatalf("the connection to the shop is not %v", want)
			}
		}
	}
	sb := sandbox.Start(t)
	tell(t, sb, shop.URL)
	wait(http.StateIdle)
	acknowledged(sb)
	sb.Server.Close()
	wait(http.StateClosed)
	sb.Server.Close() // again, and nothing happens
}

// Close does not end the connections of a client that the caller gave.
func TestCloseLeavesOthersConnections(t *testing.T) {
	told := make(chan struct{}, 16)
	shop := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { told <- struct{}{} }))
	defer shop.Close()
	transport := new(http.Transport)
	defer transport.CloseIdleConnections()
	idle := make(chan struct{}, 16)
	client := &http.Client{Transport: roundTripper(func(req *http.Request) (*http.Response, error) {
		trace := &httptrace.ClientTrace{PutIdleConn: func(error) { idle <- struct{}{} }}
		return transport.RoundTrip(req.WithContext(httptrace.WithClientTrace(req.Context(), trace)))
	})}
	sb := sandbox.Start(t, func(c *sandbox.Config) { c.Client = client })
	tell(t, sb, shop.URL)
	<-told
	<-idle
	acknowledged(sb)
	sb.Server.Close()
	var reused bool
	trace := &httptrace.ClientTrace{GotConn: func(info httptrace.GotConnInfo) { reused = info.Reused }}
	req, err := http.NewRequestWithContext(httptrace.WithClientTrace(t.Context(), trace), http.MethodGet, shop.URL, nil)
	if err != nil {
		t.Fatal(err)
	}
	resp, err := transport.RoundTrip(req)
	if err != nil {
		t.Fatal(err)
	}
	resp.Body.Close()
	if !reused {
		t.Error("Close ended a connection of the client that the sandbox was given")
	}
}

// acknowledged waits until a notification has been sent, because Close would end
// its connection.
func acknowledged(sb *sandbox.Sandbox) {
	for !sb.Notifications()[0].Acknowledged {
		runtime.Gosched()
	}
}

// tell makes a sandbox notify a shop of a payment.
func tell(t *testing.T, sb *sandbox.Sandbox, notifyURL string) {
	t.Helper()
	order := orderOf("told_of", 1)
	order["notify_url"] = notifyURL
	if _, err := sb.Client().Chain(native).Post(t.Context(), wechatpay.JSON(order)); err != nil {
		t.Fatal(err)
	}
	if _, err := sb.Pay(sandbox.DefaultMchID, "told_of"); err != nil {
		t.Fatal(err)
	}
}
