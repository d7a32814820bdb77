package sandbox_test

import (
	"context"
	"maps"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"github.com/wxchain/wechatpay"
	"github.com/wxchain/wechatpay/notify"
	"github.com/wxchain/wechatpay/sandbox"
)

func TestNewNotification(t *testing.T) {
	server, _ := newServer(t, sandbox.Config{PlatformKey: sandbox.KeyBoth})
	defer server.Close()
	r, err := notify.New(notify.Config{Keys: server.PlatformKeys(), APIv3Key: server.Merchant().APIv3Key})
	if err != nil {
		t.Fatal(err)
	}
	var got []*notify.Notification
	handler := r.Handler(func(_ context.Context, n *notify.Notification) error {
		got = append(got, n)
		return nil
	})
	serials := slices.Collect(maps.Keys(server.PlatformKeys()))
	publicKey := serials[slices.IndexFunc(serials, func(s string) bool { return strings.HasPrefix(s, "PUB_KEY_ID_") })]
	for _, tt := range []struct {
		name   string
		event  sandbox.Event
		status int
		serial string // starts so
	}{
		{"by a certificate", sandbox.Event{}, http.StatusOK, ""},
		{"by the public key", sandbox.Event{Serial: publicKey}, http.StatusOK, publicKey},
		{"by the key from before", sandbox.Event{}, http.StatusOK, publicKey},
		{"a probe", sandbox.Event{Probe: true}, http.StatusUnauthorized, publicKey},
	} {
		got = nil
		e := tt.event
		e.Type, e.OriginalType, e.Summary = "COMPLAINT.CREATE", "complaint", "产生新投诉"
		e.Resource = wechatpay.M{"complaint_id": "200201820200101080076610000"}
		req, err := server.NewNotification(t.Context(), "https://shop.example.com/notify", e)
		if err != nil {
			t.Fatal(err)
		}
		if serial := req.Header.Get("Wechatpay-Serial"); !strings.HasPrefix(serial, tt.serial) || tt.serial == "" && serial == publicKey {
			t.Errorf("%s: it is signed by %s", tt.name, serial)
		}
		w := httptest.NewRecorder()
		handler.ServeHTTP(w, req)
		if w.Code != tt.status {
			t.Errorf("%s: it is answered %d, want %d", tt.name, w.Code, tt.status)
		}
		if tt.status != http.StatusOK {
			continue
		}
		if len(got) != 1 || !isNewComplaint(got[0]) {
			t.Errorf("%s: %d notifications came: %v", tt.name, len(got), got)
		}
	}
	if n := server.Notifications(); len(n) != 0 {
		t.Errorf("%d notifications are listed, which the sandbox did not send", len(n))
	}
}

// isNewComplaint reports whether n is the notification that TestNewNotification
// sends.
func isNewComplaint(n *notify.Notification) bool {
	return n.EventType == "COMPLAINT.CREATE" && n.Summary == "产生新投诉" && n.Get("complaint_id").String() == "200201820200101080076610000"
}

func TestNewNotificationRefuses(t *testing.T) {
	server, _ := newServer(t, sandbox.Config{})
	defer server.Close()
	for want, tt := range map[string]struct {
		url   string
		event sandbox.Event
	}{
		"parse":       {"http://[", sandbox.Event{}},
		"unsupported": {"http://localhost", sandbox.Event{Resource: func() {}}},
		"has no key":  {"http://localhost", sandbox.Event{Serial: "PUB_KEY_ID_0"}},
	} {
		if _, err := server.NewNotification(t.Context(), tt.url, tt.event); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error is %v, want %q", err, want)
		}
	}
}
