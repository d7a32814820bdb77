package openapi_test

import (
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"testing"

	"github.com/wxchain/wechatpay/openapi"
)

// firstUses are ways to use the catalogue for the first time in a process, with the
// bytes that they may allocate and keep.
var firstUses = map[string]struct {
	use             func() bool
	allocated, kept int64
}{
	"match": {func() bool {
		return openapi.Match("POST", "/v3/marketing/favor/users/oUpF8uMuAJO/coupons") != nil
	}, 4 << 20, 4 << 20},
	"lookup":  {func() bool { return openapi.Lookup("GET", "v3/certificates") != nil }, 4 << 20, 4 << 20},
	"unknown": {func() bool { return openapi.Match("GET", "/v3/there/is/no/such") == nil }, 4 << 20, 4 << 20},
	"spell": {func() bool {
		return openapi.Lookup("GET", "v3/certificates").GoChain() == "client.V3().Certificates().Get(ctx)"
	}, 8 << 20, 4 << 20},
	"search": {func() bool { return len(openapi.Search("代金券 发放")) > 0 }, 32 << 20, 4 << 20},
	"all": {func() bool {
		n := 0
		for range openapi.Operations() {
			n++
		}
		return n >= 1154
	}, 32 << 20, 12 << 20},
}

const firstUseVariable = "WECHATPAY_TEST_FIRST_USE"

// The first use of the catalogue does not cost what all of it costs. Each use runs in
// a process of its own, which is this test again.
func TestFirstUse(t *testing.T) {
	if name := os.Getenv(firstUseVariable); name != "" {
		reportFirstUse(t, name)
		return
	}
	for name, limit := range firstUses {
		t.Run(name, func(t *testing.T) {
			cmd := exec.Command(os.Args[0], "-test.run=^TestFirstUse$", "-test.v")
			cmd.Env = append(os.Environ(), firstUseVariable+"="+name)
			out, err := cmd.CombinedOutput()
			if err != nil {
				t.Fatalf("%v: %s", err, out)
			}
			_, figures, _ := strings.Cut(string(out), "bytes: ")
			var allocated, kept int64
			if _, err := fmt.Sscan(figures, &allocated, &kept); err != nil {
				t.Fatalf("%v: %s", err, out)
			}
			if allocated > limit.allocated || kept > limit.kept {
				t.Errorf("%d bytes allocated, %d kept; at most %d and %d are allowed", allocated, kept, limit.allocated, limit.kept)
			}
		})
	}
}

// reportFirstUse prints the bytes that a use allocates, and those that it keeps.
func reportFirstUse(t *testing.T, name string) {
	var before, after, cleared runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	ok := firstUses[name].use()
	runtime.ReadMemStats(&after)
	runtime.GC()
	runtime.ReadMemStats(&cleared)
	if !ok {
		t.Fatalf("%s found nothing", name)
	}
	fmt.Println("bytes:", after.TotalAlloc-before.TotalAlloc, int64(cleared.HeapAlloc)-int64(before.HeapAlloc))
}

// Match allocates nothing for an operation that was matched before, nor for a path
// that no operation has.
func TestMatchAllocatesNothing(t *testing.T) {
	for _, path := range []string{
		"/v3/marketing/favor/users/oUpF8uMuAJOM2pxb1Q/coupons",
		"/v3/pay/transactions/native?mchid=1900000109",
		"/v2/pay/unifiedorder",
		"/v3/there/is/no/such",
	} {
		if n := testing.AllocsPerRun(100, func() { openapi.Match("POST", path) }); n > 0 {
			t.Errorf("Match(POST, %s) makes %v allocations, want none", path, n)
		}
	}
}
