package v3

import (
	"cmp"
	"fmt"
	"net/http"

	"github.com/wxchain/wechatpay/sandbox/internal/beijing"
	"github.com/wxchain/wechatpay/sandbox/internal/money"
	"github.com/wxchain/wechatpay/sandbox/internal/wire"
)

// batches returns the handlers of batches of transfers, which users need not
// confirm. Merchants that began later than 2024 do not have them.
//
// https://pay.weixin.qq.com/docs/merchant/apis/batch-transfer-to-balance/transfer-batch/get-transfer-batch-by-out-no.html,
// https://pay.weixin.qq.com/docs/partner/apis/batch-transfer-accounts-money/transfer/get-transfer-batch-by-out-no.html (of partners)
func batches() map[string]handler {
	const (
		byID     = "/batch-id/{batch_id}"
		byNumber = "/out-batch-no/{out_batch_no}"
		detailID = "/details/detail-id/{detail_id}"
		detailNo = "/details/out-detail-no/{out_detail_no}"
	)
	all := make(map[string]handler)
	for _, form := range []batchForm{{"v3/transfer/batches", false}, {"v3/partner-transfer/batches", true}} {
		all["POST "+form.path] = form.ask
		all["GET "+form.path+byID] = form.query
		all["GET "+form.path+byNumber] = form.query
		all["GET "+form.path+byID+detailID] = form.queryDetail
		all["GET "+form.path+byNumber+detailNo] = form.queryDetail
	}
	return all
}

// A batchForm is the form of batches of merchants, or of partners.
type batchForm struct {
	path      string
	ofPartner bool
}

// echoes are the fields of a partner's request that answers repeat.
var echoes = [...]string{"sub_appid", "sp_appid", "authorization_type", "transfer_purpose", "transfer_scene"}

// ask accepts a batch. Repeating the number transfers nothing more.
func (form batchForm) ask(c *call) (int, any, error) {
	made := money.Batch{
		Owner: money.Owner{MchID: c.merchant.MchID}, OutBatchNo: c.text("out_batch_no"), AppID: c.text("appid"), Name: c.text("batch_name"),
		Remark: c.text("batch_remark"), Scene: c.text("transfer_scene_id"), NotifyURL: c.text("notify_url"),
	}
	if form.ofPartner {
		w, err := ofEither(c)
		if err != nil {
			return 0, nil, err
		}
		made.Owner, made.AppID, made.Echoes = w, c.text("sub_appid"), make(map[string]string)
		for _, name := range echoes {
			made.Echoes[name] = c.text(name)
		}
	}
	details, err := c.batchDetails(&made)
	if err != nil {
		return 0, nil, err
	}
	b, err := c.AskBatch(made, details)
	if err != nil {
		return 0, nil, err
	}
	a := batchAccepted{OutBatchNo: b.OutBatchNo, ID: b.ID, CreateTime: beijing.Format(b.Created)}
	if !form.ofPartner {
		a.State, _ = b.StateAt(c.Now)
	}
	return http.StatusOK, a, nil
}

// batchDetails reads the transfers of a batch, and its total, from the body.
func (c *call) batchDetails(made *money.Batch) (details []money.BatchDetail, err error) {
	for i, v := range c.body.Get("transfer_detail_list").Array() {
		amount, err := fen(fmt.Sprintf("/transfer_detail_list/%d/transfer_amount", i), v.Get("transfer_amount"))
		if err != nil {
			return nil, err
		}
		details = append(details, money.BatchDetail{
			OutNo: v.Get("out_detail_no").String(), OpenID: v.Get("openid").String(), UserName: v.Get("user_name").String(),
			Amount: amount, Remark: v.Get("transfer_remark").String(),
		})
	}
	if made.Total, err = fen("/total_amount", c.body.Get("total_amount")); err != nil {
		return nil, err
	}
	if num := c.body.Get("total_num"); num.Num != float64(len(details)) {
		return nil, wire.BadField("/total_num", num.Value(), fmt.Sprintf("there are %d transfers", len(details)))
	}
	made.Fingerprint, err = c.fingerprint("transfer-batch")
	return details, err
}

// A batchAccepted is the answer to a request for a batch.
type batchAccepted struct {
	OutBatchNo string           `json:"out_batch_no"`
	ID         string           `json:"batch_id"`
	CreateTime string           `json:"create_time"`
	State      money.BatchState `json:"batch_status,omitempty"`
}

// batch returns the batch that the path names.
func (form batchForm) batch(c *call) (b money.Batch, err error) {
	if id, ok := c.vars["batch_id"]; ok {
		b, err = c.BatchByID(c.merchant.MchID, id)
	} else {
		b, err = c.Batch(c.merchant.MchID, c.vars["out_batch_no"])
	}
	if err == nil && form.ofPartner != (b.SubMchID != "") {
		err = money.ErrNoBatch // a merchant's own batches and those as a partner are apart
	}
	return b, err
}

