package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

const internal = "package store\n\ntype Tx struct{ ID int; open bool }\n\nfunc (*Tx) Get(key string) string { return key }\n"

// loadShop writes a module with a package and an internal one, and loads it.
func loadShop(t *testing.T) *api {
	t.Helper()
	dir := t.TempDir()
	files := map[string]string{
		"go.mod":               "module example.com/shop\n\ngo 1.25\n",
		"shop.go":              shop,
		"internal/store/it.go": internal,
		"cmd/shop/main.go":     "package main\n\nfunc Exported() {}\n\nfunc main() {}\n",
	}
	for name, text := range files {
		path := filepath.Join(dir, filepath.FromSlash(name))
		if err := errors.Join(os.MkdirAll(filepath.Dir(path), 0o755), os.WriteFile(path, []byte(text), 0o644)); err != nil {
			t.Fatal(err)
		}
	}
	a, err := load("example.com/shop", dir)
	if err != nil {
		t.Fatal(err)
	}
	return a
}

// variant returns the shop with another source.
func variant(t *testing.T, base *api, source string) *api {
	t.Helper()
	return reread(t, map[string]string{"example.com/shop": source, "example.com/shop/internal/store": internal}, base)
}

// recorded returns the API as a record has it.
func recorded(t *testing.T, a *api) *api {
	t.Helper()
	return reread(t, a.declarations(), a)
}

func reread(t *testing.T, files map[string]string, now *api) *api {
	t.Helper()
	packed, err := pack(files)
	if err != nil {
		t.Fatal(err)
	}
	a, err := read(packed, now)
	if err != nil {
		t.Fatal(err)
	}
	return a
}

const shop = `package shop

import (
	"context"
	"errors"
	"io"
	"net/http"

	"example.com/shop/internal/store"
)

type Config struct {
	Name   string ` + "`json:\"name\"`" + `
	hidden int
	*http.Client
}

type Client struct{ base }

type base struct{ funcs []func() }

func (*base) Close() error { return nil }

type node struct{ path string }

func (node) Pay() leaf { return leaf{} }

type leaf struct{ node }

func (leaf) Post(ctx context.Context, body io.Reader) (n int, err error) { return 0, nil }

func (*Client) V3() node { return node{} }

type Tx = store.Tx

type Future[T any] struct{ value T }

func (f *Future[V]) Wait(context.Context) (V, error) { return f.value, nil }

func Map[A, B any](in []A, f func(A) B) []B { return nil }

type Number interface{ ~int | ~float64 }

func Sum[N Number](in ...N) (sum N) { return sum }

type Getter interface {
	Get(string) string
	seal()
}

type Doer interface{ Do() error }

type Page struct{}

func (Page) Get(string) string { return "" }
func (Page) seal()             {}

type Kind string

const (
	Coupon Kind = "coupon"
	Limit       = 1 << 40
	Ratio       = 0.3
)

var ErrClosed = errors.New("closed")

func Open(c Config, tx *store.Tx, get map[string]chan<- [4]Getter) (*Client, error) { return nil, nil }
`

// A record says the same as what it records.
func TestRecord(t *testing.T) {
	now := loadShop(t)
	if report := compare(recorded(t, now), now); len(report.Changes) > 0 {
		t.Errorf("got\n%s", report)
	}
	if text := now.declarations()["example.com/shop"]; !strings.Contains(text, "type leaf struct") || strings.Contains(text, "hidden") || strings.Contains(text, "Exported") {
		t.Errorf("got\n%s", text)
	}
}

// Changes of every kind are found, whether a name or a type without one has them.
func TestChanges(t *testing.T) {
	base := loadShop(t)
	then := recorded(t, base)
	for _, test := range []struct{ old, new, want string }{
		{"var ErrClosed", "var errClosed", "ErrClosed: removed"},
		{"func (node) Pay() leaf", "func (node) Order() leaf", "node.Pay: removed"},
		{"body io.Reader) (n", "body io.Writer) (n", "leaf.Post: changed from"},
		{"func (*base) Close() error", "func (*base) shut() error", "(*base).Close, method set of *Client: removed"},
		{`"coupon"`, `"stock"`, "Coupon: value changed"},
		{"1 << 40", "1 << 41", "Limit: value changed"},
		{"0.3", "0.35", "Ratio: value changed"},
		{"Do() error }", "Do() error; Undo() }", "Doer.Undo: added"},
		{"func (Page) seal() ", "func (Page) unseal() ", "Page: no longer implements Getter"},
		{"hidden int", "hidden func()", "Config: old is comparable, new is not"},
		{"f func(A) B)", "f func(A) (B, error))", "Map: changed"},
		{"(V, error) { return f.value, nil }", "V { return f.value }", "Wait: changed"},
		{"*http.Client", "http *http.Client", "Config.Client: removed"},
		{"[4]Getter", "[5]Getter", "Open: changed"},
	} {
		t.Run(test.want, func(t *testing.T) {
			if !strings.Contains(shop, test.old) {
				t.Fatalf("the source does not have %q", test.old)
			}
			report := compare(then, variant(t, base, strings.Replace(shop, test.old, test.new, 1)))
			found := false
			for _, change := range report.Changes {
				found = found || !change.Compatible && strings.Contains(change.Message, test.want)
			}
			if !found {
				t.Errorf("got\n%s", report)
			}
		})
	}
}

