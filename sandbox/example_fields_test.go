package sandbox_test

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/tidwall/gjson"

	"github.com/wxchain/wechatpay"
	"github.com/wxchain/wechatpay/openapi"
	"github.com/wxchain/wechatpay/sandbox"
)

var (
	numberOrID  = regexp.MustCompile(`^(id|number)$|_(id|no|number)$|(mch_?id|appid|openid)$`)
	errorField  = regexp.MustCompile(`(^|_)(err|error|fail|reject)_(code|msg|message|reason)$`)
	stateField  = regexp.MustCompile(`(state|status|result)$`)
	failed      = regexp.MustCompile(`FAIL|REJECT|CLOSE|ABNORMAL|INVALID|ERROR|CANCEL`)
	startOfTime = regexp.MustCompile(`^\d{4}-\d\d-\d\dT`)
)

// identities returns values for the numbers and IDs of an operation's path, query
// and body that no other request has.
func identities(op *openapi.Operation, n int) wechatpay.M {
	set := make(wechatpay.M)
	add := func(name string, s *openapi.Schema) {
		if numberOrID.MatchString(name) && set[name] == nil {
			if v := valueOf(s, n+1); v != nil {
				n++
				set[name] = v
			}
		}
	}
	for _, ps := range [...][]openapi.Parameter{op.Path, op.Query} {
		for _, p := range ps {
			add(p.Name, &p.Schema)
		}
	}
	if body := op.Body(); body != nil {
		for _, p := range body.Properties {
			add(p.Name, p.Schema)
		}
	}
	maps.DeleteFunc(set, func(name string, _ any) bool { return isOfMerchant(op, name) })
	return set
}

// valueOf returns the value of that number for a field, or nil if the field takes
// only some values.
func valueOf(s *openapi.Schema, n int) any {
	switch {
	case len(s.Enum) > 0:
	case s.Type == openapi.String && (s.Format == "" || s.Format == "uint64"):
		text := fmt.Sprintf("%0*d", max(7, s.MinLength), 1_000_000+n)
		if s.MaxLength == 0 || len(text) <= s.MaxLength {
			return text
		}
	case s.Type == openapi.Integer && s.Maximum == nil && (s.Minimum == nil || *s.Minimum <= 1):
		return 1_000_000 + n
	}
	return nil
}

// isOfMerchant reports whether the client sets a field of APIv2 itself.
func isOfMerchant(op *openapi.Operation, name string) bool {
	return strings.HasPrefix(op.Template, "v2/") && (name == "mch_id" || name == "mchid" || name == "combine_mch_id")
}

// isMisnamed reports whether one of the template and the documented parameters of the
// path has a variable of that name and the other has not.
func isMisnamed(op *openapi.Operation, name string) bool {
	documented := slices.ContainsFunc(op.Path, func(p openapi.Parameter) bool { return p.Name == name })
	return documented != strings.Contains(op.Template, "{"+name+"}")
}

// Each answer that is an example repeats the numbers and IDs of its request, has the
// documented types and fields, no error beside a success, and can be decrypted.
func TestExamplesFollowTheRequest(t *testing.T) {
	w := newExamplesWorld(t)
	n, echoed := 0, 0
	for op := range openapi.Operations() {
		if sandbox.HasHandler(op.String()) || len(op.Responses) == 0 || op.Responses[0].Body == nil {
			continue
		}
		set := identities(op, n)
		n += len(set)
		body := bodyOf(t, op, [2]string{}, set)
		resp, err := throughTree(t, w.client, op, optionsOf(t, op, body, set))
		if err != nil {
			t.Errorf("%s: %v", op, err)
			continue
		}
		if got := resp.Header.Get("Wechatpay-Sandbox"); got != "example" {
			t.Errorf("%s: the answer does not say that it is an example: %q", op, got)
		}
		checkProperties(t, op, resp.JSON(), op.Responses[0].Body)
		maps.DeleteFunc(set, func(name string, _ any) bool { return isMisnamed(op, name) })
		echoed += checkEcho(t, op, resp.JSON(), gjson.ParseBytes(body), "", set)
		if fields := op.EncryptedFields(); len(fields) > 0 {
			if plain, err := resp.DecryptAll(t.Context()); err != nil || len(plain.Bytes()) >= len(resp.Bytes()) {
				t.Errorf("%s: %v", op, err)
			}
		}
	}
	if echoed < 500 {
		t.Errorf("%d numbers and IDs are repeated, want at least 500", echoed)
	}
}

