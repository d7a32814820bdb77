package api

import (
	"bytes"
	"encoding/xml"
	"errors"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/wxchain/wechatpay/cmd/wxpay/internal/shared/exit"
	"github.com/wxchain/wechatpay/openapi"
)

const maxSite = 40 << 20 // bytes

// The site has a page for each call and a page to find them. All pages are well-formed,
// all links lead somewhere, and the site fits any static host.
func TestSite(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "site")
	operations := slices.Collect(openapi.Operations())
	n, err := writeSite(dir, "https://pay.example.com/api", "", operations)
	if err != nil || n != len(operations)+1 {
		t.Fatalf("%d pages, %v, want %d", n, err, len(operations)+1)
	}
	pages, size := readSite(t, dir)
	if len(pages) != n || size > maxSite {
		t.Errorf("%d pages of %d bytes, want %d of %d bytes at most", len(pages), size, n, maxSite)
	}
	linked := linkedPages(t, dir, pages)
	sitemap, err := os.ReadFile(filepath.Join(dir, "sitemap.xml"))
	if err != nil {
		t.Fatal(err)
	}
	for name := range pages {
		if !linked[name] {
			t.Errorf("no page links to %s", name)
		}
		if !bytes.Contains(sitemap, []byte("<loc>https://pay.example.com/api/"+name+"</loc>")) {
			t.Errorf("the sitemap lacks %s", name)
		}
	}
}

// readSite reads the pages of a site, and returns the bytes of all its files.
func readSite(t *testing.T, dir string) (pages map[string]page, size int64) {
	t.Helper()
	pages = make(map[string]page)
	if err := filepath.WalkDir(dir, func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		text, err := os.ReadFile(name)
		size += int64(len(text))
		if strings.HasSuffix(name, ".html") {
			rel, _ := filepath.Rel(dir, name)
			pages[filepath.ToSlash(rel)] = readPage(t, rel, text)
		}
		return err
	}); err != nil {
		t.Fatal(err)
	}
	return pages, size
}

// linkedPages checks that each link leads to a file of the site or to a page of the
// platform, and returns the files.
func linkedPages(t *testing.T, dir string, pages map[string]page) map[string]bool {
	t.Helper()
	linked := make(map[string]bool)
	for name, p := range pages {
		for _, link := range p.links {
			to := path.Join(path.Dir(name), link)
			if strings.HasPrefix(link, "https://") || link == "data:," {
				continue
			}
			if _, err := os.Stat(filepath.Join(dir, filepath.FromSlash(to))); err != nil {
				t.Errorf("%s links to %s: %v", name, link, err)
			}
			linked[to] = true
		}
	}
	return linked
}

// A page is what a test reads of it.
type page struct{ links []string }

// readPage checks that a page is well-formed and that its ids are unique.
func readPage(t *testing.T, name string, text []byte) (p page) {
	t.Helper()
	if !bytes.HasPrefix(text, []byte("<!DOCTYPE html>\n")) {
		t.Errorf("%s does not begin with its document type", name)
	}
	d := xml.NewDecoder(bytes.NewReader(text))
	ids := make(map[string]bool)
	for {
		token, err := d.Token()
		if errors.Is(err, io.EOF) {
			return p
		}
		if err != nil {
			t.Errorf("%s is not well-formed: %v", name, err)
			return p
		}
		start, ok := token.(xml.StartElement)
		if !ok {
			continue
		}
		for _, a := range start.Attr {
			switch a.Name.Local {
			case "href", "src":
				p.links = append(p.links, a.Value)
			case "id":
				if ids[a.Value] {
					t.Errorf("%s has two elements %q", name, a.Value)
				}
				ids[a.Value] = true
			}
		}
	}
}

// A folder with anything else in it is left as it is. A site is replaced.
func TestSiteFolder(t *testing.T) {
	dir := t.TempDir()
	ops := []*openapi.Operation{openapi.Lookup("GET", "v3/certificates")}
	old := filepath.Join(dir, "ops", "get-v3-old.html")
	if _, err := writeSite(dir, "", "", ops); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(old, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := writeSite(dir, "", "", ops); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(old); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("a page of the earlier site is there: %v", err)
	}
	other := t.TempDir()
	if err := os.WriteFile(filepath.Join(other, "notes.txt"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := writeSite(other, "", "", ops); exit.Code(err) != exit.Usage || !strings.Contains(err.Error(), "not empty") {
		t.Errorf("a folder with notes: %v", err)
	}
	for _, base := range []string{"pay.example.com", "/api", "https://", "://"} {
		if _, err := writeSite(t.TempDir(), base, "", ops); exit.Code(err) != exit.Usage {
			t.Errorf("--url %s: %v", base, err)
		}
	}
}
