package wechatpay

import (
	"fmt"
	"strings"

	"github.com/wxchain/wechatpay/internal/uritemplate"
)

// checkVariables refuses a segment that would be a variable if it had both of its
// marks, such as _openid, <openid or {openid.
func checkVariables(template string) error {
	if !strings.ContainsAny(template, "_<>:{}") {
		return nil
	}
	balanced := strings.Count(template, "{") == strings.Count(template, "}")
	path, _, _ := strings.Cut(template, "?")
	for segment := range strings.SplitSeq(path, "/") {
		name := strings.Trim(segment, "_<>:{}")
		if name == "" || name == segment || !uritemplate.IsName(name) {
			continue
		}
		before, after, _ := strings.Cut(segment, name)
		marks := before + " " + after
		if !balanced && (marks == "{ " || marks == " }") {
			return fmt.Errorf("segment %q has a brace without its other half; write {%s}", segment, name)
		}
		if marksVariable(marks, name) {
			return fmt.Errorf("segment %q is not a variable; write {%s} or _%[2]s_, and give its value with Bind or as an option", segment, name)
		}
	}
	return nil
}

// marksVariable reports whether a segment was probably meant as a variable, such
// as :name or <name. The segment has a name between these marks.
func marksVariable(marks, name string) bool {
	switch marks {
	case "_ ", " _":
		// A number of the merchant may start so. A word is meant as a name.
		return strings.Trim(name, "abcdefghijklmnopqrstuvwxyz_") == ""
	case "< ", " >", ": ":
		return true
	}
	return false
}

// asVariable returns a hint about a value without a variable, if a text segment
// of the template may have been meant as that variable.
func asVariable(name, template string) string {
	for segment := range strings.SplitSeq(template, "/") {
		if strings.Trim(segment, "_<>:") == name {
			return fmt.Sprintf("; the segment %q is text, and {%s} would be the variable", segment, name)
		}
	}
	return ""
}
