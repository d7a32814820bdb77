package bill

import (
	"fmt"

	"github.com/wxchain/wechatpay/sandbox/internal/beijing"
	"github.com/wxchain/wechatpay/sandbox/internal/money"
)

// receipt returns the receipt of an object as a PDF.
func receipt(l *money.Ledger, w money.Owner, kind money.ReceiptKind, number string) ([]byte, error) {
	r, err := l.Receipt(w, kind, number)
	if err != nil {
		return nil, err
	}
	if kind != money.ReceiptOfTransfer {
		return batchReceipt(l, r)
	}
	t, err := l.TransferOf(r)
	if err != nil {
		return nil, err
	}
	return pdf("商家转账电子回单", []line{
		{"回单编号", r.SignatureNo}, {"出资商户号", t.Payee()}, {"商户单号", t.OutBillNo}, {"微信转账单号", t.TransferBillNo},
		{"收款用户OpenID", t.OpenID}, {"收款用户姓名", t.UserName}, {"转账金额(元)", yuan(t.Amount)}, {"转账备注", t.Remark},
		{"转账时间", beijing.DateTime(t.Changed)}, {"回单申请时间", beijing.DateTime(r.Applied)},
	}), nil
}

// batchReceipt returns the receipt of a batch of transfers, or of one of them.
func batchReceipt(l *money.Ledger, r money.Receipt) ([]byte, error) {
	b, proved, err := l.BatchOf(r)
	if err != nil {
		return nil, err
	}
	_, ended := b.StateAt(r.Applied)
	lines := []line{
		{"回单编号", r.SignatureNo}, {"出资商户号", b.Payee()}, {"商家批次单号", b.OutBatchNo}, {"微信批次单号", b.ID}, {"批次名称", b.Name},
		{"批次备注", b.Remark}, {"转账时间", beijing.DateTime(ended)}, {"回单申请时间", beijing.DateTime(r.Applied)},
	}
	var sum int64
	for _, d := range proved {
		lines = append(lines, line{"明细单号", d.OutNo}, line{"微信明细单号", d.ID}, line{"收款用户姓名", d.UserName}, line{"转账金额(元)", yuan(d.Amount)}, line{"转账备注", d.Remark})
		sum += d.Amount
	}
	lines = append(lines, line{"总笔数", fmt.Sprint(len(proved))}, line{"总金额(元)", yuan(sum)})
	return pdf("商家转账批次电子回单", lines), nil
}
