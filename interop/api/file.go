package main

import (
	"bytes"
	"cmp"
	"compress/gzip"
	"errors"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"go/types"
	"io"
	"maps"
	"slices"
	"strconv"

	"golang.org/x/tools/txtar"
)

// maxRecord is the length that a record may have, in bytes without compression.
const maxRecord = 16 << 20

// pack packs files, by the paths of their packages, into a record.
func pack(files map[string]string) ([]byte, error) {
	var archive txtar.Archive
	for _, path := range slices.Sorted(maps.Keys(files)) {
		archive.Files = append(archive.Files, txtar.File{Name: path, Data: []byte(files[path])})
	}
	var b bytes.Buffer
	w, err := gzip.NewWriterLevel(&b, gzip.BestCompression)
	if err != nil {
		return nil, err
	}
	_, err = w.Write(txtar.Format(&archive))
	err = errors.Join(err, w.Close())
	return b.Bytes(), err
}

// read reads a record. Packages of other modules are those that now imports.
func read(packed []byte, now *api) (*api, error) {
	r, err := gzip.NewReader(bytes.NewReader(packed))
	if err != nil {
		return nil, err
	}
	text, err := io.ReadAll(io.LimitReader(r, maxRecord+1))
	if err != nil {
		return nil, err
	}
	if len(text) > maxRecord {
		return nil, fmt.Errorf("the record is longer than %d bytes", maxRecord)
	}
	c := &checker{parsed: make(map[string]*ast.File), fset: token.NewFileSet(),
		api: &api{module: now.module, folders: now.folders, own: make(map[string]*types.Package)}}
	if err := c.parse(text); err != nil {
		return nil, err
	}
	if c.others, err = now.loadOthers(c.otherImports()); err != nil {
		return nil, err
	}
	for path := range c.parsed {
		if _, err := c.Import(path); err != nil {
			return nil, err
		}
	}
	return c.api, nil
}

// A checker checks the files of a record, and is the importer of each.
type checker struct {
	fset   *token.FileSet
	parsed map[string]*ast.File // by path
	others map[string]*types.Package
	api    *api
}

func (c *checker) parse(record []byte) error {
	for _, f := range txtar.Parse(record).Files {
		parsed, err := parser.ParseFile(c.fset, f.Name, f.Data, parser.SkipObjectResolution)
		if err != nil {
			return err
		}
		c.parsed[f.Name] = parsed
	}
	return nil
}

// otherImports returns the packages of other modules that the files import.
func (c *checker) otherImports() (paths []string) {
	for _, file := range c.parsed {
		for _, spec := range file.Imports {
			path, err := strconv.Unquote(spec.Path.Value)
			if err == nil && path != "unsafe" && !c.api.isOwn(path) {
				paths = append(paths, path)
			}
		}
	}
	slices.Sort(paths)
	return slices.Compact(paths)
}

// Import returns a package of the record, or one of another module.
func (c *checker) Import(path string) (*types.Package, error) {
	if path == "unsafe" {
		return types.Unsafe, nil
	}
	if pkg := cmp.Or(c.api.own[path], c.others[path]); pkg != nil {
		return pkg, nil
	}
	file := c.parsed[path]
	if file == nil {
		return nil, fmt.Errorf("the record lacks %s", path)
	}
	pkg, err := (&types.Config{Importer: c}).Check(path, c.fset, []*ast.File{file}, nil)
	c.api.own[path] = pkg
	return pkg, err
}