// checkEcho checks that each field of an answer that set has, at any depth, has the
// value of the request. A field that the request has in the same place is that one.
func checkEcho(t *testing.T, op *openapi.Operation, v, sent gjson.Result, path string, set wechatpay.M) (echoed int) {
	t.Helper()
	v.ForEach(func(name, v gjson.Result) bool {
		at := strings.TrimPrefix(path+"."+name.String(), ".")
		if v.IsObject() || v.IsArray() {
			echoed += checkEcho(t, op, v, sent, at, set)
			return true
		}
		want, ok := set[name.Str]
		if own := sent.Get(at); own.Exists() {
			want = own.String()
		}
		if ok {
			echoed++
			if v.String() != fmt.Sprint(want) && (v.Type == gjson.String || startsAsNumber(want)) {
				t.Errorf("%s: %s is %s, the request has %v", op, at, v.Raw, want)
			}
		}
		return true
	})
	return echoed
}

func startsAsNumber(v any) bool { return strings.Trim(fmt.Sprint(v), "0123456789") == "" }

// checkProperties checks that a value has the fields and types of a schema.
func checkProperties(t *testing.T, op *openapi.Operation, v gjson.Result, s *openapi.Schema) {
	t.Helper()
	for _, problem := range problemsOf(op, v, s, "") {
		t.Errorf("%s: %s", op, problem)
	}
}

func problemsOf(op *openapi.Operation, v gjson.Result, s *openapi.Schema, path string) (problems []string) {
	isText := strings.HasPrefix(op.Template, "v2/") // whose values are all texts
	switch {
	case s.Type == openapi.Object && v.IsObject():
		return objectProblems(op, v, s, path)
	case s.Type == openapi.Array && v.IsArray() && s.Items != nil:
		v.ForEach(func(_, v gjson.Result) bool {
			problems = append(problems, problemsOf(op, v, s.Items, path+"[]")...)
			return true
		})
		return problems
	case !isText && !isOfType(v, s.Type):
		return []string{fmt.Sprintf("%s is %s, want a value of type %s", path, v.Raw, s.Type)}
	case startOfTime.MatchString(v.Str) || s.Format == "rfc3339" && v.Str != "":
		if _, err := time.Parse(time.RFC3339, v.Str); err != nil {
			return []string{path + " is not a time: " + v.Str}
		}
	}
	return nil
}

func isOfType(v gjson.Result, want openapi.Type) bool {
	switch want {
	case openapi.Object:
		return v.IsObject()
	case openapi.Array:
		return v.IsArray()
	case openapi.String:
		return v.Type == gjson.String
	case openapi.Integer:
		return v.Type == gjson.Number && !strings.ContainsAny(v.Raw, ".eE")
	case openapi.Number:
		return v.Type == gjson.Number
	case openapi.Boolean:
		return v.IsBool()
	}
	return true
}

func objectProblems(op *openapi.Operation, v gjson.Result, s *openapi.Schema, path string) (problems []string) {
	isV2 := strings.HasPrefix(op.Template, "v2/")
	succeeded, hasFailed := path == "", false
	v.ForEach(func(name, v gjson.Result) bool {
		if stateField.MatchString(name.Str) {
			succeeded = true
			hasFailed = hasFailed || failed.MatchString(v.String())
		}
		return true
	})
	v.ForEach(func(name, v gjson.Result) bool {
		at := strings.TrimPrefix(path+"."+name.Str, ".")
		p := s.Property(name.Str)
		switch {
		case p == nil && !isV2:
			problems = append(problems, at+" is not documented")
		case p == nil:
		case errorField.MatchString(name.Str) && v.String() != "" && v.String() != "0" && succeeded && !hasFailed:
			problems = append(problems, fmt.Sprintf("%s is %s beside a success", at, v.Raw))
		default:
			problems = append(problems, problemsOf(op, v, p.Schema, at)...)
		}
		return true
	})
	for _, p := range s.Properties {
		if p.Required && !isV2 && !hasMember(v, p.Name) {
			problems = append(problems, path+" has no "+p.Name)
		}
	}
	return problems
}

func hasMember(v gjson.Result, name string) bool {
	return slices.ContainsFunc(v.Get("@keys").Array(), func(k gjson.Result) bool { return k.Str == name })
}
