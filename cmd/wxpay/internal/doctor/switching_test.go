package doctor

import (
	"slices"
	"strings"
	"testing"

	"github.com/wxchain/wechatpay/cmd/wxpay/internal/shared/exit"
	"github.com/wxchain/wechatpay/cmd/wxpay/internal/shared/testkit"
)

// An answer of 101, whose body never ends, does not block the command.
func TestDoctorOfSwitchingProtocols(t *testing.T) {
	t.Parallel()
	p := newPatient(t)
	p.BaseURL = testkit.Switching(t)
	c := p.examine(false)
	i := slices.IndexFunc(c.findings, func(f finding) bool { return f.Check == "connection" })
	if f := c.findings[i]; f.OK != wrong || f.code != exit.Network || !strings.Contains(f.Message.String(), "101 Switching Protocols") {
		t.Errorf("%+v", f)
	}
}
