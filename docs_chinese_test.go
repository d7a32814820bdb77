package wechatpay_test

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// Pages in Chinese say the same as those in English: the same headings by level, the
// same blocks of code, and links to the same places.
func TestDocsInChinese(t *testing.T) {
	pages := glob(t, "docs/zh-CN/*.md")
	if len(pages) < 4 {
		t.Errorf("docs/zh-CN has %d pages, want 4 or more", len(pages))
	}
	for _, chinese := range pages {
		english := filepath.Join("docs", filepath.Base(chinese))
		if e, c := codeBlocks(t, english), codeBlocks(t, chinese); !slices.EqualFunc(e, c, slices.Equal) {
			for i := range max(len(e), len(c)) {
				if i >= len(e) || i >= len(c) || !slices.Equal(e[i], c[i]) {
					t.Errorf("%s and %s differ from the block of code %d on", english, chinese, i+1)
					break
				}
			}
		}
		for name, of := range map[string]func(string) []string{"headings": headingLevels, "links": linkTargets} {
			if e, c := of(proseOf(t, english)), of(proseOf(t, chinese)); !slices.Equal(e, c) {
				t.Errorf("the %s of %s and %s differ:\n%s\n%s", name, english, chinese, e, c)
			}
		}
	}
}

// proseOf is a page without its blocks of code.
func proseOf(t *testing.T, file string) string {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return codeBlock.ReplaceAllString(string(text), "")
}

var heading = regexp.MustCompile(`(?m)^#+ `)

func headingLevels(page string) []string { return heading.FindAllString(page, -1) }

var linkTarget = regexp.MustCompile(`\]\(([^)]*)\)`)

// linkTargets are the pages that a page links to, sorted: sentences in another language
// may have another order.
func linkTargets(page string) (targets []string) {
	for _, match := range linkTarget.FindAllStringSubmatch(page, -1) {
		target, anchor, hasAnchor := strings.Cut(match[1], "#")
		if !strings.Contains(target, "://") {
			target = strings.Replace(filepath.Base(target), "README.zh-CN.md", "README.md", 1)
		} else if hasAnchor {
			target += "#" + anchor
		}
		targets = append(targets, target)
	}
	slices.Sort(targets)
	return targets
}
