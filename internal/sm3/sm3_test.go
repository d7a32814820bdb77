package sm3_test

import (
	"encoding/hex"
	"strings"
	"testing"

	"github.com/wxchain/wechatpay/internal/sm3"
)

// The sums of the standard, and of texts around the size of a block, which OpenSSL
// computed.
var sums = map[string]string{
	"abc":                       "66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0",
	strings.Repeat("abcd", 16):  "debe9ff92275b8a138604889c18e5a4d6fdb70e5387e5765293dcba39c0c5732",
	"":                          "1ab21d8355cfa17f8e61194831e81a8f22bec8c728fefb747ed035eb5082aa2b",
	strings.Repeat("a", 55):     "288337eef51eec62e7544d7270424c8dbe656254c99852870a73b2453a6a7fb1",
	strings.Repeat("a", 56):     "ba00ebedaab54065a5fd4f9f56326016203166bcee3eed44ea868d59d67aa3c8",
	strings.Repeat("a", 119):    "53282a90724e9eb79b18d06b5b8f7f02d046e18b29247dcdb064a136d5c4459a",
	strings.Repeat("a", 120):    "4c9f0fe9f36ffe0191af73560c4afb1b671be02ba2d0e0c161b1e03488c2a45c",
	strings.Repeat("a", 100000): "443b98fe53e9539fe385d10a7812c1bf90183dea763b920a6409548cbe490587",
}

func TestSum(t *testing.T) {
	for text, want := range sums {
		for _, step := range []int{1, 7, 64, 65, len(text) + 1} {
			h := sm3.New()
			for rest := text; rest != ""; {
				n := min(step, len(rest))
				h.Write([]byte(rest[:n]))
				_ = h.Sum(nil) // it changes nothing
				rest = rest[n:]
			}
			if got := hex.EncodeToString(h.Sum(nil)); got != want {
				t.Errorf("%d bytes, %d at a time: %s, want %s", len(text), step, got, want)
			}
			h.Reset()
			if got := hex.EncodeToString(h.Sum(nil)); got != sums[""] {
				t.Errorf("after Reset: %s", got)
			}
		}
	}
	if h := sm3.New(); h.Size() != len(h.Sum(nil)) || h.BlockSize() != 64 {
		t.Errorf("size %d, block %d", h.Size(), h.BlockSize())
	}
}
