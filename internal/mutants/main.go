// Mutants changes one operator of a package after another and runs the package's
// tests with each change. A change that passes the tests shows what no test
// checks.
//
//	go run ./internal/mutants LIST FOLDER...
//
// FOLDER is the folder of a package, or one of its files. LIST has a line for each
// mutant whose change cannot be observed, and below it, indented, the reason:
//
//	signer/seal.go CONDITIONALS_BOUNDARY 9: if skew < 0 {
//		A skew of 0 is not refused, and so is never shown.
//
// The kind of a change is named as gremlins names it. The number is the column of
// the operator in the line that follows it; columns start at 1. A surviving mutant
// without a line is an error. A line whose mutant does not survive is an error
// too.
package main

import (
	"bufio"
	"bytes"
	"fmt"
	"log"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
)

func main() {
	log.SetFlags(0)
	log.SetPrefix("mutants: ")
	if len(os.Args) < 3 {
		log.Fatal("usage: mutants LIST FOLDER...")
	}
	found := 0
	for _, target := range os.Args[2:] {
		fmt.Println(target)
		problems, err := run(os.Args[1], path.Clean(filepath.ToSlash(target)))
		if err != nil {
			log.Fatal(err)
		}
		for _, p := range problems {
			fmt.Println(p)
		}
		found += len(problems)
	}
	if found > 0 {
		os.Exit(1)
	}
}

// run tries the mutants of a package or of a file, and returns what is wrong with
// the list, sorted.
func run(list, target string) ([]string, error) {
	text, err := os.ReadFile(list)
	if err != nil {
		return nil, err
	}
	known, err := parse(text)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", list, err)
	}
	living, err := survivors(target)
	if err != nil {
		return nil, err
	}
	var problems []string
	for name := range living {
		if !known[name] {
			problems = append(problems, "lives: "+name)
		}
	}
	for name := range known {
		file, _, _ := strings.Cut(name, " ")
		if (file == target || path.Dir(file) == target) && !living[name] {
			problems = append(problems, "does not live any more: "+name)
		}
	}
	slices.Sort(problems)
	return problems, nil
}

// parse reads the list.
func parse(text []byte) (map[string]bool, error) {
	known := make(map[string]bool)
	mutant, reason := "", true
	done := func() error {
		if !reason {
			return fmt.Errorf("%s has no reason", mutant)
		}
		return nil
	}
	lines := bufio.NewScanner(bytes.NewReader(text))
	for lines.Scan() {
		line := lines.Text()
		switch {
		case line == "", strings.HasPrefix(line, "#"):
		case strings.HasPrefix(line, "\t"):
			reason = true
		default:
			if err := done(); err != nil {
				return nil, err
			}
			if known[line] {
				return nil, fmt.Errorf("%s is there twice", line)
			}
			mutant, reason = line, false
			known[line] = true
		}
	}
	if err := lines.Err(); err != nil {
		return nil, err
	}
	return known, done()
}

// survivors returns the names of the surviving mutants of a package or of a file.
func survivors(target string) (map[string]bool, error) {
	all, err := mutants(target)
	if err != nil {
		return nil, err
	}
	work, err := os.MkdirTemp("", "mutants-*")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(work)
	t, err := newTrial(path.Dir(all[0].file), work)
	if err != nil {
		return nil, err
	}
	living := make(map[string]bool)
	for _, m := range all {
		lives, err := t.lives(m)
		if err != nil {
			return nil, err
		}
		if lives {
			living[m.name] = true
		}
	}
	return living, nil
}
