// Package scene knows for what merchants transfer money to users, and what they
// report of it.
package scene

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"unicode/utf8"
)

// A Report is an entry of transfer_scene_report_infos. It explains a transfer to
// the platform.
type Report struct{ Type, Content string }

// A scene is what a merchant transfers money for.
type scene struct {
	reports []string // the info_type of each entry that it needs
	shown   []string // what user_recv_perception may be
}

// scenes are the scenes by transfer_scene_id.
//
// https://pay.weixin.qq.com/doc/v3/merchant/4013774588 (1000),
// https://pay.weixin.qq.com/doc/v3/merchant/4013774594 (1002),
// https://pay.weixin.qq.com/doc/v3/merchant/4013774595 (1004),
// https://pay.weixin.qq.com/doc/v3/merchant/4013774592 (1010),
// https://pay.weixin.qq.com/doc/v3/merchant/4013774589 (1011),
// https://pay.weixin.qq.com/doc/v3/merchant/4012711988 (the others)
var scenes = map[string]scene{
	"1000": {[]string{"活动名称", "奖励说明"}, []string{"活动奖励", "现金奖励"}},
	"1002": {[]string{"补贴类型"}, []string{"行政补贴", "行政奖励"}},
	"1004": {[]string{"保险产品备案编号", "保险名称", "保险操作单号"}, []string{"保险理赔款"}},
	"1005": {[]string{"岗位类型", "报酬说明"}, []string{"劳务报酬", "报销款", "企业补贴", "开工利是"}},
	"1009": {[]string{"采购商品名称"}, []string{"货款"}},
	"1010": {[]string{"回收商品名称"}, []string{"二手回收货款"}},
	"1011": {[]string{"赔付原因"}, []string{"退款", "商家赔付"}},
	"1013": {[]string{"公益活动名称", "公益活动备案编号"}, []string{"公益补助金"}},
}

const maxReport = 32 // characters of an info_content

// Check returns the field that is wrong and what is wrong with it: an unknown
// scene, or reports other than those of the scene. Their order does not matter. It
// returns "" for a scene with its own reports.
func Check(id string, reports []Report) (field, issue string) {
	s, ok := scenes[id]
	if !ok {
		return "transfer_scene_id", "it is not one of " + strings.Join(slices.Sorted(maps.Keys(scenes)), ", ")
	}
	const infos = "transfer_scene_report_infos"
	var types []string
	for i, r := range reports {
		if n := utf8.RuneCountInString(r.Content); n < 1 || n > maxReport {
			return fmt.Sprintf("%s/%d/info_content", infos, i), fmt.Sprintf("1 to %d characters are wanted, not %d", maxReport, n)
		}
		types = append(types, r.Type)
	}
	if want := slices.Sorted(slices.Values(s.reports)); !slices.Equal(slices.Sorted(slices.Values(types)), want) {
		return infos, fmt.Sprintf("the scene %s wants exactly one entry for each info_type of %s (需传入转账场景报备信息)", id, strings.Join(s.reports, ", "))
	}
	return "", ""
}

// Shown returns what user_recv_perception may be in a scene.
func Shown(id string) []string { return slices.Clone(scenes[id].shown) }
