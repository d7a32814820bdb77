package bill_test

import (
	"context"
	"errors"
	"fmt"
	"log"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/wxchain/wechatpay"
	"github.com/wxchain/wechatpay/bill"
	"github.com/wxchain/wechatpay/wechatpaytest"
)

var ctx = context.Background()

// exampleTB is a testing.TB for what no test owns.
type exampleTB struct{ testing.TB }

func (exampleTB) Helper()                           {}
func (exampleTB) Cleanup(func())                    {}
func (exampleTB) Fatal(args ...any)                 { panic(fmt.Sprint(args...)) }
func (exampleTB) Fatalf(format string, args ...any) { panic(fmt.Sprintf(format, args...)) }
func (exampleTB) Errorf(format string, args ...any) { panic(fmt.Sprintf(format, args...)) }

// exampleClient stands for the client that wechatpay.New makes: the platform
// it calls is in this process.
func exampleClient() *wechatpay.Client {
	client, _ := platform(exampleTB{}, named(tradeBill), zipped(exampleTB{}, tradeBill))
	return client
}

// exampleReceiptClient is exampleClient for a receipt.
func exampleReceiptClient() *wechatpay.Client {
	link := linkTo("v3/transferdownload/signfile", "SHA256", receipt)
	mock := wechatpaytest.New(exampleTB{})
	mock.On("GET", "v3/transfer/bill-receipt/{out_batch_no}", mock.JSON(200, link))
	mock.On("GET", "v3/transferdownload/signfile", text(200, receipt))
	return mock.Client()
}

func ExampleDownload() {
	client := exampleClient()
	folder, err := os.MkdirTemp("", "bills")
	if err != nil {
		log.Fatal(err)
	}
	defer os.RemoveAll(folder)
	path := filepath.Join(folder, "2026-11-23.csv")

	info, err := bill.Download(ctx, client, bill.Trade, "2026-11-23", bill.File(path), bill.Gzip())
	switch {
	case wechatpay.IsCode(err, "NO_STATEMENT_EXIST"):
		fmt.Println("nothing was sold that day")
	case wechatpay.IsCode(err, "STATEMENT_CREATING"):
		fmt.Println("too early; try again later")
	case errors.Is(err, bill.ErrDamaged):
		fmt.Println("it did not arrive whole; there is no file")
	case err != nil:
		log.Fatal(err)
	default:
		fmt.Println(info.Bytes, "bytes,", info.HashType, info.HashValue)
	}
	// Output:
	// 271 bytes, SHA1 62c815e729ba6b508809c1c58de81b0c9abb745a
}

func ExampleRows() {
	file := strings.NewReader(tradeBill) // stands for the os.File that Download made

	rows := bill.Rows(file)
	for row, err := range rows.All() {
		if err != nil {
			log.Fatal(err) // the bill has more rows than came before
		}
		fen, err := row.Fen("订单金额")
		if err != nil {
			log.Fatal(err)
		}
		fmt.Println(row.Get("商户订单号"), fen, "fen")
	}
	for _, total := range rows.Summary() {
		fmt.Println(total.Get("总交易单数"), "orders,", total.Get("订单总金额"), "yuan")
	}
	// Output:
	// 1217752501201407033233368018 1234 fen
	// 1217752501201407033233368019 1 fen
	// 2 orders, 12.35 yuan
}

// A writer sees the bill as it arrives; whether that was all of it, and right,
// is known when Download returns.
func ExampleTo() {
	var text strings.Builder
	info, err := bill.Download(ctx, exampleClient(), bill.Trade, "2026-11-23", bill.To(&text), bill.BillType("ALL"), bill.MaxBytes(1<<20))
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(int64(text.Len()) == info.Bytes)
	// Output:
	// true
}

func ExampleReader_Columns() {
	fmt.Println(strings.Join(bill.Rows(strings.NewReader(tradeBill)).Columns(), " | "))
	// Output:
	// 交易时间 | 商户订单号 | 商品名称 | 订单金额 | 手续费
}

func ExampleRow_Fen() {
	for row, err := range bill.Rows(strings.NewReader(tradeBill)).All() {
		if err != nil {
			log.Fatal(err)
		}
		fmt.Println(row.Get("手续费"))
		fmt.Println(row.Fen("手续费"))
		fmt.Println(row.Fen("退款金额"))
		break
	}
	// Output:
	// 0.07000
	// 7 <nil>
	// 0 bill: there is no column "退款金额"
}

func ExampleDownloadLink() {
	client := exampleReceiptClient()
	folder, err := os.MkdirTemp("", "receipts")
	if err != nil {
		log.Fatal(err)
	}
	defer os.RemoveAll(folder)
	path, batch := filepath.Join(folder, "receipt.pdf"), "plfk2020042013"

	resp, err := client.Chain("v3/transfer/bill-receipt/{out_batch_no}").Get(ctx, wechatpay.Bind("out_batch_no", batch))
	if err != nil {
		log.Fatal(err)
	}
	var link bill.Link // download_url, hash_type, hash_value
	if err := resp.Decode(&link); err != nil {
		log.Fatal(err)
	}
	info, err := bill.DownloadLink(ctx, client, link, bill.File(path))
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(info.Bytes, "bytes, checked by", info.HashType)
	// Output:
	// 20 bytes, checked by SHA256
}
