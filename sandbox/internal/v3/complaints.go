package v3

import (
	"fmt"
	"net/http"
	"time"

	"github.com/wxchain/wechatpay/sandbox/internal/beijing"
	"github.com/wxchain/wechatpay/sandbox/internal/money"
	"github.com/wxchain/wechatpay/sandbox/internal/wire"
)

// complaints returns the handlers of users' complaints and of their callbacks.
//
// https://pay.weixin.qq.com/doc/v3/partner/4012691648 (one),
// https://pay.weixin.qq.com/docs/partner/apis/consumer-complaint/complaints/list-complaints-v2.html (list),
// https://pay.weixin.qq.com/docs/partner/apis/consumer-complaint/complaints/response-complaint-v2.html (response)
func complaints() map[string]handler {
	const all, told = "v3/merchant-service/complaints-v2", "v3/merchant-service/complaint-notifications"
	return map[string]handler{
		"GET " + all:                     listComplaints,
		"GET " + all + "/{complaint_id}": queryComplaint,
		"GET " + all + "/{complaint_id}/negotiation-historys": queryNegotiation,
		"POST " + all + "/{complaint_id}/response":            respondToComplaint,
		"POST " + all + "/{complaint_id}/complete":            completeComplaint,

		"POST " + told:   setComplaintCallback,
		"PUT " + told:    setComplaintCallback,
		"GET " + told:    queryComplaintCallback,
		"DELETE " + told: deleteComplaintCallback,
	}
}

// complaintOfPath returns the complaint of the path. If the body names the
// merchant of the complaint, the name must be right.
func (c *call) complaintOfPath() (*money.Complaint, error) {
	k, err := c.Complaint(c.merchant.MchID, c.vars["complaint_id"])
	if err != nil {
		return nil, err
	}
	if about := c.body.Get("complainted_mchid"); about.Exists() && about.String() != k.Payee() {
		return nil, wire.BadField("/complainted_mchid", about.String(), "it is not that of the complaint")
	}
	return k, nil
}

func queryComplaint(c *call) (int, any, error) {
	k, err := c.complaintOfPath()
	if err != nil {
		return 0, nil, err
	}
	a, err := c.complaintAnswer(k)
	a.OpenID = k.OpenID
	return http.StatusOK, a, err
}

// maxComplaintDays is the largest number of days that a list of complaints
// covers.
const maxComplaintDays = 30

// listComplaints lists complaints of some days, newest first.
func listComplaints(c *call) (int, any, error) {
	from, err := c.queryDay("begin_date")
	if err != nil {
		return 0, nil, err
	}
	to, err := c.queryDay("end_date")
	if err != nil {
		return 0, nil, err
	}
	if to.Before(from) || to.Sub(from) > maxComplaintDays*24*time.Hour {
		return 0, nil, wire.ParamError("query", "end_date", c.query.Get("end_date"), fmt.Sprintf("a day is wanted from begin_date to %d days after it", maxComplaintDays))
	}
	s, err := c.newSlice(10, 50)
	if err != nil {
		return 0, nil, err
	}
	all, err := c.Complaints(c.merchant.MchID, from, to.AddDate(0, 0, 1))
	if err != nil {
		return 0, nil, err
	}
	for _, k := range all {
		if !passes(c.query.Get("complainted_mchid"), k.Payee()) {
			continue
		}
		a, err := c.complaintAnswer(k)
		if err != nil {
			return 0, nil, err
		}
		s.add(a)
	}
	return http.StatusOK, s, nil
}

// queryDay reads a day of the query, in Beijing.
func (c *call) queryDay(name string) (time.Time, error) {
	text := c.query.Get(name)
	t, err := time.ParseInLocation(time.DateOnly, text, beijing.In(c.Now).Location())
	if err != nil {
		return t, wire.ParamError("query", name, text, "a day such as 2019-01-01 is wanted")
	}
	return t, nil
}

// operators and operations are the names that a history uses for who acts on a
// complaint and for the action.
var (
	operators = map[money.ComplaintAction]string{
		money.CreateComplaint: "投诉人", money.ContinueComplaint: "投诉人", money.RespondComplaint: "商家", money.ConfirmComplaint: "商家",
	}
	operations = map[money.ComplaintAction]string{
		money.CreateComplaint: "USER_CREATE_COMPLAINT", money.ContinueComplaint: "USER_CONTINUE_COMPLAINT",
		money.RespondComplaint: "MERCHANT_RESPONSE", money.ConfirmComplaint: "MERCHANT_CONFIRM_COMPLETE",
	}
)

// A negotiation is an action on a complaint.
type negotiation struct {
	Media   *complaintMedia `json:"complaint_media_list,omitempty"`
	LogID   string          `json:"log_id"`
	Who     string          `json:"operator"`
	Time    string          `json:"operate_time"`
	Type    string          `json:"operate_type"`
	Details string          `json:"operate_details,omitempty"`
}

type complaintMedia struct {
	Type string   `json:"media_type"`
	URLs []string `json:"media_url"`
}

