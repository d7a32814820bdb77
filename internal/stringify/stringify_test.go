package stringify_test

import (
	"encoding/json"
	"errors"
	"math"
	"net"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/wxchain/wechatpay/internal/stringify"
)

type label string

func pointer[T any](v T) *T { return &v }

func TestTexts(t *testing.T) {
	for _, tt := range []struct {
		value any
		want  []string
	}{
		{"值", []string{"值"}}, {label("x"), []string{"x"}}, {"", []string{""}},
		{7, []string{"7"}}, {uint8(7), []string{"7"}}, {int64(math.MinInt64), []string{"-9223372036854775808"}},
		{1.0, []string{"1"}}, {0.1, []string{"0.1"}}, {float32(0.1), []string{"0.1"}}, {1e15, []string{"1000000000000000"}},
		{true, []string{"true"}}, {json.Number("1.50"), []string{"1.50"}},
		{nil, nil}, {(*string)(nil), nil}, {pointer("x"), []string{"x"}}, {pointer(pointer(7)), []string{"7"}},
		{net.IPv4(127, 0, 0, 1), []string{"127.0.0.1"}},
		{pointer(time.Unix(0, 0).UTC()), []string{"1970-01-01T00:00:00Z"}},
		{[]any{"a", nil, 7}, []string{"a", "7"}}, {[2]bool{true, false}, []string{"true", "false"}}, {[]string{}, []string{}},
	} {
		got, err := stringify.Texts(reflect.ValueOf(tt.value))
		if err != nil || !slices.Equal(got, tt.want) {
			t.Errorf("%T %v is %q, %v; want %q", tt.value, tt.value, got, err, tt.want)
		}
	}
}

func TestTextsRefuses(t *testing.T) {
	for want, value := range map[string]any{
		"valid UTF-8":           "\xff",
		"element 1: not valid":  []string{"a", "\xff"},
		"cannot be written e":   math.NaN(),
		"float64 1e+16":         1e16,
		"struct {} cannot be":   struct{}{},
		"[]uint8 is neither":    []byte("x"),
		"element 0: [1]int can": [][1]int{{1}},
	} {
		got, err := stringify.Texts(reflect.ValueOf(value))
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v is %q, %v; want an error with %q", value, got, err, want)
		}
	}
	if _, err := stringify.Texts(reflect.ValueOf("\xff")); !errors.Is(err, stringify.ErrUTF8) {
		t.Errorf("error %v, want ErrUTF8", err)
	}
}

func TestMap(t *testing.T) {
	got, err := stringify.Map(reflect.ValueOf(map[label]any{"a": 1, "b": nil}))
	if err != nil || len(got) != 1 || got["a"] != "1" {
		t.Errorf("%v, %v", got, err)
	}
	if _, err := stringify.Map(reflect.ValueOf(map[string]any{"a": struct{}{}})); err == nil || !strings.Contains(err.Error(), `"a": `) {
		t.Errorf("error %v, want the key in it", err)
	}
}

func TestPrefix(t *testing.T) {
	for _, tt := range []struct {
		text string
		n    int
		want string
	}{{"订单号", 2, "订单"}, {"订单号", 3, "订单号"}, {"abc", 9, "abc"}, {"", 1, ""}, {"abc", 0, ""}} {
		if got := stringify.Prefix(tt.text, tt.n); got != tt.want {
			t.Errorf("Prefix(%q, %d) is %q, want %q", tt.text, tt.n, got, tt.want)
		}
	}
}
