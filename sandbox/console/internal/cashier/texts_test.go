package cashier

import (
	"io/fs"
	"regexp"
	"testing"
)

var inTemplate = regexp.MustCompile(`\{\{T "([^"]+)"|\(T "([^"]+)"|AddLink\("([^"]+)"`)

// TestTexts finds a Chinese text for each text of the templates.
func TestTexts(t *testing.T) {
	used := map[string]bool{"User": true}
	names, err := fs.Glob(files, "pages/*.html")
	if err != nil || len(names) == 0 {
		t.Fatal(names, err)
	}
	for _, name := range names {
		text, err := fs.ReadFile(files, name)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range inTemplate.FindAllStringSubmatch(string(text), -1) {
			used[m[1]+m[2]] = true
		}
	}
	for text := range used {
		if texts[text] == "" {
			t.Errorf("%q has no Chinese", text)
		}
	}
	for text := range texts {
		if !used[text] {
			t.Errorf("%q is not used", text)
		}
	}
}
