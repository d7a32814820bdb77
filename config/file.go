package config

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/pelletier/go-toml/v2"
	"github.com/pelletier/go-toml/v2/unstable"

	"github.com/wxchain/wechatpay/internal/baseurl"
	"github.com/wxchain/wechatpay/internal/platform"
	"github.com/wxchain/wechatpay/internal/quote"
	"github.com/wxchain/wechatpay/internal/shallow"
	"github.com/wxchain/wechatpay/internal/suggest"
)

// File reads a configuration file such as wxpay.toml. Its keys are mchid, serial_no,
// certificate, private_key, platform_public_key_id, platform_public_key, base_url,
// apiv3_key, other_apiv3_key and apiv2_key; apiv3_key_file, other_apiv3_key_file and
// apiv2_key_file are the paths of files with the secrets. Paths are relative to the folder of the file. With several
// merchants, the settings of each follow a line [[merchant]], and base_url may stand
// above the first for all of them. The file has at most 1 MiB.
//
// If path is "", File reads wxpay.toml in the current folder, if it exists. Its
// base_url must then lead to the platform or to this machine, because a file that
// merely lies there must not send signed requests elsewhere.
func File(path string) Option { return from(file(path)) }

type file string

func (f file) read() ([]Merchant, error) {
	if f != "" {
		return readDocument(string(f))
	}
	merchants, err := readDocument(FileName)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	for _, m := range merchants {
		if meant := baseurl.Meant(m.BaseURL); meant != "" {
			return nil, at(m.Origin("base_url"), fmt.Errorf("base_url %s must start with https:// or http:// and a host; write %q", quote.Setting(m.BaseURL), meant))
		}
		if !platform.IsHarmless(m.BaseURL) {
			return nil, at(m.Origin("base_url"), errors.New("base_url is neither the platform nor this machine; a configuration file that you did not name "+
				"must not send signed requests elsewhere; to use it, name the file"))
		}
	}
	return merchants, err
}

func readDocument(path string) ([]Merchant, error) {
	text, err := readFile(path, maxFile)
	if err != nil {
		return nil, err
	}
	doc := document{name: path, dir: filepath.Dir(path), text: []byte(text)}
	return doc.read()
}

// A document is a configuration file on its way to be merchants.
type document struct {
	name, dir string
	text      []byte

	merchants []Merchant     // the first holds what stands above all tables
	lines     map[string]int // of the keys of the last merchant
	line, pos int            // the line of a position in text
}

// table is the name of the tables that hold merchants.
const table = "merchant"

func (d *document) read() ([]Merchant, error) {
	if !utf8.Valid(d.text) {
		return nil, fmt.Errorf("%s is not UTF-8; save it as UTF-8", d.name)
	}
	if !shallow.TOML(d.text) {
		return nil, at(d.name, errors.New("it is nested too deeply; write lines such as mchid = \"1900000109\""))
	}
	invalid := toml.Unmarshal(d.text, new(map[string]any))
	if e := (*toml.DecodeError)(nil); errors.As(invalid, &e) {
		line, column := e.Position() // its text may quote a secret
		return nil, fmt.Errorf("%s: line %d, column %d is not TOML; write lines such as mchid = \"1900000109\"", d.name, line, column)
	}
	d.merchants, d.lines, d.line = []Merchant{{origin: d.name}}, map[string]int{}, 1
	var p unstable.Parser
	p.Reset(d.text)
	for p.NextExpression() {
		if err := d.take(p.Expression()); err != nil {
			return nil, err
		}
	}
	if invalid != nil || p.Error() != nil {
		return nil, at(d.name, errors.New("it is not TOML; write lines such as mchid = \"1900000109\""))
	}
	return d.divide()
}

