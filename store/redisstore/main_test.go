package redisstore_test

import (
	"context"
	"flag"
	"fmt"
	"os"
	"testing"

	"github.com/redis/go-redis/v9"
	"go.uber.org/goleak"

	"github.com/wxchain/wechatpay/store/redisstore/internal/redistest"
)

// workers are what the program of the tests does as another process, by the variable
// worker.
var workers = map[string]func() error{
	"limiter": limitedWorker,
	"seen":    seenWorker,
	"doomed":  doomedWorker,
}

const worker = "REDISSTORE_WORKER"

func TestMain(m *testing.M) {
	if name := os.Getenv(worker); name != "" {
		if err := workers[name](); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		return
	}
	flag.Parse()
	redis.SetLogger(silent{}) // servers go away on purpose
	// An example cannot skip itself.
	if redistest.Available() != nil && os.Getenv(redistest.Required) != "1" {
		if err := flag.Set("test.skip", "^Example"); err != nil {
			panic(err)
		}
	}
	code := m.Run()
	if code == 0 {
		// A goroutine of go-redis that dials a server which is away ends within a second
		// after its client is closed.
		if err := redistest.Poll(func() error { return goleak.Find() }); err != nil {
			fmt.Fprintln(os.Stderr, err)
			code = 1
		}
	}
	os.Exit(code)
}

type silent struct{}

func (silent) Printf(context.Context, string, ...any) {}
