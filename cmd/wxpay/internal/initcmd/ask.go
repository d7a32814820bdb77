package initcmd

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	xterm "golang.org/x/term"

	"github.com/wxchain/wechatpay/cmd/wxpay/internal/shared/exit"
	"github.com/wxchain/wechatpay/cmd/wxpay/internal/shared/lang"
	"github.com/wxchain/wechatpay/cmd/wxpay/internal/shared/settings"
	"github.com/wxchain/wechatpay/cmd/wxpay/internal/shared/term"
)

// A terminal asks the user.
type terminal struct {
	in    *os.File
	out   io.Writer
	lines *xterm.Terminal // writes to out, too, while the terminal is held
	held  bool
}

// newTerminal returns nil unless both are a terminal.
func newTerminal(in io.Reader, out io.Writer) *terminal {
	f, ok := in.(*os.File)
	if !ok || !xterm.IsTerminal(int(f.Fd())) || !term.IsTerminal(out) {
		return nil
	}
	t := &terminal{in: f, out: out, lines: xterm.NewTerminal(struct {
		io.Reader
		io.Writer
	}{f, out}, "")}
	if width, height, err := xterm.GetSize(int(f.Fd())); err == nil && width > 0 && height > 0 {
		_ = t.lines.SetSize(width, height) // without it, 80 columns
	}
	return t
}

var errInterrupted = lang.Errorf("interrupted; nothing was written")

// hold keeps the terminal from showing what is typed, until release is called: a
// secret that is pasted before its question is printed must not appear.
func (t *terminal) hold() (release func() error, err error) {
	if t.held {
		return func() error { return nil }, nil
	}
	before, err := xterm.MakeRaw(int(t.in.Fd()))
	if err != nil {
		return nil, err
	}
	t.held = true
	return func() error {
		t.held = false
		return xterm.Restore(int(t.in.Fd()), before)
	}, nil
}

// ask prints a question and returns the answer. A secret is not shown while it is
// typed.
func (t *terminal) ask(ctx context.Context, question string, secret bool) (text string, err error) {
	release, err := t.hold()
	if err != nil {
		return "", err
	}
	defer func() { err = cmp.Or(release(), err) }()
	type typed struct {
		text string
		err  error
	}
	answer := make(chan typed, 1)
	go func() { // it ends with the answer, or with the process after an interruption
		var a typed
		if secret {
			a.text, a.err = t.lines.ReadPassword(question)
		} else {
			t.lines.SetPrompt(question)
			a.text, a.err = t.lines.ReadLine()
		}
		answer <- a
	}()
	var a typed
	select {
	case a = <-answer:
	case <-ctx.Done():
		a.err = io.EOF
	}
	if errors.Is(a.err, io.EOF) { // ctrl-C or ctrl-D
		fmt.Fprint(t.out, "\r\n")
		return "", errInterrupted
	}
	return strings.TrimSpace(a.text), a.err
}

// confirm asks a question to which only y and yes agree.
func (t *terminal) confirm(ctx context.Context, question lang.Text) (bool, error) {
	answer, err := t.ask(ctx, question.In(lang.From(ctx))+" [y/N] ", false)
	if err != nil {
		return false, err
	}
	answer = strings.ToLower(answer)
	return answer == "y" || answer == "yes", nil
}

// A question asks for one setting.
type question struct {
	name   string
	text   lang.Phrase
	file   string // that is probably meant
	secret bool
}

// questions lists what init asks for, in order.
func questions() []question {
	return []question{
		{name: "mchid", text: "Merchant's number, such as 1900000109"},
		{name: "private_key", text: "Path of the merchant's private key", file: "apiclient_key.pem"},
		{name: "certificate", text: "Path of the merchant API certificate", file: "apiclient_cert.pem"},
		{name: "serial_no", text: "Serial number of the merchant API certificate"},
		{name: "platform_public_key_id", text: "Id of the platform public key, PUB_KEY_ID_…"},
		{name: "platform_public_key", text: "Path of the platform public key", file: "pub_key.pem"},
		{name: "apiv3_key", text: "APIv3 key (not shown)", secret: true},
		{name: "apiv2_key", text: "APIv2 key (not shown)", secret: true},
	}
}

