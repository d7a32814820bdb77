package example

import (
	"regexp"
	"strings"

	"github.com/tidwall/gjson"
)

var (
	errorName   = regexp.MustCompile(`(^|_)(fail|failed|failure|reject|err|error)_(code|reason|msg|message|time|detail|param|parameter|type|data|code_des)$|^(close_reason|close_info|errors|contract_err_code_des)$`)
	failureName = regexp.MustCompile(`^(fail|failed)_`)
	stateName   = regexp.MustCompile(`(state|status|result)$`)
	failedState = regexp.MustCompile(`FAIL|REJECT|CLOSE|ABNORMAL|INVALID|ERROR|CANCEL`)
)

// isError reports whether a field says why something failed.
func isError(name string) bool { return errorName.MatchString(name) }

// countsFailures reports whether a field counts or lists what failed.
func countsFailures(name string) bool { return failureName.MatchString(name) && !isError(name) }

// hidesErrors reports whether the object in a place has not failed: it is the
// answer or has a state, and no state of it has failed.
func hidesErrors(p place) bool {
	hides := p.depth == 0
	failed := false
	p.example.ForEach(func(name, v gjson.Result) bool {
		if stateName.MatchString(name.Str) && isScalar(v) {
			hides = true
			failed = failed || failedState.MatchString(v.Str)
		}
		return true
	})
	return hides && !failed
}

// hasErrorCode reports whether an object has a code and a message of an error.
func hasErrorCode(v gjson.Result) bool {
	code := member(v, "code").Str
	return member(v, "message").Exists() && strings.Trim(code, "0") != "" && code != "SUCCESS" && code != "OK"
}

// nothing returns a value without content, of the type of v.
func nothing(v gjson.Result) string {
	switch {
	case v.IsArray():
		return "[]"
	case v.IsObject():
		return "{}"
	case v.Type == gjson.Number:
		return "0"
	case v.Type == gjson.String:
		if strings.Trim(v.Str, "0123456789") == "" && v.Str != "" {
			return `"0"`
		}
		return `""`
	}
	return v.Raw
}
