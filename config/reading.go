package config

import (
	"crypto/sha256"
	"fmt"
)

// A reading is what the sources say at one time.
type reading struct {
	merchants []opened
	err       error
}

func (o options) readAll() (r reading) {
	merchants, err := o.read()
	r.err = err
	for _, m := range merchants {
		r.merchants = append(r.merchants, m.open())
	}
	return r
}

// An opened merchant has the texts of its keys and certificates, each read once, so
// that all that is made of them fits together.
type opened struct {
	Merchant
	texts map[string]string // by the key of the setting
	errs  map[string]error  // why there is no text
}

// open reads the keys and certificates of m.
func (m Merchant) open() opened {
	o := opened{m, make(map[string]string), make(map[string]error)}
	for _, s := range m.settings() {
		if s.kind == isPath && *s.value != "" {
			o.texts[s.key], o.errs[s.key] = readKey(*s.value)
		}
	}
	return o
}

// A fingerprint differs if settings, or texts of keys, differ.
type fingerprint [sha256.Size]byte

func (m opened) fingerprint() (f fingerprint) {
	h := sha256.New()
	for _, s := range m.settings() {
		text, problem := m.texts[s.key], ""
		if err := m.errs[s.key]; err != nil {
			problem = err.Error()
		}
		for _, part := range []string{*s.value, text, problem} {
			fmt.Fprintf(h, "%d:%s", len(part), part)
		}
	}
	h.Sum(f[:0])
	return f
}

// state differs if what two readings found differs.
func (r reading) state() string {
	if r.err != nil {
		return r.err.Error()
	}
	var all []byte
	for _, m := range r.merchants {
		print := m.fingerprint()
		all = append(all, print[:]...)
	}
	return string(all)
}