// query answers with a batch and, if that is asked for and the batch is finished,
// those of its transfers that have a state.
func (form batchForm) query(c *call) (int, any, error) {
	b, err := form.batch(c)
	if err != nil {
		return 0, nil, err
	}
	p, err := c.newSlice(20, 100)
	if err != nil {
		return 0, nil, err
	}
	if err := c.addDetails(p, b); err != nil {
		return 0, nil, err
	}
	a := c.batchAnswer(b)
	if form.ofPartner {
		a.subBatch = subBatch{SpMchID: b.MchID, SubMchID: b.SubMchID, SubAppID: b.Echoes["sub_appid"], SpAppID: b.Echoes["sp_appid"],
			Type: b.Echoes["authorization_type"], Purpose: b.Echoes["transfer_purpose"], Scene: b.Echoes["transfer_scene"]}
		return http.StatusOK, subBatchAnswer{a, p.Data}, nil
	}
	a.MchID, a.AppID, a.SceneID = b.MchID, b.AppID, b.Scene
	whole := ownBatchAnswer{Batch: a}
	if len(p.Data) > 0 {
		whole.Details = p.Data
	}
	if _, byNumber := c.vars["out_batch_no"]; byNumber {
		whole.Offset, whole.Limit = &p.Offset, &p.Limit
	}
	return http.StatusOK, whole, nil
}

// addDetails adds to a page the transfers that the query asks for.
func (c *call) addDetails(p *page, b money.Batch) error {
	if c.query.Get("need_query_detail") != "true" {
		return nil
	}
	wanted := cmp.Or(c.query.Get("detail_status"), "ALL")
	switch wanted {
	case "ALL", "SUCCESS", "FAIL", "WAIT_PAY", "REFUND":
	default:
		return wire.ParamError("query", "detail_status", wanted, "ALL, SUCCESS or FAIL is wanted")
	}
	if state, _ := b.StateAt(c.Now); state != money.BatchFinished {
		return nil
	}
	for _, outNo := range b.Details {
		d, err := c.Detail(b, outNo)
		if err != nil {
			return err
		}
		if state, _ := d.StateAt(c.Now); wanted == "ALL" || wanted == string(state) {
			p.add(detailRow{d.ID, d.OutNo, state})
		}
	}
	return nil
}

// A detailRow is a transfer in the list of a batch.
type detailRow struct {
	ID    string            `json:"detail_id"`
	OutNo string            `json:"out_detail_no"`
	State money.DetailState `json:"detail_status"`
}

// A batchAnswer is a batch as queries show it.
type batchAnswer struct {
	MchID   string `json:"mchid,omitempty"`             // of a merchant's own
	AppID   string `json:"appid,omitempty"`             // of a merchant's own
	SceneID string `json:"transfer_scene_id,omitempty"` // of a merchant's own
	subBatch
	OutBatchNo string           `json:"out_batch_no"`
	ID         string           `json:"batch_id"`
	State      money.BatchState `json:"batch_status"`
	BatchType  string           `json:"batch_type"`
	Name       string           `json:"batch_name"`
	Remark     string           `json:"batch_remark"`
	Total      int64            `json:"total_amount"`
	Num        int              `json:"total_num"`
	CreateTime string           `json:"create_time"`
	UpdateTime string           `json:"update_time"`

	SuccessAmount *int64 `json:"success_amount,omitempty"` // of a finished one, as the following
	SuccessNum    *int   `json:"success_num,omitempty"`
	FailAmount    *int64 `json:"fail_amount,omitempty"`
	FailNum       *int   `json:"fail_num,omitempty"`
}

// A subBatch is what only the batches of partners have.
type subBatch struct {
	SpMchID  string `json:"sp_mchid,omitempty"`
	SubMchID string `json:"sub_mchid,omitempty"`
	SubAppID string `json:"sub_appid,omitempty"`
	SpAppID  string `json:"sp_appid,omitempty"`
	Type     string `json:"authorization_type,omitempty"`
	Purpose  string `json:"transfer_purpose,omitempty"`
	Scene    string `json:"transfer_scene,omitempty"`
}

type ownBatchAnswer struct {
	Batch   batchAnswer `json:"transfer_batch"`
	Details []any       `json:"transfer_detail_list,omitempty"`
	Offset  *int        `json:"offset,omitempty"`
	Limit   *int        `json:"limit,omitempty"`
}

type subBatchAnswer struct {
	batchAnswer
	Details []any `json:"transfer_detail_list"`
}

