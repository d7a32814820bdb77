package doctor

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"strings"

	"github.com/wxchain/wechatpay/cmd/wxpay/internal/shared/lang"
	"github.com/wxchain/wechatpay/cmd/wxpay/internal/shared/meaning"
	"github.com/wxchain/wechatpay/cmd/wxpay/internal/shared/show"
	"github.com/wxchain/wechatpay/cmd/wxpay/internal/shared/term"
)

// marks and colours of the states.
var (
	marks   = [...]string{unchecked: "–", right: "✔", doubtful: "!", wrong: "✘"}
	colours = [...]string{unchecked: term.Dim, right: term.Green, doubtful: term.Yellow, wrong: term.Red}
)

// printFindings prints a line for each finding. JSON is in English.
func printFindings(p *show.Printer, l lang.Language, all []finding, asJSON bool) error {
	if asJSON {
		var b bytes.Buffer
		encoder := json.NewEncoder(&b)
		encoder.SetEscapeHTML(false)
		if err := encoder.Encode(all); err != nil {
			return err
		}
		return p.JSON(bytes.TrimSpace(b.Bytes()))
	}
	var width int
	for _, f := range all {
		width = max(width, len(f.Check))
	}
	var b strings.Builder
	for _, f := range all {
		said := f.Message.In(l)
		message, more, _ := strings.Cut(term.Visible(said), "\n")
		for _, text := range meaning.Of(l, said) {
			more = strings.TrimPrefix(more+"\n", "\n") + l.Sprintf("meaning: %s", text.Meaning) // the remedy is there already
		}
		fmt.Fprintf(&b, "%s %-*s  %s", term.Paint(p.Colour, colours[f.OK], marks[f.OK]), width, f.Check, message)
		if mend := f.Mend.In(l); mend != "" {
			b.WriteString(" → " + term.Visible(mend))
		}
		b.WriteByte('\n')
		for line := range strings.Lines(more) {
			b.WriteString("    " + strings.TrimRight(line, " \n") + "\n")
		}
	}
	_, err := io.WriteString(p.Out, b.String())
	return err
}
