package notify_test

import (
	"context"
	"crypto/rand"
	"crypto/rsa"
	"errors"
	"fmt"
	"log"
	"net/http"
	"net/http/httptest"
	"os"
	"strconv"
	"strings"
	"time"

	"github.com/wxchain/wechatpay"
	"github.com/wxchain/wechatpay/internal/platform"
	"github.com/wxchain/wechatpay/internal/vectors"
	"github.com/wxchain/wechatpay/keys"
	"github.com/wxchain/wechatpay/notify"
)

const (
	apiv3Key = "c7acc1c7811ed60617bfe6aeae1f22e2"
	apiv2Key = "0e4a1b71a8e1df8f87a964dcc0b897b7"
)

func ExampleNew() {
	defer vectors.Enter(".")() // a folder with the files of a merchant
	os.Setenv("WECHATPAY_APIV3_KEY", apiv3Key)
	defer os.Unsetenv("WECHATPAY_APIV3_KEY")

	platformKey, err := keys.Public("pub_key.pem")
	if err != nil {
		log.Fatal(err)
	}
	receiver, err := notify.New(notify.Config{
		Keys:     keys.Static{"PUB_KEY_ID_0114232134912410000000000000": platformKey},
		APIv3Key: os.Getenv("WECHATPAY_APIV3_KEY"),
		APIv2Key: os.Getenv("WECHATPAY_APIV2_KEY"), // for notifications of APIv2 as well
		OnError:  func(_ context.Context, err error) { log.Print(err) },
	})
	if err != nil {
		log.Fatal(err)
	}

	w := httptest.NewRecorder()
	receiver.Handler(func(context.Context, *notify.Notification) error { return nil }).ServeHTTP(w, httptest.NewRequest("GET", "/wechatpay/notify", nil))
	fmt.Println(w.Code)
	// Output: 405
}

func ExampleReceiver_Handler() {
	receiver := exampleReceiver()
	orders := map[string]int{} // stands for your database

	mux := http.NewServeMux()
	mux.Handle("/wechatpay/notify", receiver.Handler(func(ctx context.Context, n *notify.Notification) error {
		switch n.EventType {
		case "TRANSACTION.SUCCESS":
			orders[n.Get("out_trade_no").String()] = int(n.Get("amount.total").Int()) // fen
		default:
			fmt.Println("nothing to do for", n.EventType)
		}
		return nil
	}))

	for range 2 { // the platform sends it, and for good measure again
		w := httptest.NewRecorder()
		mux.ServeHTTP(w, exampleRequest())
		fmt.Println(w.Code, w.Body)
	}
	fmt.Println(orders)
	// Output:
	// 200 {"code":"SUCCESS","message":"成功"}
	// 200 {"code":"SUCCESS","message":"成功"}
	// map[1217752501201407033233368018:100]
}

func ExampleReceiver_Handler_apiv2() {
	handler := exampleReceiver().Handler(func(ctx context.Context, n *notify.Notification) error {
		switch {
		case n.EventType != "": // of APIv3
		case n.Get("req_info").Exists():
			fmt.Println("refund", n.Get("req_info.out_refund_no"), n.Get("req_info.refund_status"))
		case n.Get("result_code").String() == "SUCCESS":
			fmt.Println("order", n.Get("out_trade_no"), n.Get("total_fee"), "fen")
		}
		return nil
	})

	w := httptest.NewRecorder()
	handler.ServeHTTP(w, exampleRefund())
	fmt.Println(w.Code, w.Body)
	// Output:
	// refund 131811191610442717309 SUCCESS
	// 200 <xml><return_code><![CDATA[SUCCESS]]></return_code><return_msg><![CDATA[OK]]></return_msg></xml>
}

