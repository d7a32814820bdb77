package apiv2

import "strings"

// Refusal reports whether the fields of an APIv2 answer are a refusal, and
// returns the platform's code and message. The code is that of err_code; for
// bills that of error_code, and elsewhere that of retcode or ret_code. If there
// is none, the code is return_code if that is not SUCCESS, and "" otherwise.
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
