package fleet

import (
	"math/rand/v2"
	"sync"
	"testing"
	"time"

	"github.com/wxchain/wechatpay/internal/batchtest"
)

// Four workers make the calls of a batch on a cluster. A worker is killed every few
// seconds and replaced, and a server of the cluster is killed and comes back. Each
// line has one result, and each coupon was sent once. By default there are 2,000
// lines; WXPAY_FLEET_LINES changes that.
func TestClusterKilled(t *testing.T) {
	lines := batchtest.FromEnv(t, "WXPAY_FLEET_LINES", 2000)
	w, s := newWorld(t), startCluster(t)
	w.coupons("in.jsonl", lines)
	workers := make([]*worker, 4)
	for i := range workers {
		workers[i] = w.work(s)
	}
	done := make(chan struct{})
	var killer sync.WaitGroup
	kills, nodes := 0, 0
	killer.Go(func() {
		var away *node
		every := time.NewTicker(2 * time.Second)
		defer every.Stop()
		for {
			select {
			case <-done:
				return
			case <-every.C:
			}
			if w.requests.Load() < int64(lines/8) {
				continue
			}
			switch nodes++; nodes {
			case 1:
				away = s.nodes[rand.IntN(3)]
				away.kill()
			case 3:
				away.start(t)
			}
			i := rand.IntN(len(workers))
			workers[i].kill()
			workers[i] = w.work(s)
			kills++
		}
	})
	start := time.Now()
	w.run(exitOK, "batch", "POST", couponPath, "--in", "in.jsonl", "--out", "out.jsonl", "--nats", s.url())
	took := time.Since(start)
	close(done)
	killer.Wait()
	w.checkCoupons("out.jsonl", lines)
	t.Logf("%d workers were killed; %d lines in %v, %.0f a second; %d requests", kills, lines, took, float64(lines)/took.Seconds(), w.requests.Load())
	if kills == 0 || nodes == 0 {
		t.Error("nothing was killed")
	}
}
