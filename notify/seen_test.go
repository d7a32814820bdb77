package notify_test

import (
	"fmt"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/wxchain/wechatpay/notify"
)

func claim(t *testing.T, s notify.Seen, id string, want notify.State) {
	t.Helper()
	if got, err := s.Claim(t.Context(), id); got != want || err != nil {
		t.Errorf("Claim(%s) = %v, %v; want %v", id, got, err, want)
	}
}

func handle(t *testing.T, s notify.Seen, id string) {
	t.Helper()
	claim(t, s, id, notify.First)
	if err := s.Done(t.Context(), id); err != nil {
		t.Errorf("Done(%s): %v", id, err)
	}
}

func TestMemorySeen(t *testing.T) {
	s := notify.NewMemorySeen(0, 0)
	claim(t, s, "a", notify.First)
	claim(t, s, "a", notify.Busy)
	claim(t, s, "b", notify.First)
	if err := s.Release(t.Context(), "a"); err != nil {
		t.Error(err)
	}
	handle(t, s, "a")
	claim(t, s, "a", notify.Handled)
	claim(t, s, "b", notify.Busy)
}

func TestMemorySeenExpires(t *testing.T) {
	for ttl, want := range map[time.Duration]time.Duration{0: 48 * time.Hour, -1: 48 * time.Hour, time.Minute: time.Minute} {
		synctest.Test(t, func(t *testing.T) {
			s := notify.NewMemorySeen(0, ttl)
			claim(t, s, "busy", notify.First)
			handle(t, s, "a")
			time.Sleep(want / 2)
			handle(t, s, "b")
			claim(t, s, "a", notify.Handled) // which does not make it younger
			time.Sleep(want/2 - time.Nanosecond)
			claim(t, s, "a", notify.Handled)
			time.Sleep(time.Nanosecond)
			handle(t, s, "a")
			claim(t, s, "b", notify.Handled)
			time.Sleep(want * 10)
			claim(t, s, "b", notify.First)
			claim(t, s, "busy", notify.Busy)
		})
	}
}

// By default the last 65,536 are remembered.
func TestMemorySeenByDefault(t *testing.T) {
	const most = 65_536
	s := notify.NewMemorySeen(0, 0)
	for i := range most + 1 {
		handle(t, s, fmt.Sprint(i))
	}
	claim(t, s, "1", notify.Handled)
	claim(t, s, fmt.Sprint(most), notify.Handled)
	claim(t, s, "0", notify.First)
}

func TestMemorySeenIsBounded(t *testing.T) {
	s := notify.NewMemorySeen(3, 0)
	for _, id := range []string{"a", "b", "c", "d"} {
		handle(t, s, id)
	}
	claim(t, s, "b", notify.Handled)
	claim(t, s, "c", notify.Handled)
	claim(t, s, "d", notify.Handled)
	claim(t, s, "a", notify.First) // the oldest was forgotten
	claim(t, s, "e", notify.First)
	claim(t, s, "f", notify.First)
	for _, id := range []string{"g", "h"} {
		if state, err := s.Claim(t.Context(), id); err == nil {
			t.Errorf("Claim(%s) = %v while three others are at work", id, state)
		}
	}
	for i := range 9 {
		if err := s.Done(t.Context(), fmt.Sprint(i)); err != nil {
			t.Error(err)
		}
	}
	claim(t, s, "a", notify.Busy) // those at work are never forgotten
	if err := s.Release(t.Context(), "e"); err != nil {
		t.Error(err)
	}
	claim(t, s, "g", notify.First)
}

func TestMemorySeenAtOnce(t *testing.T) {
	s := notify.NewMemorySeen(0, 0)
	var mu sync.Mutex
	var first int
	var wg sync.WaitGroup
	for range 100 {
		wg.Go(func() {
			for i := range 20 {
				state, err := s.Claim(t.Context(), fmt.Sprint(i))
				if err != nil {
					t.Error(err)
				}
				if state != notify.First {
					continue
				}
				mu.Lock()
				first++
				mu.Unlock()
				if err := s.Done(t.Context(), fmt.Sprint(i)); err != nil {
					t.Error(err)
				}
			}
		})
	}
	wg.Wait()
	if first != 20 {
		t.Errorf("20 IDs were first %d times", first)
	}
}
