package fleet

import (
	"errors"
	"strings"
	"testing"

	"github.com/nats-io/nats.go"

	"github.com/wxchain/wechatpay/cmd/wxpay/internal/shared/lang"
)

// What keeps a connection from NATS servers is said with what to do, in both languages.
func TestUnconnected(t *testing.T) {
	s := Settings{URL: "nats://127.0.0.1:4222"}
	for _, tt := range []struct {
		err              error
		english, chinese string
	}{
		{nats.ErrNoServers, "connect to NATS (127.0.0.1:4222): no server answers; start one with nats-server -js, or correct --nats or NATS_URL", "连接 NATS（127.0.0.1:4222）：没有服务器应答；请用 nats-server -js 启动，"},
		{nats.ErrAuthorization, "nats: authorization violation: the server refuses the login; check NATS_USER and NATS_PASSWORD, NATS_TOKEN or --nats-creds", "服务器拒绝登录；请检查 NATS_USER 和 NATS_PASSWORD、"},
		{errors.New("another"), "connect to NATS (127.0.0.1:4222): another", "连接 NATS（127.0.0.1:4222）：another"},
	} {
		err := s.unconnected(tt.err)
		if !strings.Contains(strings.ToLower(err.Error()), strings.ToLower(tt.english)) || !strings.Contains(lang.Chinese().Error(err), tt.chinese) {
			t.Errorf("%v is %v, in Chinese %s", tt.err, err, lang.Chinese().Error(err))
		}
	}
}
