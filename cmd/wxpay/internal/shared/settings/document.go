package settings

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/pelletier/go-toml/v2"
	"github.com/pelletier/go-toml/v2/unstable"

	"github.com/wxchain/wechatpay/cmd/wxpay/internal/shared/lang"
	"github.com/wxchain/wechatpay/cmd/wxpay/internal/shared/read"
	"github.com/wxchain/wechatpay/internal/shallow"
	"github.com/wxchain/wechatpay/internal/wholefile"
	"github.com/wxchain/wechatpay/keys"
)

// FileSuffix ends the name of a setting that is the path of a file with a secret.
const FileSuffix = "_file"

// tableHeader begins the settings of one of several merchants.
const (
	tableName   = "merchant"
	tableHeader = "[[" + tableName + "]]"
)

// A Document is a configuration file that is being changed. All that does not change
// stays as it is: comments, the order, and lines that nothing here knows.
type Document struct {
	name    string // as the user has it
	path    string // of the file itself, if name is a link to it
	isNew   bool   // there is no file yet
	saved   []byte // as the file has it
	text    []byte
	tables  []docTable // the first has what stands above all tables
	current int        // the table of the merchant that is being changed
}

// A docTable has the settings of one merchant.
type docTable struct {
	start, end int // of its lines in the text, without the header
	isUnknown  bool
	values     map[string]docValue
}

// A docValue is a text in the file.
type docValue struct {
	text       string
	start, end int // with the quotes
}

// OpenDocument reads the file at path. If there is no such file, the document has a
// line to fill in for each setting, with comments in a language.
func OpenDocument(l lang.Language, path string) (*Document, error) {
	d := &Document{name: path, path: target(path)}
	text, err := read.File(d.path, MaxConfig)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		if _, missing := os.Stat(filepath.Dir(d.path)); missing != nil {
			return nil, lang.Errorf("the folder %s does not exist; create it first", filepath.Dir(d.path))
		}
		text, d.isNew = []byte(template(l)), true
	case err != nil:
		return nil, err
	default:
		d.saved = text
	}
	return d, d.parse(bytes.TrimPrefix(text, []byte("\ufeff")))
}

// target returns the path of the file that path leads to, so that a link stays a link
// when the file is replaced. The last file of a chain of links need not exist.
func target(path string) string {
	if real, err := filepath.EvalSymlinks(path); err == nil {
		return real
	}
	if next, err := os.Readlink(path); err == nil {
		if !filepath.IsAbs(next) {
			next = filepath.Join(filepath.Dir(path), next)
		}
		return next
	}
	return path
}

// template is the text of a new file.
func template(l lang.Language) string {
	var b strings.Builder
	for _, setting := range new(Settings).All() {
		if comment := setting.comment().In(l); comment != "" {
			b.WriteString("# " + comment + "\n")
		}
		fmt.Fprintf(&b, "# %s = ''\n", setting.Name)
	}
	return b.String()
}

// comment returns the explanation of a setting for the configuration file, or
// "" if the setting needs no explanation.
func (s Setting) comment() lang.Message {
	switch s.Name {
	case "certificate":
		return lang.Sprintf("The certificate contains its serial number; set one of the two.")
	case "platform_public_key_id":
		return lang.Sprintf("From the merchant platform's account center, under API security; starts with %s.", keys.PublicKeyIDPrefix)
	case "base_url":
		return lang.Sprintf("Set it only to call a host other than the platform's main one.")
	case "apiv3_key", "apiv2_key":
		return lang.Sprintf("Secret: 32 bytes. Also as %s, or in a file: %s.", s.Variable(), s.Name+FileSuffix)
	}
	return lang.Message{}
}

// parse finds the settings in a text, and makes it the text of the document.
func (d *Document) parse(text []byte) error {
	if !utf8.Valid(text) {
		return lang.Errorf("%s is not UTF-8; save it as UTF-8", d.name)
	}
	invalid := !shallow.TOML(text)
	if !invalid {
		if e := (*toml.DecodeError)(nil); errors.As(toml.Unmarshal(text, new(map[string]any)), &e) {
			line, column := e.Position() // its text may quote a secret
			return lang.Errorf("%s: line %d, column %d is not TOML; correct that line first", d.name, line, column)
		}
	}
	d.text = text
	d.tables = []docTable{{end: len(text), values: make(map[string]docValue)}}
	var p unstable.Parser
	p.Reset(text)
	for !invalid && p.NextExpression() {
		if err := d.take(p.Expression()); err != nil {
			return err
		}
	}
	if invalid || p.Error() != nil {
		return lang.Errorf("%s is not TOML; write lines such as mchid = \"1900000109\"", d.name)
	}
	d.current = min(d.current, len(d.tables)-1)
	return nil
}

