package redisstore_test

import (
	"bufio"
	"context"
	"fmt"
	"os"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/redis/go-redis/v9"

	"github.com/wxchain/wechatpay/notify"
	"github.com/wxchain/wechatpay/store/redisstore"
	"github.com/wxchain/wechatpay/store/redisstore/internal/redistest"
)

// Each notification arrives at each of three processes at once. One handles it.
func TestProcesses(t *testing.T) {
	const notifications = 300
	server := redistest.Start(t)
	processes := newProcesses(t, 3, "seen", "ADDR="+server.Addr, "N="+strconv.Itoa(notifications))
	for _, p := range processes {
		p.say(t, "go")
	}
	for _, p := range processes {
		if got := p.hear(t); got != "done" {
			t.Error(got)
		}
	}
	effects, err := server.Client(t).HGetAll(t.Context(), "effects").Result()
	if err != nil || len(effects) != notifications {
		t.Errorf("%d notifications were handled, %v; want %d", len(effects), err, notifications)
	}
	for id, n := range effects {
		if n != "1" {
			t.Errorf("%s was handled %s times", id, n)
		}
	}
}

// seenWorker handles notifications until each is Handled.
func seenWorker() error {
	ctx := context.Background()
	client := redis.NewClient(&redis.Options{Addr: os.Getenv("ADDR")})
	defer client.Close()
	n, err := strconv.Atoi(os.Getenv("N"))
	if err != nil {
		return err
	}
	s := newLeaser(client)
	handle := func(id string) error {
		token, state, err := s.ClaimLease(ctx, id)
		switch {
		case err != nil:
			return err
		case state == notify.Busy:
			return fmt.Errorf("%s is busy", id)
		case state == notify.Handled:
			return nil
		}
		if err := client.HIncrBy(ctx, "effects", id, 1).Err(); err != nil {
			return err
		}
		return s.DoneLease(ctx, id, token)
	}
	fmt.Println("ready")
	if _, err := bufio.NewReader(os.Stdin).ReadString('\n'); err != nil {
		return err
	}
	var wg sync.WaitGroup
	errs := make(chan error, n)
	for i := range n {
		wg.Go(func() {
			errs <- redistest.Poll(func() error { return handle("EV-" + strconv.Itoa(i)) })
		})
	}
	wg.Wait()
	for range n {
		if err := <-errs; err != nil {
			return err
		}
	}
	fmt.Println("done")
	return nil
}

// A process is killed while its function is at work. When its lease ends, another
// process handles the notification.
func TestProcessKilled(t *testing.T) {
	server := redistest.Start(t)
	p := newProcess(t, "doomed", "ADDR="+server.Addr)
	if got := p.hear(t); got != "claimed EV-1" {
		t.Fatal(got)
	}
	client := server.Client(t)
	shop := newShop(t, redisstore.NewSeen(client), func(string) error { return nil })
	shop.deliver(t, "EV-1", 500)
	p.kill()
	shop.deliver(t, "EV-1", 500)
	if err := shop.reported(); err == nil || !strings.Contains(err.Error(), "being handled already") {
		t.Errorf("OnError was told %v", err)
	}
	lapse(t, client, "EV-1")
	shop.deliver(t, "EV-1", 200)
	shop.checkHandled(t, "EV-1", 1)
}

// doomedWorker claims a notification and waits for its end.
func doomedWorker() error {
	client := redis.NewClient(&redis.Options{Addr: os.Getenv("ADDR")})
	defer client.Close()
	if _, state, err := newLeaser(client).ClaimLease(context.Background(), "EV-1"); err != nil || state != notify.First {
		return fmt.Errorf("state %d: %w", state, err)
	}
	fmt.Println("claimed EV-1")
	_, err := bufio.NewReader(os.Stdin).ReadString('\n')
	return err
}
