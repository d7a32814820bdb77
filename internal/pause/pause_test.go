package pause_test

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/wxchain/wechatpay/internal/pause"
)

func TestFor(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		start := time.Now()
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		for _, tt := range []struct {
			wait, took time.Duration
			err        error
		}{
			{0, 0, nil},
			{-time.Second, 0, nil},
			{20 * time.Second, 20 * time.Second, nil},
			{time.Hour, time.Minute, context.DeadlineExceeded},
			{0, time.Minute, context.DeadlineExceeded},
		} {
			err := pause.For(ctx, tt.wait)
			if took := time.Since(start); took != tt.took || !errors.Is(err, tt.err) {
				t.Errorf("%v: error %v after %v, want %v after %v", tt.wait, err, took, tt.err, tt.took)
			}
		}
	})
}
