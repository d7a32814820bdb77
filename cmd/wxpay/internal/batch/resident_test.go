//go:build linux && !race

package batch

import (
	"fmt"
	"os"
	"regexp"
	"strconv"
	"testing"

	"github.com/wxchain/wechatpay/cmd/wxpay/internal/shared/exit"
)

// mostResident is the maximum memory of wxpay batch, in KiB. It is less than 64
// MiB.
const mostResident = 64 << 10

var peakResident = regexp.MustCompile(`(?m)^VmHWM:\s*(\d+) kB$`)

// The whole process stays within its memory limit.
func TestBatchResident(t *testing.T) {
	t.Parallel()
	const lines = 200
	w := newWorld(t)
	w.orders(lines)
	code, printed := w.meetAt(lines, func(p *os.Process, _ <-chan struct{}) {
		text, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", p.Pid))
		if err != nil {
			t.Fatal(err)
		}
		found := peakResident.FindSubmatch(text)
		if found == nil {
			t.Fatalf("no VmHWM in %s", text)
		}
		resident, err := strconv.Atoi(string(found[1]))
		if err != nil || resident >= mostResident {
			t.Errorf("%d KiB, %v; want less than %d", resident, err, mostResident)
		}
		t.Logf("%d KiB", resident)
	}, w.args(orderPath)...)
	if code != exit.OK {
		t.Errorf("exit %d: %s", code, printed)
	}
}
