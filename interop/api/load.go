package main

import (
	"errors"
	"fmt"
	"go/token"
	"go/types"
	"maps"
	"slices"
	"strings"

	"golang.org/x/tools/go/packages"
)

// An api is the packages of one version, by their paths.
type api struct {
	module  string
	folders []string // of the modules
	own     map[string]*types.Package
}

// load loads the packages of modules from their folders. The module is the path of the
// first, with which those of the others begin.
func load(module string, folders ...string) (*api, error) {
	a := &api{module: module, folders: folders, own: make(map[string]*types.Package)}
	for _, folder := range folders {
		list, err := loadFrom(folder, "./...")
		if err != nil {
			return nil, err
		}
		for _, p := range list {
			if p.Name != "main" {
				a.own[p.PkgPath] = p.Types
			}
		}
	}
	return a, nil
}

// loadFrom loads packages as the module in a folder sees them.
func loadFrom(folder string, patterns ...string) ([]*packages.Package, error) {
	config := &packages.Config{Mode: packages.NeedName | packages.NeedTypes, Dir: folder, Fset: token.NewFileSet()}
	list, err := packages.Load(config, patterns...)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", folder, err)
	}
	var mistakes []error
	for _, p := range list {
		for _, mistake := range p.Errors {
			mistakes = append(mistakes, fmt.Errorf("%s: %w", folder, mistake))
		}
	}
	return list, errors.Join(mistakes...)
}

func (a *api) isOwn(path string) bool {
	return path == a.module || strings.HasPrefix(path, a.module+"/")
}

// public returns the packages that others can import, sorted by their paths.
func (a *api) public() (list []*types.Package) {
	for _, path := range slices.Sorted(maps.Keys(a.own)) {
		if segments := strings.Split(path, "/"); !slices.Contains(segments, "internal") && !slices.Contains(segments, "examples") {
			list = append(list, a.own[path])
		}
	}
	return list
}

// loadOthers loads packages of other modules, with which the API was made. It takes each
// from the first folder whose module has it.
func (a *api) loadOthers(paths []string) (map[string]*types.Package, error) {
	found := make(map[string]*types.Package)
	var failure error
	for _, folder := range a.folders {
		if len(paths) == 0 {
			break
		}
		var list []*packages.Package
		list, failure = loadFrom(folder, paths...)
		for _, p := range list {
			if len(p.Errors) == 0 {
				found[p.PkgPath] = p.Types
			}
		}
		paths = slices.DeleteFunc(paths, func(path string) bool { return found[path] != nil })
	}
	if len(paths) > 0 {
		return nil, fmt.Errorf("the last release had types of %s in its API: %w", strings.Join(paths, ", "), failure)
	}
	return found, nil
}
