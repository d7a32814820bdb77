package wechatpaytest

import (
	"bufio"
	"bytes"
	"context"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/wxchain/wechatpay/cipher"
	"github.com/wxchain/wechatpay/internal/platform"
)

// An Event is the content of a notification, for [Notification].
type Event struct {
	// URL is where the notification is sent: https://shop.example.com/notify, unless
	// an edit sets another.
	URL string
	// ID is unique, unless an edit sets it. Two notifications with the same ID are
	// one that is sent twice.
	ID string
	// Time is when the notification is created and signed: now, unless an edit sets
	// another.
	Time time.Time
	// Type is the event_type, such as "TRANSACTION.SUCCESS".
	Type string
	// OriginalType is the original_type of the resource. It begins as the first word
	// of Type in small letters, such as "transaction".
	OriginalType string
	// Summary is the summary, such as 支付成功.
	Summary string
	// Resource is encoded as JSON and encrypted.
	Resource any
}

// Notification returns a notification as the platform sends it: a signed POST with
// the resource encrypted for the merchant of every [Mock]. Hand it to the handler
// under test, whose receiver is that of a [Mock.Client]. Each edit can change what is
// sent. If the resource cannot be encoded, the test ends.
//
// https://pay.weixin.qq.com/doc/v3/merchant/4012791861
func Notification(t testing.TB, eventType string, resource any, edit ...func(*Event)) *http.Request {
	t.Helper()
	first, _, _ := strings.Cut(strings.ToLower(eventType), ".")
	e := Event{
		URL: "https://shop.example.com/notify", ID: rand.Text(), Time: time.Now(),
		Type: eventType, OriginalType: first, Summary: eventType, Resource: resource,
	}
	for _, f := range edit {
		if f != nil {
			f(&e)
		}
	}
	req, err := e.request()
	if err != nil {
		t.Fatalf("wechatpaytest: Notification(%q, %T): %v", eventType, resource, err)
	}
	return req
}

func (e Event) request() (*http.Request, error) {
	text, err := json.Marshal(e.Resource)
	switch {
	case err != nil:
		return nil, err
	case text[0] != '{':
		return nil, fmt.Errorf("the resource is not a JSON object")
	case e.Type == "":
		return nil, fmt.Errorf("the event type is empty; a payment's is TRANSACTION.SUCCESS")
	}
	// httptest.NewRequest panics about a URL that it cannot read.
	if _, err := http.ReadRequest(bufio.NewReader(strings.NewReader("POST " + e.URL + " HTTP/1.1\r\nHost: x\r\n\r\n"))); err != nil {
		return nil, fmt.Errorf("the URL %.64q is not one; write it as https://shop.example.com/notify", e.URL)
	}
	gcm, err := cipher.NewGCM(APIv3Key)
	if err != nil {
		return nil, err
	}
	about := platform.Notification{ID: e.ID, CreateTime: e.Time.Format(time.RFC3339), EventType: e.Type, Summary: e.Summary, OriginalType: e.OriginalType}
	body, err := about.Write(gcm, text)
	if err != nil {
		return nil, err
	}
	by, err := platformSigner()
	if err != nil {
		return nil, err
	}
	req := httptest.NewRequest(http.MethodPost, e.URL, bytes.NewReader(body))
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("Request-ID", rand.Text())
	return req, platform.Sign(context.Background(), by, req.Header, strconv.FormatInt(e.Time.Unix(), 10), body)
}