// queryNegotiation lists the actions on a complaint, newest first.
func queryNegotiation(c *call) (int, any, error) {
	k, err := c.complaintOfPath()
	if err != nil {
		return 0, nil, err
	}
	s, err := c.newSlice(100, 300)
	if err != nil {
		return 0, nil, err
	}
	for i := range k.Steps {
		step := k.Steps[len(k.Steps)-1-i]
		n := negotiation{LogID: step.ID, Who: operators[step.Action], Time: beijing.Format(step.Time), Type: operations[step.Action], Details: step.Text}
		if len(step.Images) > 0 {
			n.Media = &complaintMedia{Type: "OPERATION_IMAGE"}
			for _, id := range step.Images {
				n.Media.URLs = append(n.Media.URLs, c.base+"v3/merchant-service/images/"+id)
			}
		}
		s.add(n)
	}
	return http.StatusOK, s, nil
}

func respondToComplaint(c *call) (int, any, error) {
	k, err := c.complaintOfPath()
	if err != nil {
		return 0, nil, err
	}
	var ids []string
	for i, v := range c.body.Get("response_images").Array() {
		if _, _, err := c.api.Media.Image(c.Tx, c.merchant.MchID, v.String()); err != nil {
			return 0, nil, wire.BadField(fmt.Sprintf("/response_images/%d", i), v.String(), "there is no such image of this merchant; upload it first")
		}
		ids = append(ids, v.String())
	}
	return http.StatusNoContent, nil, c.RespondToComplaint(k, c.text("response_content"), ids)
}

func completeComplaint(c *call) (int, any, error) {
	k, err := c.complaintOfPath()
	if err != nil {
		return 0, nil, err
	}
	return http.StatusNoContent, nil, c.CompleteComplaint(k)
}

// A callbackAnswer is the URL where a merchant is notified of complaints.
type callbackAnswer struct {
	MchID string `json:"mchid"`
	URL   string `json:"url"`
}

func setComplaintCallback(c *call) (int, any, error) {
	return http.StatusOK, callbackAnswer{c.merchant.MchID, c.text("url")}, c.SetComplaintCallback(c.merchant.MchID, c.text("url"))
}

func queryComplaintCallback(c *call) (int, any, error) {
	url, err := c.ComplaintCallback(c.merchant.MchID)
	return http.StatusOK, callbackAnswer{c.merchant.MchID, url}, err
}

func deleteComplaintCallback(c *call) (int, any, error) {
	return http.StatusNoContent, nil, c.DeleteComplaintCallback(c.merchant.MchID)
}

// A complaintAnswer is a complaint as the platform shows it.
type complaintAnswer struct {
	ID           string               `json:"complaint_id"`
	Time         string               `json:"complaint_time"`
	Detail       string               `json:"complaint_detail"`
	State        money.ComplaintState `json:"complaint_state"`
	About        string               `json:"complainted_mchid"`
	Phone        string               `json:"payer_phone"`
	OpenID       string               `json:"payer_openid,omitempty"` // only if one complaint is queried
	Orders       []complaintOrder     `json:"complaint_order_info"`
	FullRefunded bool                 `json:"complaint_full_refunded"`
	Incoming     bool                 `json:"incoming_user_response"`
	Problem      string               `json:"problem_description"`
	ProblemType  string               `json:"problem_type"`
	Times        int                  `json:"user_complaint_times"`
}

type complaintOrder struct {
	TransactionID string `json:"transaction_id"`
	OutTradeNo    string `json:"out_trade_no"`
	Amount        int64  `json:"amount"`
}

// payerPhone is the phone number of each user who complains.
const payerPhone = "13800000000"

func (c *call) complaintAnswer(k *money.Complaint) (complaintAnswer, error) {
	o, err := c.PaidOrder(k.TransactionID)
	if err != nil {
		return complaintAnswer{}, err
	}
	a := complaintAnswer{
		ID: k.ID, Time: beijing.Format(k.Created), Detail: k.Detail, State: k.State, About: k.Payee(),
		Orders:       []complaintOrder{{o.TransactionID, o.OutTradeNo, o.Total}},
		FullRefunded: o.Refunded == o.Total, Incoming: k.State == money.ComplaintPending,
		Problem: "其他问题", ProblemType: "OTHERS", Times: k.Times,
	}
	a.Phone, err = encryptFor(c.merchant, payerPhone)
	return a, err
}

// complaintNotice returns the notification of an action on a complaint.
//
// https://pay.weixin.qq.com/wiki/doc/apiv3/apis/chapter10_2_16.shtml
func complaintNotice(e money.ComplaintChanged) Notice {
	n := Notice{"COMPLAINT.STATE_CHANGE", "complaint", "投诉单状态变化",
		map[string]string{"complaint_id": e.Complaint.ID, "action_type": string(e.Action)}}
	if e.Action == money.CreateComplaint {
		n.Kind, n.Summary = "COMPLAINT.CREATE", "产生新投诉"
	}
	return n
}
