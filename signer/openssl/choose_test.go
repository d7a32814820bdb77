package openssl

import (
	"strings"
	"testing"
)

// Version 3 of libcrypto comes before 1.1.1. Without either, the error names both.
func TestChoose(t *testing.T) {
	names := []string{"libcrypto.so.3", "libcrypto.so.1.1"}
	for _, tt := range []struct {
		name  string
		there []string
		want  string
	}{
		{"both", names, "libcrypto.so.3"},
		{"only 3", names[:1], "libcrypto.so.3"},
		{"only 1.1.1", names[1:], "libcrypto.so.1.1"},
		{"neither", nil, ""},
	} {
		got, err := choose(names, func(name string) bool { return strings.Contains(strings.Join(tt.there, " ")+" ", name+" ") })
		if got != tt.want || (err != nil) != (tt.want == "") {
			t.Errorf("%s: %q, %v", tt.name, got, err)
		}
		if err != nil && (!strings.Contains(err.Error(), strings.Join(names, ", ")) || !strings.Contains(err.Error(), "libssl3")) {
			t.Errorf("%s: %v", tt.name, err)
		}
	}
}