// These changes break no program.
func TestCompatibleChanges(t *testing.T) {
	base := loadShop(t)
	source := strings.NewReplacer("leaf", "coupons", "hidden int", "secret string", "in []A", "list []A").Replace(shop) +
		"\nfunc Close() {}\n\ntype Shop struct{}\n"
	report := compare(recorded(t, base), variant(t, base, source))
	var added []string
	for _, change := range report.Changes {
		if !change.Compatible {
			t.Errorf("%s", change.Message)
		}
		added = append(added, change.Message)
	}
	if !slices.Equal(added, []string{"Close: added", "Shop: added"}) {
		t.Errorf("got %q", added)
	}
}

// A change is explained where the changelog names it, above the release that it follows.
func TestUnexplained(t *testing.T) {
	base := loadShop(t)
	now := variant(t, base, strings.NewReplacer("var ErrClosed", "var errClosed", "(*Client) V3()", "(*Client) V4()").Replace(shop))
	report := compare(recorded(t, base), now)
	const changelog = "# Changelog\n\n## Unreleased\n\n%s\n\n## 0.2.0 (2026-11-29)\n\n- `ErrClosed` and `Client.V3` are new.\n"
	for entry, want := range map[string]int{
		"": 2, "- `ErrClosedEarly`, `V3` and `MyClient.V3`": 2, "- `Client.V3` is `Client.V4`.": 1,
		"- `Client.V3` is `Client.V4`, and `ErrClosed` was never returned.": 0, "- `wechatpay.ErrClosed` and `wechatpay.Client.V3`": 0,
	} {
		missing := unexplained(report, sinceRelease(fmt.Sprintf(changelog, entry), "0.2.0"))
		if len(missing) != want {
			t.Errorf("%q: got %q, want %d", entry, missing, want)
		}
	}
	if missing := unexplained(report, sinceRelease(fmt.Sprintf(changelog, ""), "0.1.0")); len(missing) != 0 {
		t.Errorf("without a heading of the release: %q", missing)
	}
}

func TestNameOf(t *testing.T) {
	for message, want := range map[string]string{
		"(*Client).Notify: changed from func() to func(int)":     "Client.Notify",
		"./sandbox.(*FileStore).Update: changed from A to B":     "sandbox.FileStore.Update",
		"./signer/sm2.Private: removed":                          "sm2.Private",
		"(*base).Close, method set of *Client: removed":          "Client.Close",
		"Config.Middleware: changed from A to B":                 "Config.Middleware",
		"package github.com/wxchain/wechatpay/keys: removed":     "keys",
		"Protocol: changed from Protocol to middleware.Protocol": "Protocol",
	} {
		if got := nameOf(message); got != want {
			t.Errorf("%q: got %q, want %q", message, got, want)
		}
	}
}

// The record in the repository is that of one release, and stays small.
func TestRecordIsSmall(t *testing.T) {
	records, err := filepath.Glob("../../api/*.txt.gz")
	if err != nil || len(records) != 1 {
		t.Fatalf("api has the records %q, %v; want that of the last release alone", records, err)
	}
	info, err := os.Stat(records[0])
	if err != nil || info.Size() > 200<<10 {
		t.Errorf("%s has %d bytes, %v", records[0], info.Size(), err)
	}
}

// The modules whose API is recorded are those that a release tags, but for commands.
func TestPublished(t *testing.T) {
	text, err := os.ReadFile("../../.ci/tags")
	if err != nil {
		t.Fatal(err)
	}
	_, list, _ := strings.Cut(string(text), "\npublished=(")
	list, _, _ = strings.Cut(list, ")")
	want := []string{".."}
	for _, folder := range strings.Fields(list) {
		if !strings.HasPrefix(folder, "cmd/") {
			want = append(want, "../"+folder)
		}
	}
	if !slices.Equal(published, want) {
		t.Errorf("published is %q, .ci/tags has %q", published, want)
	}
}