// ask asks for the settings that neither the flags, the file nor the environment has,
// and returns those that are given then. An empty answer leaves a setting out.
func (c *change) ask(ctx context.Context, t *terminal, given []value) (all []value, err error) {
	s, err := c.document.Settings()
	if err != nil {
		return nil, exit.Misuse(err)
	}
	release, err := t.hold()
	if err != nil {
		return nil, err
	}
	defer func() { err = cmp.Or(release(), err) }()
	return c.askMissing(ctx, t, s, given)
}

// askMissing asks for what s and given lack.
func (c *change) askMissing(ctx context.Context, t *terminal, s settings.Settings, given []value) ([]value, error) {
	has := make(map[string]bool)
	for _, setting := range s.All() {
		has[setting.Name] = setting.Value() != "" || os.Getenv(setting.Variable()) != "" || os.Getenv(setting.Variable()+strings.ToUpper(settings.FileSuffix)) != ""
		for _, v := range given {
			if strings.TrimSuffix(v.name, settings.FileSuffix) == setting.Name {
				has[setting.Name] = true
				setting.SetValue(v.text)
			}
		}
	}
	first := true
	for _, q := range questions() {
		switch {
		case has[q.name],
			q.name == "certificate" && has["serial_no"], q.name == "serial_no" && has["certificate"],
			q.name == "platform_public_key" && !has["platform_public_key_id"]:
			continue
		}
		if first {
			lang.From(ctx).Fprintf(t.lines, "%s lacks these settings. Press Enter to accept the path in brackets, or to leave a setting out.\n", c.path)
			first = false
		}
		v, err := c.askOne(ctx, t, q, s)
		if err != nil {
			return nil, err
		}
		if v.text != "" {
			has[q.name] = true
			given = append(given, v)
			s = with(s, v)
		}
	}
	return given, nil
}

// askOne asks until the answer is right.
func (c *change) askOne(ctx context.Context, t *terminal, q question, s settings.Settings) (value, error) {
	const tries = 5
	l := lang.From(ctx)
	text, suggested := q.text.In(l), ""
	if q.file != "" {
		if suggested = found(q.file, c.path); suggested != "" {
			text += " [" + suggested + "]"
		}
	}
	for range tries {
		answer, err := t.ask(ctx, text+": ", q.secret)
		if err != nil {
			return value{}, err
		}
		if q.file != "" {
			answer = cmp.Or(asTyped(answer), suggested)
		}
		v := value{q.name, answer}
		if answer == "" {
			return v, nil
		}
		var problems []settings.Problem
		if q.file != "" && isKey(answer) {
			problems = []settings.Problem{{Check: q.name, Message: lang.Sprintf("it is a key, not the path of a file")}}
		} else {
			problems = c.wrong(ctx, with(s, v), []value{v})
		}
		if len(problems) == 0 {
			return v, nil
		}
		for _, p := range problems {
			fmt.Fprintln(t.lines, "  "+term.Visible(p.In(l)))
		}
	}
	return value{}, exit.Misuse(lang.Errorf("%s: no right answer; %w", q.name, errGivenUp))
}

// asTyped returns the path that a user types or drops into a terminal: without the
// quotes around it, and with the home folder in place of a tilde, as in a shell.
func asTyped(path string) string {
	if n := len(path); n > 1 && path[0] == path[n-1] && (path[0] == '\'' || path[0] == '"') {
		path = path[1 : n-1]
	}
	if rest, ok := strings.CutPrefix(path, "~"+string(filepath.Separator)); ok {
		if home, err := os.UserHomeDir(); err == nil {
			return filepath.Join(home, rest)
		}
	}
	return path
}

// with returns s with one more setting.
func with(s settings.Settings, v value) settings.Settings {
	for _, setting := range s.All() {
		if setting.Name == v.name {
			setting.SetValue(v.text)
		}
	}
	return s
}
