package sandbox_test

import (
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// By default a sandbox does not call a shop on the internet.
func TestNotifyNearby(t *testing.T) {
	config := testConfig(t)
	synctest.Test(t, func(t *testing.T) {
		config.Clock = time.Now
		server, client := newServer(t, config)
		defer server.Close()
		place(t, client, "nearby")
		pay(t, server, "nearby")
		synctest.Wait()
		if n := payments(server)[0]; n.Sent != 1 || !strings.Contains(n.Failure, "Config.Client") {
			t.Errorf("%+v", n)
		}
	})
}
