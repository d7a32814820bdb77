package doctor

import (
	"context"
	"io"
	"time"

	"github.com/wxchain/wechatpay/cmd/wxpay/internal/shared/lang"
	"github.com/wxchain/wechatpay/cmd/wxpay/internal/shared/settings"
	"github.com/wxchain/wechatpay/cmd/wxpay/internal/shared/show"
	"github.com/wxchain/wechatpay/internal/transport"
)

// Check returns what is wrong with settings that are not in use yet: of those that
// are there, without the network, and without the environment.
func Check(ctx context.Context, s settings.Settings) []settings.Problem {
	c := &checkup{Settings: &s, origins: lang.Clauses{lang.Phrase("init")}, offline: true, now: time.Now, transport: transport.New()}
	c.run(ctx)
	var all []settings.Problem
	for _, p := range c.problems() {
		if !p.IsMissing {
			all = append(all, p)
		}
	}
	return all
}

// Show checks settings as wxpay doctor does, prints the findings, and returns those
// that are wrong. It uses the network only if all settings are there.
func Show(ctx context.Context, s settings.Settings, offline bool, out, notes io.Writer) ([]settings.Problem, error) {
	c := newCheckup(s, true, time.Now, transport.New())
	defer c.transport.CloseIdleConnections()
	c.waits = !offline
	c.run(ctx)
	if !offline && len(c.problems()) == 0 {
		c.findings, c.offline, c.waits = nil, false, false
		c.run(ctx)
	}
	if err := printFindings(show.New(out, notes, show.View{}), lang.From(ctx), c.findings, false); err != nil {
		return nil, err
	}
	return c.problems(), nil
}

// problems returns the findings that are wrong.
func (c *checkup) problems() (all []settings.Problem) {
	for _, f := range c.findings {
		if f.OK == wrong {
			all = append(all, settings.Problem{Check: f.Check, Message: f.Message, Mend: f.Mend, Code: f.code, IsMissing: f.isMissing})
		}
	}
	return all
}
