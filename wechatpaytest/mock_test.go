package wechatpaytest_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jarcoal/httpmock"

	"github.com/wxchain/wechatpay"
	"github.com/wxchain/wechatpay/wechatpaytest"
)

func TestMockAnswers(t *testing.T) {
	mock := wechatpaytest.New(t)
	mock.On("POST", "v3/marketing/favor/users/{openid}/coupons", func(req *http.Request) (*http.Response, error) {
		body, err := io.ReadAll(req.Body)
		if err != nil || string(body) != `{"stock_id":"9856000"}` {
			t.Errorf("the responder reads %q, %v", body, err)
		}
		return mock.JSON(200, wechatpay.M{"coupon_id": "9867041"})(req)
	})
	resp, err := mock.Client().Chain("v3/marketing/favor/users/{openid}/coupons").
		Bind("openid", "oUpF8uMuAJO_M2pxb1Q9zNjWeS6o").
		Post(t.Context(), wechatpay.JSON(wechatpay.M{"stock_id": "9856000"}))
	if err != nil {
		t.Fatal(err)
	}
	if got := resp.Get("coupon_id").String(); got != "9867041" {
		t.Errorf("coupon_id is %q", got)
	}
}

func TestMockAnswersWithoutABody(t *testing.T) {
	mock := wechatpaytest.New(t)
	mock.On("POST", "v3/pay/transactions/out-trade-no/{no}/close", mock.JSON(204, nil))
	resp, err := mock.Client().Chain("v3/pay/transactions/out-trade-no/1217752501201407033233368018/close").Post(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if resp.StatusCode != 204 || len(resp.Bytes()) > 0 {
		t.Errorf("answer %d with %q", resp.StatusCode, resp.Bytes())
	}
}

func TestMockSignsRefusals(t *testing.T) {
	mock := wechatpaytest.New(t)
	mock.On("GET", "v3/x", mock.JSON(403, wechatpay.M{"code": "NOT_ENOUGH", "message": "余额不足"}))
	_, err := mock.Client().Chain("v3/x").Get(t.Context())
	var e *wechatpay.Error
	if !errors.As(err, &e) {
		t.Fatalf("error is %v, want a *wechatpay.Error", err)
	}
	if e.Code != "NOT_ENOUGH" || !e.Verified {
		t.Errorf("code %q, verified %v", e.Code, e.Verified)
	}
}

func TestMockStreams(t *testing.T) {
	long := strings.Repeat("`2026-01-01,`0.01\n", 10_000)
	mock := wechatpaytest.New(t)
	mock.On("GET", "v3/x", httpmock.NewStringResponder(200, long))
	var got strings.Builder
	if _, err := mock.Client().Chain("v3/x").Get(t.Context(), wechatpay.Sink(&got)); err != nil {
		t.Fatal(err)
	}
	if got.String() != long {
		t.Errorf("%d bytes, want %d", got.Len(), len(long))
	}
}

func TestMockAnswersInOrder(t *testing.T) {
	mock := wechatpaytest.New(t)
	// However it is spelled, it is the same template.
	mock.On("GET", "v3/refund/domestic/refunds/{no}", mock.JSON(200, wechatpay.M{"status": "PROCESSING"}))
	mock.On("GET", "/v3/refund/domestic/refunds/_no_", mock.JSON(500, wechatpay.M{"code": "SYSTEM_ERROR"}))
	mock.On("GET", "v3/refund/domestic/refunds/<no>?sub_mchid=1", mock.JSON(200, wechatpay.M{"status": "SUCCESS"}))
	mock.On("POST", "v3/refund/domestic/refunds", mock.JSON(200, wechatpay.M{"status": "POSTED"}))
	client := mock.Client()
	status := func(resp *wechatpay.Response, err error) string {
		t.Helper()
		var e *wechatpay.Error
		if errors.As(err, &e) {
			return e.Code
		}
		if err != nil {
			t.Fatal(err)
		}
		return resp.Get("status").String()
	}
	refund := client.Chain("v3/refund/domestic/refunds/1217752501201407033233368018")
	for _, want := range []string{"PROCESSING", "SYSTEM_ERROR", "SUCCESS", "SUCCESS", "SUCCESS"} {
		if got := status(refund.Get(t.Context())); got != want {
			t.Errorf("status %q, want %q", got, want)
		}
	}
	if got := status(client.Chain("v3/refund/domestic/refunds").Post(t.Context())); got != "POSTED" {
		t.Errorf("status %q, want POSTED", got)
	}
}

// One responder serves many requests, at once and a day later.
func TestMockUnderLoad(t *testing.T) {
	mock := wechatpaytest.New(t)
	mock.On("GET", "v3/x/{id}", mock.JSON(200, wechatpay.M{"ok": true}))
	client := mock.Client()
	var wg sync.WaitGroup
	for range 20 {
		wg.Go(func() {
			resp, err := client.Chain("v3/x/{id}").Bind("id", 1).Get(t.Context())
			if err != nil || !resp.Get("ok").Bool() {
				t.Errorf("%v, %v", resp, err)
			}
		})
	}
	wg.Wait()
}

func TestMockWithAnotherClock(t *testing.T) {
	mock := wechatpaytest.New(t)
	mock.On("GET", "v3/x", mock.JSON(200, wechatpay.M{"ok": true}))
	now := time.Date(2018, 6, 8, 10, 34, 56, 0, time.UTC)
	client := mock.Client(func(c *wechatpay.Config) {
		c.Clock = func() time.Time { return now }
	})
	for range 3 {
		resp, err := client.Chain("v3/x").Get(t.Context())
		if err != nil {
			t.Fatalf("at %v: %v", now, err)
		}
		if at, want := resp.Header.Get("Wechatpay-Timestamp"), strconv.FormatInt(now.Unix(), 10); at != want {
			t.Errorf("the answer is signed at %s, want %s", at, want)
		}
		now = now.Add(24 * time.Hour)
	}
}

// A test may need an answer that is signed wrongly, or long ago.
func TestMockLeavesASignatureAlone(t *testing.T) {
	mock := wechatpaytest.New(t)
	mock.On("GET", "v3/x", func(req *http.Request) (*http.Response, error) {
		resp, err := mock.JSON(200, wechatpay.M{})(req)
		resp.Header.Set("Wechatpay-Signature", "Zm9yZ2Vk")
		return resp, err
	})
	if _, err := mock.Client().Chain("v3/x").Get(t.Context()); !errors.Is(err, wechatpay.ErrVerify) {
		t.Errorf("error is %v, want ErrVerify", err)
	}
}

func TestMockHandsTheRespondersErrorOn(t *testing.T) {
	refused := errors.New("connection refused")
	mock := wechatpaytest.New(t)
	mock.On("GET", "v3/x", httpmock.NewErrorResponder(refused))
	mock.On("GET", "v3/nothing", func(*http.Request) (*http.Response, error) { return nil, nil })
	if _, err := mock.Client().Chain("v3/x").Get(t.Context()); !errors.Is(err, refused) {
		t.Errorf("error is %v, want %v", err, refused)
	}
	if _, err := mock.Client().Chain("v3/nothing").Get(t.Context()); err == nil {
		t.Error("no answer, and no error")
	}
}

// A responder that gives the same answer twice gets it back as it was.
func TestMockKeepsAnAnswerThatIsShared(t *testing.T) {
	shared := &http.Response{StatusCode: 200, Header: http.Header{"Request-Id": {"08"}}, Body: io.NopCloser(strings.NewReader(`{"a":1}`))}
	mock := wechatpaytest.New(t)
	mock.On("GET", "v3/x", func(*http.Request) (*http.Response, error) { return shared, nil })
	client := mock.Client()
	for range 2 {
		resp, err := client.Chain("v3/x").Get(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if string(resp.Bytes()) != `{"a":1}` || resp.RequestID() != "08" {
			t.Errorf("answer %q of %q", resp.Bytes(), resp.RequestID())
		}
	}
	if len(shared.Header) != 1 {
		t.Errorf("the responder's headers are now %v", shared.Header)
	}
}

func TestMockWaitsForNobodyWhoGaveUp(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	mock := wechatpaytest.New(t)
	mock.On("GET", "v3/x", func(req *http.Request) (*http.Response, error) {
		cancel()
		<-req.Context().Done()
		return nil, req.Context().Err()
	})
	if _, err := mock.Client().Chain("v3/x").Get(ctx); !errors.Is(err, context.Canceled) {
		t.Errorf("error is %v, want context.Canceled", err)
	}
}

// A method in small letters is that in capital letters.
func TestOnMethodInSmallLetters(t *testing.T) {
	mock := wechatpaytest.New(t)
	mock.On("get", "v3/certificates", mock.JSON(200, wechatpay.M{"data": []any{}}))
	if _, err := mock.Client().Chain("v3/certificates").Get(t.Context()); err != nil {
		t.Error(err)
	}
	if got := mock.Requests(); len(got) != 1 || got[0].Method != "GET" {
		t.Errorf("the requests are %v", got)
	}
}
