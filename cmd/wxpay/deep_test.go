package main

import (
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// Nothing that a command reads ends it, however deep it is nested.
func TestDeepInput(t *testing.T) {
	t.Parallel()
	deep := strings.Repeat("[", 2<<20)
	closed := deep[:1<<20] + strings.Repeat("]", 1<<20)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.WriteHeader(http.StatusBadRequest)
		io.WriteString(w, deep)
	}))
	defer server.Close()
	w := newBatchWorld(t)
	w.writeSettings(w.ClientConfig(), server.URL)
	run := func(code int, args ...string) {
		t.Helper()
		if got, _, stderr := exec(t.Context(), args...); got != code || len(stderr) > 4000 {
			t.Errorf("%.60q: exit %d, want %d; %.1000s", args, got, code, stderr)
		}
	}
	run(exitFailed, "call", "GET", "v3/certificates", "--config", w.config())
	run(exitNetwork, "doctor", "--config", w.config())
	run(exitUsage, "call", "POST", "v3/pay/transactions/native", "a:="+closed[1<<19:3<<19], "--config", w.config())

	for name, text := range map[string]string{
		"deep.jsonl":   `{"amount":` + deep + "}\n",
		"closed.jsonl": `{"amount":` + closed + "}\n",
		"deep.csv":     "amount:json\n" + deep + "\n",
		"closed.csv":   "amount.payer_total\n" + closed + "\n",
		"header.csv":   strings.Repeat("a.", 1<<20) + "a\n1\n",
	} {
		path := filepath.Join(filepath.Dir(w.in), name)
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		code, _, stderr := exec(t.Context(), "batch", "POST", orderPath, "--in", path, "--out", path+".out", "--config", w.config())
		if code == exitOK || len(stderr) > 4000 {
			t.Errorf("%s: exit %d, %.1000s", name, code, stderr)
		}
	}

	resource := filepath.Join(filepath.Dir(w.in), "deep.json")
	if err := os.WriteFile(resource, []byte(closed), 0o600); err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	if _, err := writeSandboxDir(dir); err != nil {
		t.Fatal(err)
	}
	run(exitUsage, "notify", "send", server.URL, "--dir", dir, "--resource", resource)

	for _, text := range []string{"mchid = " + deep, "mchid = " + strings.Repeat("{a=", 1<<20), strings.Repeat("a.", 1<<20) + "a = 1"} {
		w.write(configName, text)
		run(exitUsage, "call", "GET", "v3/certificates", "--config", w.config())
	}
}
