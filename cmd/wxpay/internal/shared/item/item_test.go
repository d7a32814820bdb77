package item

import (
	"strings"
	"testing"
)

func TestParseItem(t *testing.T) {
	for _, tt := range []struct {
		arg  string
		want Item
	}{
		{"a=b", Item{Text, "a", "b"}},
		{"a=", Item{Text, "a", ""}},
		{"a=b==c", Item{Text, "a", "b==c"}},
		{"a=b:=1", Item{Text, "a", "b:=1"}},
		{"a=@b", Item{Text, "a", "@b"}},
		{"a:=1", Item{JSON, "a", "1"}},
		{`a:={"b":"="}`, Item{JSON, "a", `{"b":"="}`}},
		{"a==b=c", Item{Query, "a", "b=c"}},
		{"a==", Item{Query, "a", ""}},
		{"amount.total:=100", Item{JSON, "amount.total", "100"}},
		{"Idempotency-Key:a=b:c", Item{Header, "Idempotency-Key", "a=b:c"}},
		{"A:=1", Item{JSON, "A", "1"}},
		{"A=b:c", Item{Text, "A", "b:c"}},
		{"@body=1.json", Item{File, "", "body=1.json"}},
	} {
		if got, err := Parse(tt.arg); got != tt.want || err != nil {
			t.Errorf("%q is %+v, %v, want %+v", tt.arg, got, err, tt.want)
		}
	}
	for _, arg := range []string{"", "a", "=", "=a", ":=1", "==a", "a:=", "a:=b", "a:={", "@", "a:b", "A:", "A b:c", "total:1"} {
		if got, err := Parse(arg); err == nil {
			t.Errorf("%q is %+v, want an error", arg, got)
		}
	}
}

// Each argument parses as it is spelled, or returns an error that does not show
// a private key.
func FuzzParseItem(f *testing.F) {
	for _, arg := range []string{"a=b", "a:=1", "a:=x", "a==b", "A:b", "@", "\n=", "a=-----BEGIN PRIVATE KEY-----", "PRIVATE KEY-----"} {
		f.Add(arg)
	}
	f.Fuzz(func(t *testing.T, arg string) {
		i, err := Parse(arg)
		if err == nil {
			if spelled := i.Name + string(i.Kind) + i.Value; spelled != arg {
				t.Errorf("%q is %+v, which is spelled %q", arg, i, spelled)
			}
			return
		}
		if strings.Contains(err.Error(), "PRIVATE KEY-----") {
			t.Errorf("the error of %q shows a private key", arg)
		}
	})
}
