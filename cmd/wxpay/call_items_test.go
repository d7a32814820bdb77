package main

import (
	"strings"
	"testing"
)

func TestParseItem(t *testing.T) {
	for _, tt := range []struct {
		arg  string
		want item
	}{
		{"a=b", item{textItem, "a", "b"}},
		{"a=", item{textItem, "a", ""}},
		{"a=b==c", item{textItem, "a", "b==c"}},
		{"a=b:=1", item{textItem, "a", "b:=1"}},
		{"a=@b", item{textItem, "a", "@b"}},
		{"a:=1", item{jsonItem, "a", "1"}},
		{`a:={"b":"="}`, item{jsonItem, "a", `{"b":"="}`}},
		{"a==b=c", item{queryItem, "a", "b=c"}},
		{"a==", item{queryItem, "a", ""}},
		{"amount.total:=100", item{jsonItem, "amount.total", "100"}},
		{"@body=1.json", item{fileItem, "", "body=1.json"}},
	} {
		if got, err := parseItem(tt.arg); got != tt.want || err != nil {
			t.Errorf("%q is %+v, %v, want %+v", tt.arg, got, err, tt.want)
		}
	}
	for _, arg := range []string{"", "a", "=", "=a", ":=1", "==a", "a:=", "a:=b", "a:={", "@", "a:b"} {
		if got, err := parseItem(arg); err == nil {
			t.Errorf("%q is %+v, want an error", arg, got)
		}
	}
}

// Whatever an argument is, it is taken as it is spelled, or its error shows no
// private key.
func FuzzParseItem(f *testing.F) {
	for _, arg := range []string{"a=b", "a:=1", "a:=x", "a==b", "@", "\n=", "a=-----BEGIN PRIVATE KEY-----", "PRIVATE KEY-----"} {
		f.Add(arg)
	}
	f.Fuzz(func(t *testing.T, arg string) {
		i, err := parseItem(arg)
		if err == nil {
			if spelled := i.name + string(i.kind) + i.value; spelled != arg {
				t.Errorf("%q is %+v, which is spelled %q", arg, i, spelled)
			}
			return
		}
		if strings.Contains(err.Error(), "PRIVATE KEY-----") {
			t.Errorf("the error of %q shows a private key", arg)
		}
	})
}
