package bill

import (
	"github.com/wxchain/wechatpay/sandbox/internal/beijing"
	"github.com/wxchain/wechatpay/sandbox/internal/money"
)

// receipt returns the receipt of an object as a PDF.
func receipt(l *money.Ledger, w money.Owner, kind money.ReceiptKind, number string) ([]byte, error) {
	r, err := l.Receipt(w, kind, number)
	if err != nil {
		return nil, err
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
