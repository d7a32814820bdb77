// Reconcile compares the platform's bill of a day with a shop's own books and
// prints the differences: a paid order that the shop does not know, an order that
// was not paid, and a wrong amount.
package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/wxchain/wechatpay"
	"github.com/wxchain/wechatpay/bill"
	"github.com/wxchain/wechatpay/examples/internal/play"
	"github.com/wxchain/wechatpay/sandbox"
)

// The shop's day.
var noon = time.Date(2026, 11, 23, 12, 0, 0, 0, time.FixedZone("", 8*60*60))

func main() {
	play.Run(func(ctx context.Context, p play.Platform) error {
		for _, no := range []string{"20261123-001", "20261123-002", "20261123-003"} {
			if err := sell(ctx, p, no, 1880); err != nil {
				return err
			}
		}
		books := map[string]int64{ // by out_trade_no, in fen
			"20261123-001": 1880,
			"20261123-002": 1800, // a typing error
			"20261123-004": 1880, // not paid
		} // and 003, whose notification was lost

		if err := p.Advance(23 * time.Hour); err != nil { // the bill is ready at 10 o'clock
			return err
		}
		folder, err := os.MkdirTemp("", "bills-*")
		if err != nil {
			return err
		}
		defer os.RemoveAll(folder)
		path := filepath.Join(folder, "2026-11-23.csv")
		if err := download(ctx, p.Client, "2026-11-23", path); err != nil {
			return err
		}
		return compare(path, books)
	}, func(config *sandbox.Config) { config.Clock = func() time.Time { return noon } })
}

// download downloads the bill of a day. The file appears only after its hash is
// verified.
func download(ctx context.Context, client *wechatpay.Client, date, path string) error {
	_, err := bill.Download(ctx, client, bill.Trade, date, bill.File(path), bill.Gzip())
	if wechatpay.IsCode(err, "NO_STATEMENT_EXIST") {
		return os.WriteFile(path, nil, 0o600) // nothing was sold that day
	}
	return err
}

// compare reads the bill row by row, whatever its length, and removes from the
// books what agrees.
func compare(path string, books map[string]int64) error {
	file, err := os.Open(path)
	if err != nil {
		return err
	}
	defer file.Close()
	for row, err := range bill.Rows(file).All() {
		if err != nil {
			return err // the bill has more rows than came before
		}
		if row.Get("交易状态") != "SUCCESS" {
			continue // a refund
		}
		outTradeNo := row.Get("商户订单号")
		paid, err := row.Fen("订单金额")
		if err != nil {
			return err
		}
		switch booked, ok := books[outTradeNo]; {
		case !ok:
			fmt.Printf("%s: paid %d fen, and not in the books\n", outTradeNo, paid)
		case booked != paid:
			fmt.Printf("%s: paid %d fen, booked %d\n", outTradeNo, paid, booked)
		}
		delete(books, outTradeNo)
	}
	for outTradeNo, booked := range books {
		fmt.Printf("%s: booked %d fen, and not paid\n", outTradeNo, booked)
	}
	return nil
}

// sell places an order and lets the user pay it.
func sell(ctx context.Context, p play.Platform, outTradeNo string, total int64) error {
	_, err := p.Client.V3().Pay().Transactions().Native().Post(ctx, wechatpay.JSON(wechatpay.M{
		"appid": "wxd678efh567hg6787", "mchid": p.Merchant().MchID, "description": "a pot of tea", "out_trade_no": outTradeNo,
		"notify_url": "https://example.com/notify", "amount": wechatpay.M{"total": total},
	}))
	if err != nil {
		return err
	}
	_, err = p.Pay(p.Merchant().MchID, outTradeNo)
	return err
}
