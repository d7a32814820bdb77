package sandbox_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/wxchain/wechatpay"
)

// sceneReports are the info types of each scene, and what the user may be shown.
var sceneReports = map[string][2][]string{
	"1000": {{"活动名称", "奖励说明"}, {"活动奖励", "现金奖励"}},
	"1002": {{"补贴类型"}, {"行政补贴", "行政奖励"}},
	"1004": {{"保险产品备案编号", "保险名称", "保险操作单号"}, {"保险理赔款"}},
	"1005": {{"岗位类型", "报酬说明"}, {"劳务报酬", "报销款", "企业补贴", "开工利是"}},
	"1009": {{"采购商品名称"}, {"货款"}},
	"1010": {{"回收商品名称"}, {"二手回收货款"}},
	"1011": {{"赔付原因"}, {"退款", "商家赔付"}},
	"1013": {{"公益活动名称", "公益活动备案编号"}, {"公益补助金"}},
}

// TestTransferScenes checks that each scene takes its own report infos alone.
//
// https://pay.weixin.qq.com/doc/v3/merchant/4013774588 (and 4013774589 to 4013774595),
// https://developers.weixin.qq.com/community/pay/doc/00004ca369c5784926939f5b061800 (answer),
// https://developers.weixin.qq.com/community/pay/doc/000ccef96d868053c813e092361400 (answer)
func TestTransferScenes(t *testing.T) {
	w := newWorld(t)
	for scene, of := range sceneReports {
		ask := func(name string, infos []wechatpay.M, shown any) error {
			_, err := w.transfer(wechatpay.M{"out_bill_no": scene + name, "transfer_scene_id": scene,
				"transfer_scene_report_infos": infos, "user_recv_perception": shown})
			return err
		}
		types := of[0]
		backwards := slices.Clone(types)
		slices.Reverse(backwards)
		for name, infos := range map[string][]wechatpay.M{"a": reports(types...), "b": reports(backwards...)} {
			if err := ask(name, infos, nil); err != nil {
				t.Errorf("scene %s with %v: %v", scene, infos, err)
			}
		}
		for i, shown := range of[1] {
			if err := ask("shown"+string(rune('a'+i)), reports(types...), shown); err != nil {
				t.Errorf("scene %s with %s: %v", scene, shown, err)
			}
		}
		refused(t, ask("c", reports(types...), "货"), 400, "INVALID_REQUEST")
		long := reports(types...)
		long[0]["info_content"] = strings.Repeat("礼", 33)
		empty := reports(types...)
		empty[0]["info_content"] = ""
		for name, infos := range map[string][]wechatpay.M{
			"one too few":  reports(types[1:]...),
			"one too many": reports(append(types, "备注")...),
			"one twice":    reports(append(types[1:], types[len(types)-1], types[len(types)-1])...),
			"a wrong name": reports(append([]string{"activity_name"}, types[1:]...)...),
			"a space":      reports(append([]string{types[0] + " "}, types[1:]...)...),
			"too long":     long,
			"empty":        empty,
		} {
			t.Run(scene+" "+name, func(t *testing.T) {
				e := refused(t, ask("d", infos, nil), 400, "PARAM_ERROR")
				if field := e.Detail.Get("field").String(); !strings.HasPrefix(field, "/transfer_scene_report_infos") {
					t.Errorf("detail %s", e.Detail)
				}
			})
		}
	}
	for _, scene := range []string{"1001", "1006", "999"} {
		_, err := w.transfer(wechatpay.M{"transfer_scene_id": scene})
		if e := refused(t, err, 400, "PARAM_ERROR"); e.Detail.Get("field").String() != "/transfer_scene_id" {
			t.Errorf("scene %q: detail %s", scene, e.Detail)
		}
	}
}