// take takes the next line or header. It refuses a line that says a setting in a way
// in which no command reads it: another line for that setting would spoil the file.
func (d *Document) take(e *unstable.Node) error {
	if e.Kind != unstable.KeyValue && e.Kind != unstable.Table && e.Kind != unstable.ArrayTable {
		return nil
	}
	var parts []string
	first := -1
	for k := e.Key(); k.Next(); {
		if first < 0 {
			first = int(k.Node().Raw.Offset)
		}
		parts = append(parts, string(k.Node().Data))
	}
	last, name := &d.tables[len(d.tables)-1], strings.Join(parts, ".")
	line := bytes.Count(d.text[:first], []byte("\n")) + 1
	if parts[0] == tableName && (e.Kind != unstable.ArrayTable || len(parts) > 1) && (e.Kind != unstable.KeyValue || !last.isUnknown) {
		return lang.Errorf("%s: line %d: write each merchant below a line %s first", d.name, line, tableHeader)
	}
	if e.Kind != unstable.KeyValue {
		last.end = bytes.LastIndexByte(d.text[:first], '\n') + 1
		isUnknown := e.Kind != unstable.ArrayTable || name != tableName
		d.tables = append(d.tables, docTable{d.lineEnd(first), len(d.text), isUnknown, make(map[string]docValue)})
		return nil
	}
	if last.isUnknown {
		return nil
	}
	return d.takeValue(last, name, line, e.Value())
}

// takeValue takes the value of a name in a table.
func (d *Document) takeValue(t *docTable, name string, line int, value *unstable.Node) error {
	_, isSet := t.values[name]
	switch {
	case value.Kind != unstable.String && isName(name):
		return lang.Errorf("%s: line %d: %s is not a text; write it in quotes first", d.name, line, name)
	case isSet && isName(name):
		return lang.Errorf("%s: line %d: %s is set above already; delete one of the lines first", d.name, line, name)
	case value.Kind == unstable.String:
		start := int(value.Raw.Offset)
		t.values[name] = docValue{string(value.Data), start, start + int(value.Raw.Length)}
	}
	return nil
}

// isName reports whether a line with that name says a setting.
func isName(name string) bool {
	return slices.ContainsFunc(new(Settings).All(), func(s Setting) bool {
		return s.Name == name || s.Kind == IsSecret && s.Name+FileSuffix == name
	})
}

// lineEnd returns the position after the line that pos is in.
func (d *Document) lineEnd(pos int) int {
	if i := bytes.IndexByte(d.text[pos:], '\n'); i >= 0 {
		return pos + i + 1
	}
	return len(d.text)
}

// MchIDs returns the merchant numbers in the file.
func (d *Document) MchIDs() (all []string) {
	for _, t := range d.tables {
		if v, ok := t.values["mchid"]; ok && v.text != "" {
			all = append(all, v.text)
		}
	}
	return all
}

// IsNew reports whether there was no file.
func (d *Document) IsNew() bool { return d.isNew }

// IsEmpty reports whether the file has no setting.
func (d *Document) IsEmpty() bool {
	return !slices.ContainsFunc(d.tables, func(t docTable) bool { return len(t.values) > 0 })
}

// SelectNameless makes the one merchant without a number the one that is changed. It
// reports whether the file has exactly one.
func (d *Document) SelectNameless() bool {
	found := -1
	for i, t := range d.tables {
		if isMerchant := !t.isUnknown && (i > 0 || d.hasOwn()); !isMerchant || t.values["mchid"].text != "" {
			continue
		}
		if found >= 0 {
			return false
		}
		found = i
	}
	d.current = max(d.current, found)
	return found >= 0
}

// hasOwn reports whether there are settings of a merchant above all tables.
func (d *Document) hasOwn() bool {
	for name := range d.tables[0].values {
		if name != "base_url" {
			return true
		}
	}
	return false
}

// Select makes the merchant with that number the one that is changed. It reports
// whether the file has it.
func (d *Document) Select(mchID string) bool {
	for i, t := range d.tables {
		if v, ok := t.values["mchid"]; ok && v.text == mchID {
			d.current = i
			return true
		}
	}
	return false
}

// Add adds a merchant, and makes it the one that is changed. The settings that stand
// above all tables become those of a merchant of their own.
func (d *Document) Add() error {
	text := string(d.text)
	if d.hasOwn() {
		text = tableHeader + d.newline() + text
	}
	if text != "" && !strings.HasSuffix(text, "\n") {
		text += d.newline()
	}
	if err := d.parse([]byte(text + d.newline() + tableHeader + d.newline())); err != nil {
		return err
	}
	d.current = len(d.tables) - 1
	return nil
}

