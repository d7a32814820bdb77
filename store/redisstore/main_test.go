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
	goleak.VerifyTestMain(m)
}

type silent struct{}

func (silent) Printf(context.Context, string, ...any) {}
