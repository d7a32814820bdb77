package naming

import (
	"strings"

	"github.com/wxchain/wechatpay/internal/uritemplate"
)

// PHP spells a template as the properties of the PHP SDK's client:
// v3->marketing->favor->users->_openid_->coupons. The slash at the end of a
// template belongs to its last segment.
//
// The PHP SDK always turns capitals into small letters. For a template with
// capitals, the result is therefore only the closest spelling.
func PHP(template string) string {
	path, slashed := strings.CutSuffix(template, "/")
	segments := strings.Split(path, "/")
	if slashed {
		segments[len(segments)-1] += "/"
	}
	for i, s := range segments {
		segments[i] = property(s)
	}
	return strings.Join(segments, "->")
}

func property(segment string) string {
	if variable, ok := uritemplate.Variable(segment); ok && isPHPName(variable) {
		return "_" + variable + "_"
	}
	if camel := camel(segment); isPHPName(camel) && kebab(camel) == segment {
		return camel
	}
	return "{'" + strings.NewReplacer(`\`, `\\`, `'`, `\'`).Replace(segment) + "'}"
}

// camel raises the small letters behind hyphens: merchantService.
func camel(segment string) string {
	var b strings.Builder
	for i := 0; i < len(segment); i++ {
		if segment[i] == '-' && i+1 < len(segment) && 'a' <= segment[i+1] && segment[i+1] <= 'z' {
			i++
			b.WriteByte(segment[i] - 'a' + 'A')
			continue
		}
		b.WriteByte(segment[i])
	}
	return b.String()
}

// kebab spells a property as the PHP SDK sends it: merchant-service.
func kebab(property string) string {
	var b strings.Builder
	for i := range len(property) {
		c := property[i]
		if 'A' <= c && c <= 'Z' {
			if i > 0 {
				b.WriteByte('-')
			}
			c += 'a' - 'A'
		}
		b.WriteByte(c)
	}
	return b.String()
}

// isPHPName reports whether name can be written after an arrow as it is.
func isPHPName(name string) bool {
	for i := range len(name) {
		switch c := name[i]; {
		case 'a' <= c && c <= 'z', 'A' <= c && c <= 'Z', c == '_', '0' <= c && c <= '9' && i > 0:
		default:
			return false
		}
	}
	return name != ""
}