func ExampleReceiver_Parse() {
	receiver := exampleReceiver()
	handler := func(w http.ResponseWriter, req *http.Request) {
		n, err := receiver.Parse(req)
		if err != nil {
			var refused *notify.Error
			if errors.As(err, &refused) {
				http.Error(w, `{"code":"FAIL","message":"refused"}`, refused.StatusCode)
			}
			fmt.Println(err)
			return
		}
		var payment struct {
			OutTradeNo string `json:"out_trade_no"`
			Amount     struct{ Total int }
		}
		if err := n.Decode(&payment); err != nil {
			http.Error(w, `{"code":"FAIL","message":"not handled"}`, http.StatusInternalServerError)
			return
		}
		fmt.Println(n.EventType, n.CreateTime.UTC(), payment.OutTradeNo, payment.Amount.Total)
		w.WriteHeader(http.StatusNoContent)
	}

	w := httptest.NewRecorder()
	handler(w, exampleRequest())
	fmt.Println(w.Code)

	probe := exampleRequest() // errors.Is(err, notify.ErrProbe) recognises it
	probe.Header.Set("Wechatpay-Signature", "WECHATPAY/SIGNTEST/qnEUW+GYAeeH/Rq2kqpN")
	w = httptest.NewRecorder()
	handler(w, probe)
	fmt.Println(w.Code)
	// Output:
	// TRANSACTION.SUCCESS 2026-11-24 02:00:00 +0000 UTC 1217752501201407033233368018 100
	// 204
	// notify: signature not verified (signature): it is one of the platform's probes (WECHATPAY/SIGNTEST/…), sent to see that wrong signatures are refused
	// 401
}

// oneOf hands a notification to the first of the receivers that accepts it. If
// none does, the last receiver answers.
func oneOf(f func(context.Context, *notify.Notification) error, receivers ...*notify.Receiver) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		last := len(receivers) - 1
		for _, r := range receivers[:last] {
			if _, err := r.Parse(req); err == nil {
				r.Handler(f).ServeHTTP(w, req)
				return
			}
		}
		receivers[last].Handler(f).ServeHTTP(w, req)
	})
}

// Two merchants have their notifications on one URL.
func ExampleReceiver_Parse_severalMerchants() {
	first, second := exampleClient("abcdefghijklmnopqrstuvwxyz012345"), exampleClient(apiv3Key)
	paid := func(ctx context.Context, n *notify.Notification) error {
		fmt.Println("paid:", n.Get("out_trade_no"))
		return nil
	}

	onError := notify.OnError(func(_ context.Context, err error) { log.Print(err) })
	http.Handle("/notify", oneOf(paid, first.Notify(onError), second.Notify(onError)))

	w, req := httptest.NewRecorder(), exampleRequest() // for the second merchant
	req.URL.Path = "/notify"
	http.DefaultServeMux.ServeHTTP(w, req)
	fmt.Println(w.Code)
	// Output:
	// paid: 1217752501201407033233368018
	// 200
}

// exampleClient is the client of a merchant with an APIv3 key.
func exampleClient(key string) *wechatpay.Client {
	privateKey, err := rsa.GenerateKey(rand.Reader, 2048) // it signs nothing here
	if err != nil {
		log.Fatal(err)
	}
	client, err := wechatpay.New(wechatpay.Config{
		MchID: "1900000109", SerialNo: "3775B6A45ACD588826D15E583A95F5DD", PrivateKey: privateKey,
		PlatformKeys: exampleConfig().Keys, APIv3Key: key,
	})
	if err != nil {
		log.Fatal(err)
	}
	return client
}

// Two APIv3 keys are in use while you change the key.
func ExampleConfig_Receiver_otherAPIv3Key() {
	const nextAPIv3Key = "abcdefghijklmnopqrstuvwxyz012345"
	paid := func(ctx context.Context, n *notify.Notification) error {
		fmt.Println("paid:", n.Get("out_trade_no"))
		return nil
	}
	config := exampleConfig()
	config.OnError = func(_ context.Context, err error) { log.Print(err) }

	config.OtherAPIv3Key = config.APIv3Key // opens what arrives from before the change
	config.APIv3Key = nextAPIv3Key
	handler := config.Receiver().Handler(paid)

	w := httptest.NewRecorder()
	handler.ServeHTTP(w, exampleRequest()) // encrypted with the old key
	fmt.Println(w.Code)
	// Output:
	// paid: 1217752501201407033233368018
	// 200
}

func ExampleReceiver_Shutdown() {
	receiver := exampleReceiver()
	server := &http.Server{
		Handler:     receiver.Handler(func(context.Context, *notify.Notification) error { return nil }),
		ReadTimeout: 5 * time.Second,
	}
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	// First no more requests, then no more functions.
	fmt.Println(errors.Join(server.Shutdown(ctx), receiver.Shutdown(ctx)))
	// Output: <nil>
}

