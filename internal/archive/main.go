// Archive packs a folder into a .tar.gz or .zip that depends on nothing but the names
// and contents of its files: they are sorted, belong to nobody and have one time.
//
//	go run ./internal/archive DIR ARCHIVE SECONDS
//
// The archive has the name of the folder at its top. SECONDS is the time since 1970.
package main

import (
	"archive/tar"
	"archive/zip"
	"cmp"
	"compress/flate"
	"compress/gzip"
	"fmt"
	"io"
	"io/fs"
	"log"
	"os"
	"path"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

func main() {
	log.SetFlags(0)
	log.SetPrefix("archive: ")
	if len(os.Args) != 4 {
		log.Fatal("usage: archive DIR ARCHIVE SECONDS")
	}
	seconds, err := strconv.ParseInt(os.Args[3], 10, 64)
	if err != nil {
		log.Fatal(err)
	}
	if err := pack(os.Args[1], os.Args[2], time.Unix(seconds, 0).UTC()); err != nil {
		log.Fatal(err)
	}
}

// pack packs a folder.
func pack(dir, archive string, at time.Time) error {
	f, err := os.Create(archive)
	if err != nil {
		return err
	}
	defer f.Close()
	switch {
	case strings.HasSuffix(archive, ".tar.gz"):
		err = writeTar(f, dir, at)
	case strings.HasSuffix(archive, ".zip"):
		err = writeZip(f, dir, at)
	default:
		err = fmt.Errorf("%s: want .tar.gz or .zip", archive)
	}
	return cmp.Or(err, f.Close())
}

// each calls add for each file of a folder, in the order of their names.
func each(dir string, add func(name string, mode fs.FileMode, text []byte) error) error {
	return filepath.WalkDir(dir, func(file string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		info, err := entry.Info()
		if err != nil {
			return err
		}
		if !info.Mode().IsRegular() {
			return fmt.Errorf("%s is not a regular file", file)
		}
		text, err := os.ReadFile(file)
		if err != nil {
			return err
		}
		within, err := filepath.Rel(dir, file)
		if err != nil {
			return err
		}
		// What the umask left is not part of the archive; that a file is a program is.
		mode := fs.FileMode(0o644)
		if info.Mode()&0o100 != 0 {
			mode = 0o755
		}
		return add(path.Join(filepath.Base(dir), filepath.ToSlash(within)), mode, text)
	})
}

func writeTar(w io.Writer, dir string, at time.Time) error {
	compressor, err := gzip.NewWriterLevel(w, gzip.BestCompression)
	if err != nil {
		return err
	}
	t := tar.NewWriter(compressor)
	err = each(dir, func(name string, mode fs.FileMode, text []byte) error {
		header := &tar.Header{Name: name, Mode: int64(mode), Size: int64(len(text)), ModTime: at}
		if err := t.WriteHeader(header); err != nil {
			return err
		}
		_, err := t.Write(text)
		return err
	})
	return cmp.Or(err, t.Close(), compressor.Close())
}

func writeZip(w io.Writer, dir string, at time.Time) error {
	z := zip.NewWriter(w)
	z.RegisterCompressor(zip.Deflate, func(w io.Writer) (io.WriteCloser, error) {
		return flate.NewWriter(w, flate.BestCompression)
	})
	err := each(dir, func(name string, mode fs.FileMode, text []byte) error {
		header := &zip.FileHeader{Name: name, Method: zip.Deflate, Modified: at}
		header.SetMode(mode)
		file, err := z.CreateHeader(header)
		if err != nil {
			return err
		}
		_, err = file.Write(text)
		return err
	})
	return cmp.Or(err, z.Close())
}
