package config_test

import (
	"context"
	"fmt"
	"log"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/wxchain/wechatpay"
	"github.com/wxchain/wechatpay/config"
	"github.com/wxchain/wechatpay/notify"
)

func ExampleLoad() {
	os.Setenv("WECHATPAY_MCHID", "1900000109") // the shell does
	os.Setenv("WECHATPAY_APIV2_KEY", strings.Repeat("0", 32))
	defer os.Unsetenv("WECHATPAY_MCHID")
	defer os.Unsetenv("WECHATPAY_APIV2_KEY")
	ctx := context.Background()

	settings, err := config.Load(ctx) // WECHATPAY_* variables, then wxpay.toml
	if err != nil {
		log.Fatal(err)
	}
	client, err := wechatpay.New(settings)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(client)
	// Output: wechatpay.Client{MchID: 1900000109, SerialNo: , BaseURL: https://api.mch.weixin.qq.com/}
}

func ExampleOpen() {
	dir, err := os.MkdirTemp("", "wxpay")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer os.RemoveAll(dir)
	path := filepath.Join(dir, "wxpay.toml")
	err = os.WriteFile(path, []byte(`
[[merchant]]
mchid     = "1900000109"
apiv2_key = "`+strings.Repeat("0", 32)+`"

[[merchant]]
mchid     = "1900000110"
apiv2_key = "`+strings.Repeat("1", 32)+`"
`), 0o600)
	if err != nil {
		fmt.Println(err)
		return
	}

	clients, err := config.Open(context.Background(), config.File(path))
	if err != nil {
		fmt.Println(err)
		return
	}
	client, err := clients.Client("1900000110")
	fmt.Println(client, err)
	// Output: wechatpay.Client{MchID: 1900000110, SerialNo: , BaseURL: https://api.mch.weixin.qq.com/} <nil>
}

func ExampleClients_Watch() {
	start := func(ctx context.Context, secrets string, mux *http.ServeMux, paid func(context.Context, *notify.Notification) error) error {
		clients, err := config.Open(ctx, config.Folder(secrets)) // such as /run/secrets/wechatpay
		if err != nil {
			return err
		}
		go clients.Watch(ctx, 10*time.Second, func(mchIDs []string, err error) {
			slog.InfoContext(ctx, "settings changed", "mchids", mchIDs, "error", err)
		})
		mux.HandleFunc("POST /notify/{mchid}", func(w http.ResponseWriter, r *http.Request) {
			client, err := clients.Client(r.PathValue("mchid"))
			if err != nil {
				http.NotFound(w, r)
				return
			}
			client.Notify().Handler(paid).ServeHTTP(w, r)
		})
		fmt.Println(clients.MchIDs())
		return nil
	}

	secrets, err := os.MkdirTemp("", "secrets")
	if err != nil {
		log.Fatal(err)
	}
	defer os.RemoveAll(secrets)
	for name, text := range map[string]string{"mchid": "1900000109", "apiv2_key": strings.Repeat("0", 32)} {
		if err := os.WriteFile(filepath.Join(secrets, name), []byte(text), 0o600); err != nil {
			log.Fatal(err)
		}
	}
	ctx, stop := context.WithCancel(context.Background())
	defer stop()
	paid := func(context.Context, *notify.Notification) error { return nil }
	if err := start(ctx, secrets, http.NewServeMux(), paid); err != nil {
		log.Fatal(err)
	}
	// Output: [1900000109]
}
