package main

import (
	"archive/tar"
	"archive/zip"
	"bytes"
	"compress/gzip"
	"errors"
	"io"
	"maps"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

var (
	at    = time.Date(2026, 3, 4, 5, 6, 8, 0, time.UTC)
	files = map[string]string{"wxpay": "program", "README.md": "text\n", "man/man1/wxpay.1": strings.Repeat("page ", 1000), "空": ""}
)

// folder writes the files, in any order and at other times, and returns their folder.
func folder(t *testing.T, umask os.FileMode, written time.Time) string {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "wxpay_1.2.3_linux_amd64")
	for name, text := range files {
		path := filepath.Join(dir, filepath.FromSlash(name))
		mode := os.FileMode(0o666)
		if name == "wxpay" {
			mode = 0o777
		}
		if err := errors.Join(os.MkdirAll(filepath.Dir(path), 0o755), os.WriteFile(path, []byte(text), mode&^umask), os.Chmod(path, mode&^umask), os.Chtimes(path, written, written)); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// The same files make the same bytes, whatever the folder, their times and the umask.
func TestReproducible(t *testing.T) {
	for _, ending := range []string{".tar.gz", ".zip"} {
		var archives [][]byte
		for _, dir := range []string{folder(t, 0o022, time.Unix(1, 0)), folder(t, 0o077, time.Now())} {
			archive := filepath.Join(t.TempDir(), "x"+ending)
			if err := pack(dir, archive, at); err != nil {
				t.Fatal(err)
			}
			data, err := os.ReadFile(archive)
			if err != nil {
				t.Fatal(err)
			}
			archives = append(archives, data)
		}
		if !bytes.Equal(archives[0], archives[1]) {
			t.Errorf("two archives %s of the same files differ", ending)
		}
	}
}

func TestTar(t *testing.T) {
	archive := filepath.Join(t.TempDir(), "x.tar.gz")
	if err := pack(folder(t, 0o022, time.Now()), archive, at); err != nil {
		t.Fatal(err)
	}
	f, err := os.Open(archive)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	unpacked, err := gzip.NewReader(f)
	if err != nil {
		t.Fatal(err)
	}
	got := make(map[string]string)
	for r := tar.NewReader(unpacked); ; {
		header, err := r.Next()
		if err == io.EOF {
			break
		}
		text, readErr := io.ReadAll(r)
		if err := errors.Join(err, readErr); err != nil {
			t.Fatal(err)
		}
		name := strings.TrimPrefix(header.Name, "wxpay_1.2.3_linux_amd64/")
		got[name] = string(text)
		if isProgram := header.Mode == 0o755; isProgram != (name == "wxpay") || header.Uid != 0 || header.Uname != "" || !header.ModTime.Equal(at) {
			t.Errorf("%+v", header)
		}
	}
	if !maps.Equal(got, files) {
		t.Errorf("got %v", got)
	}
}

func TestZip(t *testing.T) {
	archive := filepath.Join(t.TempDir(), "x.zip")
	if err := pack(folder(t, 0o022, time.Now()), archive, at); err != nil {
		t.Fatal(err)
	}
	z, err := zip.OpenReader(archive)
	if err != nil {
		t.Fatal(err)
	}
	defer z.Close()
	got := make(map[string]string)
	for _, file := range z.File {
		r, err := file.Open()
		if err != nil {
			t.Fatal(err)
		}
		text, err := io.ReadAll(r)
		if err != nil {
			t.Fatal(err)
		}
		name := strings.TrimPrefix(file.Name, "wxpay_1.2.3_linux_amd64/")
		got[name] = string(text)
		if isProgram := file.Mode() == 0o755; isProgram != (name == "wxpay") || !file.Modified.Equal(at) {
			t.Errorf("%+v", file.FileHeader)
		}
	}
	if !maps.Equal(got, files) {
		t.Errorf("got %v", got)
	}
}

func TestRefused(t *testing.T) {
	dir := folder(t, 0o022, time.Now())
	if err := pack(dir, filepath.Join(t.TempDir(), "x.rar"), at); err == nil || !strings.Contains(err.Error(), "want .tar.gz or .zip") {
		t.Errorf("a .rar: %v", err)
	}
	if err := os.Symlink("wxpay", filepath.Join(dir, "link")); err != nil {
		t.Skip(err)
	}
	if err := pack(dir, filepath.Join(t.TempDir(), "x.zip"), at); err == nil || !strings.Contains(err.Error(), "link is not a regular file") {
		t.Errorf("a link: %v", err)
	}
}
