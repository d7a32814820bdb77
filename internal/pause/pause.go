// Package pause waits, but not longer than a context.
package pause

import (
	"context"
	"time"
)

// For waits for d. If ctx ends first, or has ended, it returns the error of ctx.
func For(ctx context.Context, d time.Duration) error {
	if d <= 0 {
		return ctx.Err()
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
