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
		checkSameCode(t, english, chinese)
		for name, of := range map[string]func(string) []string{"headings": headingLevels, "links": linkTargets} {
			if e, c := of(proseOf(t, english)), of(proseOf(t, chinese)); !slices.Equal(e, c) {
				t.Errorf("the %s of %s and %s differ:\n%s\n%s", name, english, chinese, e, c)
			}
		}
	}
}

// shellComment matches a comment in a block of shell commands.
var shellComment = regexp.MustCompile(`(?m)(^|[ \t]+)# (.*)$`)

// englishWords match a text that has to be said in Chinese.
var englishWords = regexp.MustCompile(`[A-Za-z]{2,} [a-z]{2,}`)

// checkSameCode compares the blocks of code of a page in English and in Chinese. The
// comments of shell commands are in the language of the page.
func checkSameCode(t *testing.T, english, chinese string) {
	t.Helper()
	e, c := codeBlocks(t, english), codeBlocks(t, chinese)
	for i := range max(len(e), len(c)) {
		if i >= len(e) || i >= len(c) || e[i][1] != c[i][1] || withoutComments(e[i]) != withoutComments(c[i]) {
			t.Errorf("%s and %s differ from the block of code %d on", english, chinese, i+1)
			return
		}
		if !hasShellComments(c[i]) {
			continue
		}
		said, comments := shellComment.FindAllString(e[i][2], -1), shellComment.FindAllStringSubmatch(c[i][2], -1)
		if len(said) != len(comments) {
			t.Errorf("%s has %d comments in the block of code %d, %s has %d", english, len(said), i+1, chinese, len(comments))
		}
		for _, comment := range comments {
			if englishWords.MatchString(comment[2]) && !han.MatchString(comment[2]) {
				t.Errorf("%s: the comment %q is in English", chinese, comment[2])
			}
		}
	}
}

var han = regexp.MustCompile(`\p{Han}`)

// hasShellComments reports whether # starts a comment in a block of code.
func hasShellComments(block []string) bool { return block[1] == "sh" || block[1] == "" }

// withoutComments is a block of code without the comments of a shell.
func withoutComments(block []string) string {
	if hasShellComments(block) {
		return shellComment.ReplaceAllString(block[2], "")
	}
	return block[2]
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
