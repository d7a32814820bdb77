package local_test

import (
	"context"
	"errors"
	"net"
	"strings"
	"testing"

	"github.com/spf13/cobra"

	"github.com/wxchain/wechatpay/cmd/wxpay/internal/shared/lang"
	"github.com/wxchain/wechatpay/cmd/wxpay/internal/shared/local"
)

func listen(t *testing.T, addr string) net.Listener {
	t.Helper()
	l, err := local.Listen(t.Context(), addr)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	return l
}

// The error of an address without a host or a port says what to write.
func TestListenAddress(t *testing.T) {
	for addr, want := range map[string]string{
		"18700":     "18700 is not a host and a port; write one such as 127.0.0.1:18700",
		"localhost": "localhost is not a host and a port; write one such as 127.0.0.1:8686",
		"::1":       "::1 is not a host and a port; write one such as 127.0.0.1:8686",
		"host:port": "host:port is not a host and a port; write one such as 127.0.0.1:8686",
		"99999":     "99999 is not a host and a port; write one such as 127.0.0.1:8686",
	} {
		if _, err := local.Listen(t.Context(), addr); err == nil || err.Error() != want {
			t.Errorf("%s: %v, want %s", addr, err, want)
		}
	}
}

// The error of a taken address names it, and has the command with a free address.
func TestListenTaken(t *testing.T) {
	taken := listen(t, "127.0.0.1:0").Addr().String()
	var addr, dir string
	var names []string
	var tls bool
	root := &cobra.Command{Use: "wxpay", SilenceErrors: true, SilenceUsage: true}
	cmd := &cobra.Command{Use: "serve", RunE: func(cmd *cobra.Command, _ []string) error {
		_, err := local.Listen(cmd.Context(), addr)
		return local.SuggestFree(cmd, "addr", err)
	}}
	cmd.Flags().StringVar(&addr, "addr", "", "")
	cmd.Flags().StringVar(&dir, "dir", "", "")
	cmd.Flags().StringArrayVar(&names, "name", nil, "")
	cmd.Flags().BoolVar(&tls, "tls", false, "")
	root.AddCommand(cmd)
	root.SetArgs([]string{"serve", "--addr", taken, "--dir", "it's here", "--name", "a,b", "--name", "c", "--tls"})
	err := root.ExecuteContext(t.Context())
	if err == nil || !strings.Contains(err.Error(), taken+" is taken: another program listens there; another address is free:") {
		t.Fatal(err)
	}
	if zh := lang.Chinese().Error(err); !strings.HasPrefix(zh, taken+" 已被占用：另一个程序正在监听") || !strings.Contains(zh, "监听；可以用另一个空闲的地址：\n\n  wxpay serve ") {
		t.Errorf("in Chinese it is %q", zh)
	}
	_, command, _ := strings.Cut(err.Error(), "\n\n  ")
	command, free, _ := strings.Cut(command, " --addr ")
	if want := `wxpay serve --dir 'it'\''s here' --name a,b --name c --tls`; command != want {
		t.Errorf("the command is %q, want %q", command, want)
	}
	if host, port, err := net.SplitHostPort(free); err != nil || host != "127.0.0.1" || port == "" {
		t.Errorf("the free address is %q", free)
	}
	listen(t, free)
}

// Other errors of an address stay as they are.
func TestListenFails(t *testing.T) {
	cmd := &cobra.Command{Use: "serve"}
	for _, addr := range []string{"nonsense", "192.0.2.1:80"} {
		_, err := local.Listen(context.Background(), addr)
		if err == nil || errors.As(err, new(*local.TakenError)) || local.SuggestFree(cmd, "addr", err) != err {
			t.Errorf("%s: %v", addr, err)
		}
	}
}
