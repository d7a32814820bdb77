package openapi

import (
	"encoding/json"
	"testing"

	"github.com/tidwall/gjson"
)

// leastAnswers is how many answers have a body.
const leastAnswers = 1030

func TestExamplesOfAnswersFit(t *testing.T) {
	n := 0
	for op := range Operations() {
		for _, r := range op.Responses {
			body := Example(op, r.Status)
			if r.Body == nil {
				if body != nil {
					t.Errorf("%s, %d: there is no body, but an example %s", op, r.Status, body)
				}
				continue
			}
			n++
			if !json.Valid(body) {
				t.Errorf("%s, %d: the example is no JSON: %s", op, r.Status, body)
				continue
			}
			c := checker{strict: true, text: op.isV2(), in: "body"}
			c.value(r.Body, gjson.ParseBytes(body))
			if len(c.problems) > 0 {
				t.Errorf("%s, %d: %v", op, r.Status, c.problems)
			}
		}
	}
	if n < leastAnswers {
		t.Errorf("%d answers, want at least %d", n, leastAnswers)
	}
}

// A schema that is not of the catalogue may hold itself.
func TestExampleOfASchemaThatHoldsItselfEnds(t *testing.T) {
	s := &Schema{Type: Object}
	s.Properties = []Property{{Name: "list", Schema: &Schema{Type: Array, Items: s}}}
	if body := Example(&Operation{JSON: s}, 0); !json.Valid(body) {
		t.Errorf("the example is no JSON: %s", body)
	}
}

func TestExampleFitsWhateverIsDocumented(t *testing.T) {
	one, ten := 1.0, 10.0
	for _, tt := range []struct {
		name   string
		schema Schema
		want   string // as JSON, then as text when that differs
		text   string
	}{
		{"example", Schema{Type: String, Example: "tea", Default: "milk"}, `"tea"`, ""},
		{"example too long", Schema{Type: String, Example: "tea 茶", Default: "茶", MaxLength: 4}, `"茶"`, ""},
		{"example not in the enum", Schema{Type: String, Example: "tea", Enum: []string{"A", "B"}}, `"A"`, ""},
		{"default in the enum", Schema{Type: String, Example: "tea", Default: "B", Enum: []string{"A", "B"}}, `"B"`, ""},
		{"enum longer than allowed", Schema{Type: String, Enum: []string{"SUCCESS"}, MaxLength: 2}, `"SUCCESS"`, ""},
		{"nothing", Schema{Type: String}, `"example"`, ""},
		{"nothing short", Schema{Type: String, MaxLength: 3}, `"exa"`, ""},
		{"nothing long", Schema{Type: String, MinLength: 10, MaxLength: 12}, `"exampleexamp"`, ""},
		{"markup", Schema{Type: String, Example: `<a&"b">`}, `"<a&\"b\">"`, ""},
		{"time", Schema{Type: String, Format: "rfc3339", Example: "2018-06-08 10:34:56"}, `"2018-06-08T10:34:56+08:00"`, ""},
		{"date", Schema{Type: String, Format: "date", Example: "20180608"}, `"2018-06-08"`, ""},
		{"JSON in text", Schema{Type: String, Format: "json", Example: "{"}, `"{}"`, ""},
		{"URL", Schema{Type: String, Format: "url"}, `"https://www.example.com/example"`, ""},
		{"base64", Schema{Type: String, Format: "base64"}, `"ZXhhbXBsZQ=="`, ""},
		{"integer", Schema{Type: Integer, Example: "9007199254740993"}, `9007199254740993`, `"9007199254740993"`},
		{"integer as a word", Schema{Type: Integer, Example: "many"}, `1`, `"1"`},
		{"integer as a fraction", Schema{Type: Integer, Example: "1.5"}, `1`, `"1"`},
		{"integer with a zero before it", Schema{Type: Integer, Example: "007", Default: "7"}, `7`, ``},
		{"integer over", Schema{Type: Integer, Example: "11", Minimum: &one, Maximum: &ten}, `1`, `"1"`},
		{"integer under", Schema{Type: Integer, Example: "9", Minimum: &ten}, `10`, `"10"`},
		{"integer of 32 bits", Schema{Type: Integer, Format: "int32", Example: "2147483648"}, `1`, `"1"`},
		{"number", Schema{Type: Number, Example: "1.5e3"}, `1.5e3`, `"1.5e3"`},
		{"number with an enum of words", Schema{Type: Number, Enum: []string{"A"}}, `1`, `"1"`},
		{"number in an enum", Schema{Type: Number, Example: "1", Enum: []string{"2", "3"}}, `2`, `"2"`},
		{"boolean", Schema{Type: Boolean, Example: "false"}, `false`, `"false"`},
		{"boolean in capitals", Schema{Type: Boolean, Example: "TRUE"}, `true`, `"TRUE"`},
		{"list", Schema{Type: Array, Items: &Schema{Type: Integer}}, `[1]`, `["1"]`},
		{"list as JSON", Schema{Type: Array, Example: `["a","b"]`, Items: &Schema{Type: String}}, `["a"]`, ""},
		{"list as text", Schema{Type: Array, Example: "APP"}, `["APP"]`, ""},
		{"list of no known type", Schema{Type: Array}, `[]`, ""},
		{"object as text", Schema{Type: Object, Example: "text"}, `{}`, ""},
		{"object as JSON", Schema{Type: Object, Example: `{"a":1}`}, `{"a":1}`, `{"a":1}`},
		{"object", Schema{Type: Object, Properties: []Property{
			{Name: "b", Schema: &Schema{Type: Integer}}, {Name: "a_$n_$m", Schema: &Schema{Type: Boolean}},
		}}, `{"b":1,"a_0_0":true}`, `{"b":"1","a_0_0":"true"}`},
		{"any", Schema{Example: "SUCCESS"}, `"SUCCESS"`, ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if got := string(exampler{}.value(nil, &tt.schema, 0)); got != tt.want {
				t.Errorf("the example is %s, want %s", got, tt.want)
			}
			if tt.text == "" {
				return
			}
			if got := string(exampler{text: true}.value(nil, &tt.schema, 0)); got != tt.text {
				t.Errorf("the example as text is %s, want %s", got, tt.text)
			}
		})
	}
}

func TestExampleOfAFormHasNoFile(t *testing.T) {
	for template, want := range map[string]string{
		"v3/merchant/media/upload":  `{"meta":{"filename":"example","sha256":"example"}}`,
		"v2/secapi/mch/uploadmedia": `{"media_hash":"example"}`,
	} {
		if got := string(Example(Lookup("POST", template), 0)); got != want {
			t.Errorf("%s: the example is %s, want %s", template, got, want)
		}
	}
}

func TestExampleOfNoBody(t *testing.T) {
	for _, tt := range []struct {
		op     *Operation
		status int
	}{
		{nil, 0}, {nil, 200},
		{Lookup("GET", "v3/certificates"), 0},
		{Lookup("GET", "v3/certificates"), 404},
		{Lookup("POST", "v3/pay/transactions/out-trade-no/{out_trade_no}/close"), 204},
	} {
		if body := Example(tt.op, tt.status); body != nil {
			t.Errorf("%v, %d: the example is %s, want none", tt.op, tt.status, body)
		}
	}
}
