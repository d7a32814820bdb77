package sm2sandbox_test

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"github.com/wxchain/wechatpay"
	"github.com/wxchain/wechatpay/internal/inprocess"
	"github.com/wxchain/wechatpay/keys"
	"github.com/wxchain/wechatpay/sandbox"
	"github.com/wxchain/wechatpay/signer/sm2/sm2sandbox"
)

// The downloader downloads the platform's SM2 certificates, and the new one when the
// platform replaces them.
func TestDownloader(t *testing.T) {
	// gmsm makes a channel at its first signature, which must not belong to the bubble.
	if _, err := sandbox.NewMerchantOf(sm2sandbox.Suite{}, smMchID, time.Now()); err != nil {
		t.Fatal(err)
	}
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		defer synctest.Wait()
		defer cancel()
		var config sandbox.Config
		sm2sandbox.Use(&config)
		server, err := sandbox.New(config)
		if err != nil {
			t.Fatal(err)
		}
		defer server.Close()
		m := server.Merchant()
		d, err := keys.NewDownloader(ctx, keys.DownloaderConfig{MchID: m.MchID, Signer: m.Signer, APIv3Key: m.APIv3Key, Transport: inprocess.Transport(server)})
		if err != nil {
			t.Fatal(err)
		}
		own := server.ClientConfig()
		own.Transport, own.PlatformKeys = inprocess.Transport(server), d
		client, err := wechatpay.New(own)
		if err != nil {
			t.Fatal(err)
		}
		call := func() (serial string) {
			t.Helper()
			resp, err := client.Chain("v3/certificates").Get(ctx, wechatpay.Query(wechatpay.M{"algorithm_type": "SM2"}))
			if err != nil {
				t.Fatal(err)
			}
			return resp.Header.Get("Wechatpay-Serial")
		}
		before := call()
		if certs, err := d.Certificates(ctx); err != nil || len(certs) != 2 {
			t.Fatalf("%d certificates, %v", len(certs), err)
		}
		time.Sleep(time.Hour) // a download is not repeated within a minute
		if err := server.Faults(sandbox.Fault{Kind: sandbox.FaultRotate, Count: 1}); err != nil {
			t.Fatal(err)
		}
		if after := call(); after == before {
			t.Errorf("the answer is still signed with %s", after)
		}
		if certs, err := d.Certificates(ctx); err != nil || len(certs) != 1 {
			t.Errorf("after the platform replaced them: %d certificates, %v", len(certs), err)
		}
		if len(server.PlatformKeys()) != 1 {
			t.Errorf("PlatformKeys are %v", server.PlatformKeys())
		}
	})
}
