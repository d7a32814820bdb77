package sandbox_test

import (
	"go/parser"
	"go/token"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// rooms are the folders of the sandbox, each with the folders that it may use.
// The folders around the domain use the domain but not each other. Package
// sandbox puts them together.
var rooms = map[string][]string{
	"plainjson": nil,
	"beijing":   nil,
	"timetable": nil,
	"party":     nil,
	"scene":     nil,
	"example":   nil,
	"store":     {"plainjson"},
	"wire":      {"plainjson"},
	"money":     {"beijing", "scene", "store"},

	"bill":     {"beijing", "money", "store"},
	"media":    {"money", "store", "wire"},
	"notifier": {"beijing", "money", "store", "timetable"},
	"v3":       {"beijing", "example", "money", "party", "plainjson", "scene", "store", "wire"},
	"v2":       {"beijing", "example", "money", "party", "plainjson", "wire"},
	"control":  {"plainjson", "wire"},
	"folder":   {"party"},
	"journal":  nil,
	"records":  {"money", "store"},
	"signed":   {"party"},
	"proxy":    nil,
	"frontend": nil,
	"openid":   nil,
}

// notInDomain are packages of protocols, which the domain must not import.
var notInDomain = []string{"net/http", "encoding/json", "encoding/xml", "github.com/tidwall/gjson", "github.com/wxchain/wechatpay/internal/xmlmap",
	"github.com/wxchain/wechatpay/openapi", "github.com/wxchain/wechatpay/cipher", "github.com/wxchain/wechatpay/signer"}

// maxFiles is the largest number of files in a folder, without tests.
const maxFiles = 40

func TestRooms(t *testing.T) {
	folders, err := os.ReadDir("internal")
	if err != nil {
		t.Fatal(err)
	}
	if len(folders) != len(rooms) {
		t.Errorf("%d folders in internal, %d are rooms", len(folders), len(rooms))
	}
	for _, dir := range append([]string{"."}, glob(t, "internal/*")...) {
		files := slices.DeleteFunc(glob(t, filepath.Join(dir, "*.go")), func(name string) bool { return strings.HasSuffix(name, "_test.go") })
		if len(files) > maxFiles {
			t.Errorf("%s has %d files, want at most %d", dir, len(files), maxFiles)
		}
		if dir == "." {
			continue
		}
		room := filepath.Base(dir)
		uses, ok := rooms[room]
		if !ok {
			t.Errorf("%s is not a room", dir)
		}
		for _, name := range files {
			for _, imported := range importsOf(t, name) {
				if other, ok := strings.CutPrefix(imported, "github.com/wxchain/wechatpay/sandbox/internal/"); ok && !slices.Contains(uses, other) {
					t.Errorf("%s uses the room %s", name, other)
				}
				if imported == "github.com/wxchain/wechatpay/sandbox" {
					t.Errorf("%s uses what puts it together", name)
				}
				if room == "money" && slices.Contains(notInDomain, imported) {
					t.Errorf("%s uses %s, which the domain does not know", name, path.Base(imported))
				}
			}
		}
	}
}

func glob(t *testing.T, pattern string) []string {
	t.Helper()
	names, err := filepath.Glob(pattern)
	if err != nil || len(names) == 0 {
		t.Fatalf("%s: %v, %v", pattern, names, err)
	}
	return names
}

func importsOf(t *testing.T, name string) (all []string) {
	t.Helper()
	file, err := parser.ParseFile(token.NewFileSet(), name, nil, parser.ImportsOnly)
	if err != nil {
		t.Fatal(err)
	}
	for _, spec := range file.Imports {
		imported, err := strconv.Unquote(spec.Path.Value)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, imported)
	}
	return all
}