func (c *call) batchAnswer(b money.Batch) batchAnswer {
	state, since := b.StateAt(c.Now)
	a := batchAnswer{
		OutBatchNo: b.OutBatchNo, ID: b.ID, State: state, BatchType: "API", Name: b.Name, Remark: b.Remark, Total: b.Total, Num: len(b.Details),
		CreateTime: beijing.Format(b.Created), UpdateTime: beijing.Format(since),
	}
	if state == money.BatchFinished {
		amount, num := b.Total-b.Succeeds.Amount, len(b.Details)-b.Succeeds.Num
		a.SuccessAmount, a.SuccessNum, a.FailAmount, a.FailNum = &b.Succeeds.Amount, &b.Succeeds.Num, &amount, &num
	}
	return a
}

// queryDetail answers with a transfer of a batch.
func (form batchForm) queryDetail(c *call) (int, any, error) {
	b, err := form.batch(c)
	if err != nil {
		return 0, nil, err
	}
	var d money.BatchDetail
	if id, ok := c.vars["detail_id"]; ok {
		d, err = c.DetailByID(b, id)
	} else {
		d, err = c.Detail(b, c.vars["out_detail_no"])
	}
	if err != nil {
		return 0, nil, err
	}
	a, err := c.detailAnswer(d)
	if form.ofPartner {
		a.MchID, a.SpMchID, a.UserName, a.Username = "", d.MchID, "", a.UserName
	}
	return http.StatusOK, a, err
}

// A detailAnswer is a transfer of a batch as queries show it.
type detailAnswer struct {
	MchID      string            `json:"mchid,omitempty"`    // of a merchant's own
	SpMchID    string            `json:"sp_mchid,omitempty"` // of a partner's
	OutBatchNo string            `json:"out_batch_no"`
	BatchID    string            `json:"batch_id"`
	AppID      string            `json:"appid,omitempty"`
	OutNo      string            `json:"out_detail_no"`
	ID         string            `json:"detail_id"`
	State      money.DetailState `json:"detail_status"`
	Amount     int64             `json:"transfer_amount"`
	Remark     string            `json:"transfer_remark"`
	FailReason string            `json:"fail_reason,omitempty"`
	OpenID     string            `json:"openid"`
	UserName   string            `json:"user_name,omitempty"` // encrypted; of a merchant's own
	Username   string            `json:"username,omitempty"`  // encrypted; of a partner's
	Initiated  string            `json:"initiate_time"`
	UpdateTime string            `json:"update_time"`
}

func (c *call) detailAnswer(d money.BatchDetail) (detailAnswer, error) {
	state, since := d.StateAt(c.Now)
	a := detailAnswer{
		MchID: d.MchID, OutBatchNo: d.OutBatchNo, BatchID: d.BatchID, AppID: d.AppID, OutNo: d.OutNo, ID: d.ID, State: state, Amount: d.Amount,
		Remark: d.Remark, OpenID: d.OpenID, Initiated: beijing.Format(d.Created), UpdateTime: beijing.Format(since),
	}
	if state == money.DetailFail {
		a.FailReason = d.Fate
	}
	var err error
	if d.UserName != "" {
		a.UserName, err = encryptFor(c.merchant, d.UserName)
	}
	return a, err
}

// A batchResource is a batch as its notification shows it.
type batchResource struct {
	MchID         string           `json:"mchid"`
	OutBatchNo    string           `json:"out_batch_no"`
	ID            string           `json:"batch_id"`
	State         money.BatchState `json:"batch_status"`
	Num           int              `json:"total_num"`
	Total         int64            `json:"total_amount"`
	SuccessAmount int64            `json:"success_amount"`
	SuccessNum    int              `json:"success_num"`
	FailAmount    int64            `json:"fail_amount"`
	FailNum       int              `json:"fail_num"`
	UpdateTime    string           `json:"update_time"`
}

// batchNotice returns the notification that a batch is finished.
//
// https://pay.weixin.qq.com/docs/merchant/apis/batch-transfer-to-balance/transfer-batch-callback-notice.html
func batchNotice(b money.Batch) Notice {
	_, ended := b.StateAt(b.Hold.Until)
	return Notice{"MCHTRANSFER.BATCH.FINISHED", "mch_payment", "商家转账批次完成通知", batchResource{
		MchID: b.MchID, OutBatchNo: b.OutBatchNo, ID: b.ID, State: money.BatchFinished, Num: len(b.Details), Total: b.Total,
		SuccessAmount: b.Succeeds.Amount, SuccessNum: b.Succeeds.Num, FailAmount: b.Total - b.Succeeds.Amount, FailNum: len(b.Details) - b.Succeeds.Num,
		UpdateTime: beijing.Format(ended),
	}}
}
