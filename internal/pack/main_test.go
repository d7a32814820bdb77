package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

const (
	a = `{"method":"GET","template":"v3/a"}` + "\n"
	b = `{"method":"POST","template":"v3/a"}` + "\n"
	c = `{"method":"GET","template":"v3/b"}` + "\n"
)

func TestPack(t *testing.T) {
	path := filepath.Join(t.TempDir(), "operations.jsonl")
	fact := `{"method":"POST","template":"v3/a","class":"harmless"}` + "\n"
	if err := os.WriteFile(filepath.Join(filepath.Dir(path), "repeat.jsonl"), []byte(fact), 0o600); err != nil {
		t.Fatal(err)
	}
	joined := strings.Replace(b, "}", `,"repeat":{"class":"harmless"}}`, 1)
	for text, want := range map[string]string{a + b: a + joined, a + b + c: a + joined + c} {
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		if err := run(path); err != nil {
			t.Fatal(err)
		}
		packed, err := os.ReadFile(path + ".gz")
		if err != nil || string(unpack(packed)) != want {
			t.Errorf("unpacked %q, %v; want %q", unpack(packed), err, want)
		}
	}
	// What holds the same text already stays as it is.
	before, err := os.Stat(path + ".gz")
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(path+".gz", 0o400); err != nil {
		t.Fatal(err)
	}
	if err := run(path); err != nil {
		t.Error(err)
	}
	if after, err := os.Stat(path + ".gz"); err != nil || !after.ModTime().Equal(before.ModTime()) {
		t.Errorf("written again: %v", err)
	}
}

func TestCheckRefuses(t *testing.T) {
	for want, text := range map[string]string{
		"no operations": "",
		"line 2":        b + a,
		"and once":      a + a,
		"line 1":        "{\n",
		"no method":     `{"template":"v3/a"}`,
	} {
		if err := check([]byte(text)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: error %v, want %q", text, err, want)
		}
	}
}

func TestJoinRefuses(t *testing.T) {
	get := `{"method":"GET","template":"v3/a","class":"harmless"}` + "\n"
	post := `{"method":"POST","template":"v3/a","class":"harmless"}` + "\n"
	for _, test := range []struct{ text, repeat, want string }{
		{a + b, "", "POST v3/a has no line"},
		{a, get, "has no line"},
		{a, post, "POST v3/a is not an operation"},
	} {
		if _, err := join([]byte(test.text), []byte(test.repeat)); err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s with %s: error %v, want %q", test.text, test.repeat, err, test.want)
		}
	}
}