// A redis is what a client of Redis offers, in short.
type redis interface {
	SetNX(ctx context.Context, key, value string, ttl time.Duration) (set bool, err error)
	Get(ctx context.Context, key string) (string, error)
	Set(ctx context.Context, key, value string, ttl time.Duration) error
	Del(ctx context.Context, key string) error
}

// redisSeen is shared by all processes that take the notifications.
type redisSeen struct{ db redis }

func (s redisSeen) Claim(ctx context.Context, id string) (notify.State, error) {
	// The claim of a process that died lapses after ten minutes.
	if set, err := s.db.SetNX(ctx, "wechatpay:"+id, "busy", 10*time.Minute); set || err != nil {
		return notify.First, err
	}
	switch value, err := s.db.Get(ctx, "wechatpay:"+id); {
	case err != nil:
		return 0, err
	case value == "handled":
		return notify.Handled, nil
	}
	return notify.Busy, nil
}

func (s redisSeen) Done(ctx context.Context, id string) error {
	return s.db.Set(ctx, "wechatpay:"+id, "handled", 48*time.Hour)
}

func (s redisSeen) Release(ctx context.Context, id string) error {
	return s.db.Del(ctx, "wechatpay:"+id)
}

func ExampleSeen() {
	config := exampleConfig()
	config.Seen = redisSeen{make(inMemory)}
	receiver, err := notify.New(config)
	if err != nil {
		log.Fatal(err)
	}
	down := true
	handler := receiver.Handler(func(_ context.Context, n *notify.Notification) error {
		fmt.Println("handling", n.ID)
		if down {
			return errors.New("the database is down")
		}
		return nil
	})
	for range 3 {
		w := httptest.NewRecorder()
		handler.ServeHTTP(w, exampleRequest())
		fmt.Println(w.Code)
		down = false
	}
	// Output:
	// handling EV-2018022511223320873
	// 500
	// handling EV-2018022511223320873
	// 200
	// 200
}

// inMemory stands for Redis, for one goroutine.
type inMemory map[string]string

func (m inMemory) SetNX(ctx context.Context, key, value string, ttl time.Duration) (bool, error) {
	if _, ok := m[key]; ok {
		return false, nil
	}
	return true, m.Set(ctx, key, value, ttl)
}

func (m inMemory) Get(_ context.Context, key string) (string, error) { return m[key], nil }

func (m inMemory) Set(_ context.Context, key, value string, _ time.Duration) error {
	m[key] = value
	return nil
}

func (m inMemory) Del(_ context.Context, key string) error {
	delete(m, key)
	return nil
}

func exampleConfig() notify.Config {
	v, err := readMaterial()
	if err != nil {
		log.Fatal(err)
	}
	return notify.Config{Keys: keys.Static{testSerial: v.testPublic}, APIv3Key: apiv3Key, APIv2Key: apiv2Key}
}

func exampleReceiver() *notify.Receiver {
	receiver, err := notify.New(exampleConfig())
	if err != nil {
		log.Fatal(err)
	}
	return receiver
}

// exampleRequest is what the platform sends when an order is paid.
func exampleRequest() *http.Request {
	v, err := readMaterial()
	if err != nil {
		log.Fatal(err)
	}
	sealed, err := v.gcm.Seal([]byte(`{"out_trade_no":"1217752501201407033233368018","amount":{"total":100}}`), "0123456789ab", "transaction")
	if err != nil {
		log.Fatal(err)
	}
	body := fmt.Sprintf(`{"id":"EV-2018022511223320873","create_time":"2026-11-24T10:00:00+08:00","event_type":"TRANSACTION.SUCCESS",`+
		`"resource":{"algorithm":%q,"ciphertext":%q,"associated_data":%q,"nonce":%q}}`, sealed.Algorithm, sealed.Ciphertext, sealed.AssociatedData, sealed.Nonce)
	req := httptest.NewRequest("POST", "/wechatpay/notify", strings.NewReader(body))
	if err := platform.Sign(context.Background(), v.testSigner, req.Header, strconv.FormatInt(time.Now().Unix(), 10), []byte(body)); err != nil {
		log.Fatal(err)
	}
	return req
}

// exampleRefund is what the platform sends when a refund of APIv2 went through.
func exampleRefund() *http.Request {
	v, err := readMaterial()
	if err != nil {
		log.Fatal(err)
	}
	return httptest.NewRequest("POST", "/wechatpay/notify", strings.NewReader(v.V2[3].Body))
}
