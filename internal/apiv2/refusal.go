package apiv2

import "strings"

// Refusal reports whether an APIv2 answer is a refusal, from its fields, with the
// platform's code and message. The code is in err_code; in error_code where it is about
// bills, and in retcode or ret_code elsewhere. If there is none and return_code is
// not SUCCESS, it is that, and otherwise "".
func Refusal(field func(name string) string) (code, message string, refused bool) {
	refused = !Succeeded(field("return_code")) || !Succeeded(field("result_code"))
	for _, name := range [...]string{"err_code", "error_code", "retcode", "ret_code"} {
		value := field(name)
		isReturn := strings.HasPrefix(name, "ret")
		if isReturn && (value == "0" || Succeeded(value)) {
			continue
		}
		refused = refused || isReturn
		if code == "" {
			code = value
		}
	}
	if !refused {
		return "", "", false
	}
	if code == "" && !Succeeded(field("return_code")) {
		code = field("return_code")
	}
	for _, name := range [...]string{"err_code_des", "retmsg", "ret_msg", "return_msg"} {
		if message == "" {
			message = field(name)
		}
	}
	return code, message, true
}
