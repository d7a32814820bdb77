//go:build unix

package redisstore_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/wxchain/wechatpay/notify"
	"github.com/wxchain/wechatpay/store/redisstore/internal/redistest"
)

// A primary that hears nothing of the others goes on for a while, and then refuses claims.
func TestClusterCutOff(t *testing.T) {
	t.Parallel()
	c := redistest.StartReplicated(t)
	store := newLeaser(c.Primary.Client(t))
	done(t, store, clusterTag+"before", first(t, store, clusterTag+"before"))
	for _, other := range c.Others {
		other.Pause(t)
	}
	checkState(t, store, clusterTag+"before", notify.Handled)
	done(t, store, clusterTag+"alone", first(t, store, clusterTag+"alone"))
	if err := c.Primary.Client(t).ConfigSet(t.Context(), "cluster-node-timeout", "1000").Err(); err != nil {
		t.Fatal(err)
	}
	poll(t, func() error {
		token, state, err := store.ClaimLease(t.Context(), clusterTag+"before")
		if err == nil || token != "" || state != 0 || !strings.Contains(err.Error(), "CLUSTERDOWN") {
			return fmt.Errorf("claim at a primary without the others: state %d, %w; want CLUSTERDOWN", state, err)
		}
		return nil
	})
}
