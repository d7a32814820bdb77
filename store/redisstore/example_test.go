package redisstore_test

import (
	"context"
	"crypto/rand"
	"crypto/rsa"
	"fmt"
	"log"
	"net/http"
	"net/http/httptest"
	"os"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/wxchain/wechatpay"
	"github.com/wxchain/wechatpay/internal/vectors"
	"github.com/wxchain/wechatpay/keys"
	"github.com/wxchain/wechatpay/notify"
	"github.com/wxchain/wechatpay/resilience"
	"github.com/wxchain/wechatpay/store/redisstore"
	"github.com/wxchain/wechatpay/store/redisstore/internal/redistest"
)

// Four processes share the record of handled notifications and a limit of 150 calls a
// second.
func Example() {
	addr, stop := exampleServer()
	defer stop()
	config := exampleConfig()

	db := redis.NewClient(&redis.Options{Addr: addr})
	defer db.Close()
	config.Middleware = resilience.RateLimit(redisstore.NewLimiter(db, config.MchID, 150, redisstore.Replicas(4)))
	client, err := wechatpay.New(config)
	if err != nil {
		log.Fatal(err)
	}
	receiver := client.Notify(notify.WithSeen(redisstore.NewSeen(db)), notify.OnError(func(_ context.Context, err error) { log.Print(err) }))
	http.Handle("/wechatpay/notify", receiver.Handler(func(ctx context.Context, n *notify.Notification) error {
		fmt.Println("paid:", n.Get("out_trade_no"))
		return nil
	}))

	for range 2 {
		w := httptest.NewRecorder()
		http.DefaultServeMux.ServeHTTP(w, exampleRequest())
		fmt.Println(w.Code)
	}
	// Output:
	// paid: 1217752501201407033233368018
	// 200
	// 200
}

func ExampleNewSeen() {
	addr, stop := exampleServer()
	defer stop()

	db := redis.NewUniversalClient(&redis.UniversalOptions{
		Addrs:                 []string{addr}, // several of a cluster, or of Sentinel with MasterName
		ContextTimeoutEnabled: true,
	})
	defer db.Close()
	seen := redisstore.NewSeen(db,
		redisstore.Prefix("shop:"),       // the test system has another
		redisstore.Lease(10*time.Minute), // no function takes longer
		redisstore.Keep(7*24*time.Hour),  // 48 hours by default
	)

	ctx := context.Background()
	for range 2 {
		fmt.Println(seen.Claim(ctx, "EV-2018022511223320873"))
	}
	fmt.Println(seen.Done(ctx, "EV-2018022511223320873"))
	fmt.Println(seen.Claim(ctx, "EV-2018022511223320873"))
	// Output:
	// 1 <nil>
	// 2 <nil>
	// <nil>
	// 3 <nil>
}

// The notifications of a shard that is away are answered 500 until it is back.
func ExampleNewSeen_ring() {
	one, stopOne := exampleServer()
	defer stopOne()
	two, stopTwo := exampleServer()
	defer stopTwo()

	db := redis.NewRing(&redis.RingOptions{
		Addrs:       map[string]string{"one": one, "two": two},
		HeartbeatFn: func(context.Context, *redis.Client) bool { return true }, // shards stay in the ring
	})
	defer db.Close()
	seen := redisstore.NewSeen(db)

	ctx := context.Background()
	for range 2 {
		fmt.Println(seen.Claim(ctx, "EV-2018022511223320873"))
	}
	// Output:
	// 1 <nil>
	// 2 <nil>
}

func ExampleNewLimiter() {
	addr, stop := exampleServer()
	defer stop()
	db := redis.NewClient(&redis.Options{Addr: addr})
	defer db.Close()

	limiter := redisstore.NewLimiter(db, "1900000109", 10,
		redisstore.Replicas(4), // while Redis is away, each process makes 2.5 calls a second
		redisstore.OnError(func(err error) { log.Print(err) }),
	)
	began := time.Now()
	for range 4 {
		if err := limiter.Wait(context.Background()); err != nil {
			log.Fatal(err)
		}
	}
	fmt.Println(time.Since(began) >= 295*time.Millisecond)
	// Output: true
}

// exampleServer starts a Redis.
func exampleServer() (addr string, stop func()) {
	dir, err := os.MkdirTemp("", "redis")
	if err != nil {
		log.Fatal(err)
	}
	server, err := redistest.Run(dir)
	if err != nil {
		log.Fatal(err)
	}
	return server.Addr, func() {
		server.Close()
		if err := os.RemoveAll(dir); err != nil {
			log.Fatal(err)
		}
	}
}

func exampleConfig() wechatpay.Config {
	v, err := vectors.Read()
	if err != nil {
		log.Fatal(err)
	}
	key, err := v.MerchantKey()
	if err != nil {
		log.Fatal(err)
	}
	privateKey, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		log.Fatal(err)
	}
	return wechatpay.Config{
		MchID: "1900000109", SerialNo: v.MerchantSerialNo, PrivateKey: privateKey,
		PlatformKeys: keys.Static{platformSerial: &key.PublicKey}, APIv3Key: v.APIv3Key,
	}
}

// exampleRequest is what the platform sends when an order is paid.
func exampleRequest() *http.Request {
	v, err := vectors.Read()
	if err != nil {
		log.Fatal(err)
	}
	req, err := paid(v, time.Now().Unix(), "EV-2018022511223320873")
	if err != nil {
		log.Fatal(err)
	}
	return req
}
