package main

import (
	"fmt"
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
		if err != nil || strings.Join(unpack(packed), "") != want {
			t.Errorf("unpacked %q, %v; want %q", unpack(packed), err, want)
		}
		checkIndex(t, strings.TrimSuffix(path, ".jsonl")+".index", packed, want)
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

// checkIndex compares an index with the lines that it should lead to.
func checkIndex(t *testing.T, path string, packed []byte, text string) {
	t.Helper()
	index, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	texts := make(map[int]string)
	for text, offset := range unpacked(packed) {
		texts[offset] = text
	}
	var found []string
	for line := range strings.Lines(string(index)) {
		var member, from int
		var method, template string
		if _, err := fmt.Sscanf(line, "%d %d %s %s\n", &member, &from, &method, &template); err != nil {
			t.Fatalf("line %q of the index: %v", line, err)
		}
		op, _, _ := strings.Cut(texts[member][from:], "\n")
		if want := method + " " + template; operation(op) != want {
			t.Errorf("the index leads to %q, want %s", op, want)
		}
		found = append(found, op+"\n")
	}
	if got := strings.Join(found, ""); got != text {
		t.Errorf("the index leads to %q, want %q", got, text)
	}
}

// Members are cut between lines.
func TestPackCutsMembers(t *testing.T) {
	var b strings.Builder
	for i := range 5 {
		fmt.Fprintf(&b, "{\"method\":\"GET\",\"template\":\"v3/%d\",\"title\":\"%s\"}\n", i, strings.Repeat("x", memberBytes/2-100))
	}
	fmt.Fprintf(&b, "{\"method\":\"GET\",\"template\":\"v3/9\",\"title\":\"%s\"}\n", strings.Repeat("y", 2*memberBytes))
	members := cut([]byte(b.String()))
	if len(members) != 4 {
		t.Errorf("%d members, want 4", len(members))
	}
	packed, err := pack(members)
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "index")
	if err := os.WriteFile(path, index(packed), 0o600); err != nil {
		t.Fatal(err)
	}
	checkIndex(t, path, packed, b.String())
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
