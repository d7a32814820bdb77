package wechatpay

import (
	"fmt"
	"strings"

	"github.com/wxchain/wechatpay/internal/uritemplate"
)

// checkVariables refuses a segment that would be a variable if it had both of its
// marks, such as _openid, <openid or {openid.
func checkVariables(template string) error {
	balanced := strings.Count(template, "{") == strings.Count(template, "}")
	path, _, _ := strings.Cut(template, "?")
	for segment := range strings.SplitSeq(path, "/") {
		if n := len(segment); n == 0 || !isMark(segment[0]) && !isMark(segment[n-1]) {
			continue
		}
		name := strings.Trim(segment, marks)
		if name == "" || name == segment || !uritemplate.IsName(name) {
			continue
		}
		before, after, _ := strings.Cut(segment, name)
		around := before + " " + after
		if !balanced && (around == "{ " || around == " }") {
			return fmt.Errorf("segment %q has a brace without its other half; write {%s}", segment, name)
		}
		if marksVariable(around, name) {
			return fmt.Errorf("segment %q is not a variable; write {%s} or _%[2]s_, and give its value with Bind or as an option", segment, name)
		}
	}
	return nil
}

// marks are what templates of other kinds have around a variable.
const marks = "_<>:{}"

func isMark(c byte) bool { return strings.IndexByte(marks, c) >= 0 }

// marksVariable reports whether a segment was probably meant as a variable, such
// as :name or <name. The segment has a name, with what is around it before and after a
// space.
func marksVariable(around, name string) bool {
	switch around {
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
