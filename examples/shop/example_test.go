package main

import (
	"context"
	"fmt"
	"html"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"
)

// Example buys tea by H5, as a browser does.
func Example() {
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	err := run(ctx, "127.0.0.1:0", "127.0.0.1:0", func(shopURL, sandboxURL string) {
		go func() {
			defer cancel()
			if err := buy(shopURL, sandboxURL); err != nil {
				log.Print(err)
			}
		}()
	})
	if err != nil {
		fmt.Println(err)
	}
	// Output:
	// 一杯茶
	// ¥18.80
	// the order is paid
}

// A taken address is an error that names the flag for another one.
func TestTakenAddress(t *testing.T) {
	other, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer other.Close()
	taken, free := other.Addr().String(), "127.0.0.1:0"
	for flag, addrs := range map[string][2]string{"-addr": {taken, free}, "-sandbox": {free, taken}} {
		err := run(t.Context(), addrs[0], addrs[1], func(string, string) { t.Error("it serves") })
		if err == nil || !strings.HasSuffix(err.Error(), "name another address with "+flag) {
			t.Errorf("%s is taken: %v", flag, err)
		}
	}
}

var (
	input = regexp.MustCompile(`<input type="hidden" name="([^"]+)" value="([^"]*)">`)
	back  = regexp.MustCompile(`data-return href="([^"]+)"`)
)

// buy buys tea, and waits until the shop was notified.
func buy(shopURL, sandboxURL string) error {
	jar, err := cookiejar.New(nil)
	if err != nil {
		return err
	}
	browser := &http.Client{Jar: jar}
	page, err := read(browser.PostForm(shopURL+"orders/h5", nil)) // leads to the cashier
	if err != nil {
		return err
	}
	for _, text := range []string{"一杯茶", "¥18.80"} {
		if strings.Contains(page, text) {
			fmt.Println(text)
		}
	}
	form := url.Values{"do": {"pay"}}
	for _, m := range input.FindAllStringSubmatch(page, -1) {
		form.Set(m[1], html.UnescapeString(m[2]))
	}
	if page, err = read(browser.PostForm(sandboxURL+"cashier/pay", form)); err != nil {
		return err
	}
	to := back.FindStringSubmatch(page)
	if to == nil {
		return fmt.Errorf("the cashier does not lead back: %s", page)
	}
	for !strings.Contains(page, "已支付 Paid") { // the notification is on its way
		if page, err = read(browser.Get(html.UnescapeString(to[1]))); err != nil {
			return err
		}
	}
	fmt.Println("the order is paid")
	return nil
}

func read(resp *http.Response, err error) (string, error) {
	if err != nil {
		return "", err
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	return string(text), err
}