// take takes the next line or table of the file.
func (d *document) take(e *unstable.Node) error {
	if e.Kind != unstable.KeyValue && e.Kind != unstable.Table && e.Kind != unstable.ArrayTable {
		return nil
	}
	var parts []string
	line := 0
	for k := e.Key(); k.Next(); {
		if line == 0 {
			line = d.lineOf(int(k.Node().Raw.Offset))
		}
		parts = append(parts, string(k.Node().Data))
	}
	place, name := fmt.Sprintf("%s:%d", d.name, line), strings.Join(parts, ".")
	switch e.Kind {
	case unstable.ArrayTable:
		if name != table {
			return at(place, fmt.Errorf("unknown table %s; write [[%s]]", shown("[["+name+"]]"), table))
		}
		d.merchants, d.lines = append(d.merchants, Merchant{origin: place}), map[string]int{}
		return nil
	case unstable.Table:
		return at(place, fmt.Errorf("unknown table %s; to have several merchants, write [[%s]] above the settings of each", shown("["+name+"]"), table))
	}
	value := e.Value()
	if value.Kind != unstable.String {
		if slices.Contains(names(), name) {
			return at(place, fmt.Errorf("%s is not a text; write it in quotes", name))
		}
		return at(place, unknownKey(name))
	}
	if err := d.setting(name, string(value.Data), place, line); err != nil {
		return at(place, err)
	}
	return nil
}

// setting takes a setting of the last merchant.
func (d *document) setting(name, value, place string, line int) error {
	if !slices.Contains(names(), name) {
		return unknownKey(name)
	}
	key, isFile := strings.CutSuffix(name, fileSuffix)
	if before := d.lines[key]; before != 0 {
		return fmt.Errorf("%s is set on line %d already", key, before)
	}
	d.lines[key] = line
	if value == "" {
		return nil
	}
	m := &d.merchants[len(d.merchants)-1]
	for _, s := range m.settings() {
		if s.key != key {
			continue
		}
		switch {
		case isFile:
			secret, err := readSecret(d.dir, value)
			if err != nil {
				return fmt.Errorf("%s: %w", name, err)
			}
			value = secret
		case s.kind == isPath:
			value = under(d.dir, value)
		}
	}
	m.set(key, value, place)
	return nil
}

// divide gives the merchants what stands above them.
func (d *document) divide() ([]Merchant, error) {
	above, merchants := d.merchants[0], d.merchants[1:]
	if len(merchants) == 0 {
		if above.origins == nil {
			return nil, nil
		}
		return []Merchant{above}, nil
	}
	for _, s := range above.settings() {
		if *s.value != "" && s.key != "base_url" {
			return nil, at(above.Origin(s.key), fmt.Errorf("%s stands above the first [[%s]] and so belongs to no merchant; move it below", s.key, table))
		}
	}
	above.origin = ""
	seen := make(map[string]string)
	for i := range merchants {
		m := &merchants[i]
		if m.MchID == "" {
			return nil, at(m.origin, fmt.Errorf("this [[%s]] has no mchid", table))
		}
		if before := seen[m.MchID]; before != "" {
			return nil, at(m.Origin("mchid"), fmt.Errorf("mchid %s is that of %s too", quote.Setting(m.MchID), before))
		}
		seen[m.MchID] = m.Origin("mchid")
		m.complete(above)
	}
	return merchants, nil
}

// lineOf returns the line of a position. The positions ascend.
func (d *document) lineOf(pos int) int {
	d.line += bytes.Count(d.text[d.pos:pos], []byte("\n"))
	d.pos = pos
	return d.line
}

func unknownKey(name string) error {
	if nearest := suggest.Nearest(name, names()); nearest != "" {
		return fmt.Errorf("unknown key %q; did you mean %q?", name, nearest)
	}
	return fmt.Errorf("unknown key %s; the keys are %s", shown(name), strings.Join(names(), ", "))
}

// shown quotes a name only if it is too short to be a secret that was written in
// place of the name.
func shown(name string) string {
	const secret = 32 // bytes
	if len(name) < secret {
		return strconv.Quote(name)
	}
	return fmt.Sprintf("of %d bytes, not shown, as it may be a secret", len(name))
}
