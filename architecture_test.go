package wechatpay_test

import (
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// docs/architecture.md names only packages and files that exist. It names every
// package that others can import, and every command.
func TestArchitecture(t *testing.T) {
	text, err := os.ReadFile("docs/architecture.md")
	if err != nil {
		t.Fatal(err)
	}
	folders := packageFolders(t)
	named := namesIn(string(text), folders)
	for _, name := range named {
		if _, err := os.Stat(filepath.FromSlash(name)); err != nil {
			t.Errorf("docs/architecture.md names %s, which does not exist", name)
		}
	}
	for _, folder := range folders {
		isInner := strings.HasPrefix(folder, "examples/") || strings.Contains(folder, "internal")
		if !isInner && !slices.Contains(named, folder) {
			t.Errorf("docs/architecture.md does not name the package %s", folder)
		}
	}
}

// layers are the rows of the drawing in docs/architecture.md, from the top.
var layers = [][]string{
	{"cmd/wxpay", "examples"},
	{"sandbox", "wechatpaytest"},
	{"bill", "config", "resilience"},
	{""},
	{"keys", "notify", "openapi", "telemetry"},
	{"middleware"},
	{"signer", "cipher"},
}

// Packages import only what the drawing has below them, and no command of the
// command line imports another.
func TestArchitectureLayers(t *testing.T) {
	const module, commands = "github.com/wxchain/wechatpay", "cmd/wxpay/internal/"
	out, err := exec.CommandContext(t.Context(), "go", "list", "-f", `{{.ImportPath}} {{join .Imports " "}}`, "./...").CombinedOutput()
	if err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	checked := 0
	for line := range strings.Lines(string(out)) {
		imports := strings.Fields(line)
		for i, path := range imports {
			imports[i] = strings.TrimPrefix(strings.TrimPrefix(path, module), "/")
		}
		from := imports[0]
		for _, to := range imports[1:] {
			above, below := layerOf(from), layerOf(to)
			isWithin := above >= 0 && above == below && holder(layers[above], from) == holder(layers[below], to)
			if above >= 0 && below >= 0 && !isWithin && below <= above {
				t.Errorf("%q imports %q, which is not below it", from, to)
			}
			isCommand := func(path string) bool {
				return strings.HasPrefix(path, commands) && !strings.HasPrefix(path, commands+"shared/")
			}
			if isCommand(from) && isCommand(to) {
				t.Errorf("the command %s imports the command %s", from, to)
			}
			checked++
		}
	}
	if checked < 100 {
		t.Errorf("%d imports were checked, want 100 or more", checked)
	}
}

// layerOf returns the layer of a package of the module, or -1.
func layerOf(path string) int {
	return slices.IndexFunc(layers, func(names []string) bool { return holder(names, path) >= 0 })
}

// holder returns the index in names of the folder that holds a package, or -1.
func holder(names []string, path string) int {
	return slices.IndexFunc(names, func(name string) bool {
		return path == name || name != "" && strings.HasPrefix(path, name+"/")
	})
}

// The test finds names everywhere: in a table, in a sentence, in the drawing.
func TestArchitectureNames(t *testing.T) {
	folders := []string{"keys", "internal/quote", "cmd/wxpay"}
	for text, want := range map[string][]string{
		"| `keys` | loads them |":                  {"keys"},
		"see `internal/qoute`, `internal/quote`":   {"internal/qoute", "internal/quote"},
		" │  chain.go, gone.go   the template":     {"chain.go", "gone.go"},
		"`openapi/operations.jsonl.gz` is a file.": {"openapi/operations.jsonl.gz"},
		"the keys of `cmd/wxpay` and cmd/wxpay":    {"cmd/wxpay", "cmd/wxpay"},
		"It ends in `internal/gone`.":              {"internal/gone"},
		"`v3/pay/transactions` and `pay/micropay`": nil,
		"[the sandbox](sandbox.md)":                {"docs/sandbox.md"},
	} {
		if got := namesIn(text, folders); !slices.Equal(got, want) {
			t.Errorf("%q names %q, want %q", text, got, want)
		}
	}
}

var (
	fileName   = regexp.MustCompile(`[\w./-]*\w\.(?:go|index|jsonl|jsonl\.gz|sh|svg|md)\b(?:\.gz)?`)
	folderName = regexp.MustCompile(`(?:internal|sandbox|cmd|examples|interop|middleware|openapi|signer|store|wxotel)/[\w/-]*\w`)
	inTicks    = regexp.MustCompile("`([a-z]+)`")
)

// namesIn returns the files and the package folders that a page of docs names.
func namesIn(text string, folders []string) []string {
	var names []string
	for _, file := range fileName.FindAllString(text, -1) {
		if strings.HasSuffix(file, ".md") && !strings.Contains(file, "/") {
			file = "docs/" + file
		}
		names = append(names, file)
	}
	names = append(names, folderName.FindAllString(fileName.ReplaceAllString(text, ""), -1)...)
	for _, word := range inTicks.FindAllStringSubmatch(text, -1) {
		if slices.Contains(folders, word[1]) {
			names = append(names, word[1])
		}
	}
	return names
}

// packageFolders returns the folders of the module that hold Go files.
func packageFolders(t *testing.T) []string {
	t.Helper()
	var folders []string
	err := filepath.WalkDir(".", func(path string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if entry.IsDir() {
			if path != "." && (strings.HasPrefix(entry.Name(), ".") || entry.Name() == "testdata" || entry.Name() == "node_modules") {
				return filepath.SkipDir
			}
			return nil
		}
		folder := filepath.ToSlash(filepath.Dir(path))
		isSource := strings.HasSuffix(path, ".go") && !strings.HasSuffix(path, "_test.go")
		if isSource && folder != "." && !slices.Contains(folders, folder) {
			folders = append(folders, folder)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return folders
}