// newline returns the line break of the file.
func (d *Document) newline() string {
	if bytes.Contains(d.text, []byte("\r\n")) {
		return "\r\n"
	}
	return "\n"
}

// Get returns a setting of the merchant, or "".
func (d *Document) Get(name string) string {
	if v, ok := d.tables[d.current].values[name]; ok || name != "base_url" {
		return v.text
	}
	return d.tables[0].values[name].text // of all merchants
}

// Set sets a setting of the merchant: in its place, in that of a line to fill in, or
// below the other settings.
func (d *Document) Set(name, value string) error {
	t := d.tables[d.current]
	text, err := marshal(value)
	if err != nil {
		return err
	}
	if v, ok := t.values[name]; ok {
		return d.splice(v.start, v.end, text)
	}
	empty := regexp.MustCompile(`(?m)^[ \t]*#[ \t]*` + regexp.QuoteMeta(name) + `[ \t]*=[ \t]*(?:''|"")[ \t]*(?:\r?$)`)
	if at := empty.FindIndex(d.text[t.start:t.end]); at != nil {
		end := t.start + at[1]
		if d.text[end-1] == '\r' {
			end--
		}
		return d.splice(t.start+at[0], end, name+" = "+text)
	}
	pos := t.start
	for _, v := range t.values {
		pos = max(pos, d.lineEnd(v.end))
	}
	if len(t.values) == 0 && d.current == 0 {
		pos = t.end
	}
	line := name + " = " + text + d.newline()
	if pos > 0 && d.text[pos-1] != '\n' {
		line = d.newline() + line
	}
	return d.splice(pos, pos, line)
}

// Remove removes a setting of the merchant with its line.
func (d *Document) Remove(name string) error {
	v, ok := d.tables[d.current].values[name]
	if !ok {
		return nil
	}
	start := bytes.LastIndexByte(d.text[:v.start], '\n') + 1
	return d.splice(start, d.lineEnd(v.end), "")
}

func (d *Document) splice(start, end int, text string) error {
	return d.parse(slices.Concat(d.text[:start], []byte(text), d.text[end:]))
}

// marshal writes a text as TOML on one line.
func marshal(value string) (string, error) {
	line, err := toml.Marshal(map[string]string{"v": value})
	return strings.TrimSpace(strings.TrimPrefix(string(line), "v = ")), err
}

// Settings returns the settings of the merchant, with the paths as seen from the
// current folder. It reports a file of a secret that cannot be read.
func (d *Document) Settings() (Settings, error) {
	var s Settings
	var problems []error
	for _, setting := range s.All() {
		value := d.Get(setting.Name)
		switch path := d.Get(setting.Name + FileSuffix); {
		case setting.Kind == IsSecret && value == "" && path != "":
			const most = 1 << 10
			text, err := read.File(d.under(path), most)
			if err != nil {
				problems = append(problems, lang.Errorf("%s%s: %w", setting.Name, FileSuffix, err))
			}
			if value = strings.TrimSpace(string(text)); err == nil && value == "" {
				problems = append(problems, lang.Errorf("%s%s: file %s is empty; write the secret of 32 bytes into it", setting.Name, FileSuffix, d.under(path)))
			}
		case setting.Kind == IsPath:
			value = d.under(value)
		}
		*setting.value = value
	}
	return s, errors.Join(problems...)
}

// under turns a path relative to the file into one relative to the current folder.
func (d *Document) under(path string) string {
	if path == "" || filepath.IsAbs(path) || strings.Contains(path, "://") || strings.Contains(path, "-----BEGIN") {
		return path
	}
	return filepath.Join(filepath.Dir(d.name), path)
}

// PathFor returns how the file names a path that is relative to the current folder, for
// the setting with that name. A name that the file has already stays.
func (d *Document) PathFor(name, path string) (string, error) {
	if strings.Contains(path, "://") {
		return path, nil
	}
	absolute, err := filepath.Abs(path)
	if err != nil {
		return "", err
	}
	old := d.Get(name)
	if before, err := filepath.Abs(d.under(old)); old != "" && err == nil && before == absolute {
		return old, nil
	}
	if filepath.Dir(d.name) == "." {
		return path, nil
	}
	return absolute, nil
}

// Save replaces the file. Only its owner can read it. Save refuses to change a
// read-only file.
func (d *Document) Save() error {
	const ownerWrites = 0o200
	if info, err := os.Stat(d.path); err == nil && info.Mode().Perm()&ownerWrites == 0 {
		if bytes.Equal(d.text, d.saved) {
			return nil
		}
		return lang.Errorf("%s is read-only; make it writable first", d.name)
	}
	f, err := wholefile.Create(d.path)
	if err != nil {
		return err
	}
	defer f.Discard()
	if _, err := f.Write(d.text); err != nil {
		return err
	}
	return f.Commit()
}
