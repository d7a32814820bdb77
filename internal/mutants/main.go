// Mutants compares a report of gremlins about a package with the list of mutants
// that may survive. A mutant is the package with one operator changed. A mutant
// that passes the tests shows code that the tests do not check.
//
//	go run ./internal/mutants LIST FOLDER REPORT
//
// FOLDER is the folder of the package, and REPORT is the JSON file that gremlins
// wrote about it. LIST has a line for each mutant whose change cannot be
// observed, and below it, indented, the reason:
//
//	signer/seal.go CONDITIONALS_BOUNDARY 9: if skew < 0 {
//		A skew of 0 is not refused, and so is never shown.
//
// The number is the column of the operator in the line that follows it; columns
// start at 1. A surviving mutant without a line is an error. A line whose mutant
// does not survive is an error too.
package main

import (
	"bufio"
	"bytes"
	"encoding/json"
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
	if len(os.Args) != 4 {
		log.Fatal("usage: mutants LIST FOLDER REPORT")
	}
	problems, err := run(os.Args[1], os.Args[2], os.Args[3])
	if err != nil {
		log.Fatal(err)
	}
	for _, p := range problems {
		fmt.Println(p)
	}
	if len(problems) > 0 {
		os.Exit(1)
	}
}

// run returns what is wrong with the list, sorted.
func run(list, folder, report string) ([]string, error) {
	text, err := os.ReadFile(list)
	if err != nil {
		return nil, err
	}
	known, err := parse(text)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", list, err)
	}
	living, err := survivors(folder, report)
	if err != nil {
		return nil, err
	}
	var problems []string
	for mutant := range living {
		if !known[mutant] {
			problems = append(problems, "lives: "+mutant)
		}
	}
	for mutant := range known {
		name, _, _ := strings.Cut(mutant, " ")
		if path.Dir(name) == filepath.ToSlash(folder) && !living[mutant] {
			problems = append(problems, "does not live any more: "+mutant)
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

// survivors returns the surviving mutants in the form of the list.
func survivors(folder, report string) (map[string]bool, error) {
	text, err := os.ReadFile(report)
	if err != nil {
		return nil, err
	}
	var r struct {
		Files []struct {
			Name      string `json:"file_name"`
			Mutations []struct {
				Type, Status string
				Line, Column int
			}
		}
	}
	if err := json.Unmarshal(text, &r); err != nil {
		return nil, fmt.Errorf("%s: %w", report, err)
	}
	living := make(map[string]bool)
	for _, f := range r.Files {
		name := path.Join(filepath.ToSlash(folder), path.Base(f.Name))
		source, err := os.ReadFile(filepath.FromSlash(name))
		if err != nil {
			return nil, err
		}
		lines := strings.Split(string(source), "\n")
		for _, m := range f.Mutations {
			if m.Status != "LIVED" {
				continue
			}
			if m.Line < 1 || m.Line > len(lines) {
				return nil, fmt.Errorf("%s: %s has no line %d", report, name, m.Line)
			}
			line := lines[m.Line-1]
			code := strings.TrimLeft(line, "\t")
			living[fmt.Sprintf("%s %s %d: %s", name, m.Type, m.Column-(len(line)-len(code)), code)] = true
		}
	}
	if len(r.Files) == 0 {
		return nil, fmt.Errorf("%s reports no files", report)
	}
	return living, nil
}
