package main

import (
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"slices"

	"github.com/wxchain/wechatpay/internal/errortable"
)

// A chapter is a part of the page.
type chapter struct {
	errortable.Chapter
	rows []row
}

// A row is an entry of a chapter.
type row struct {
	errortable.Entry
	messages []message
}

// load reads the messages from the code and puts them to their explanations.
func load(tree fs.FS) ([]chapter, error) {
	inCode := map[string]map[string]message{} // by package and key
	for _, r := range rooms {
		list, err := read(tree, r.folders)
		if err != nil {
			return nil, err
		}
		inCode[r.name] = map[string]message{}
		for _, m := range list {
			inCode[r.name][m.key] = m
		}
	}
	table, err := errortable.Load()
	if err != nil {
		return nil, err
	}
	chapters, explained, err := join(table, inCode)
	problems := []error{err}
	for _, r := range rooms {
		for _, key := range slices.Sorted(maps.Keys(inCode[r.name])) {
			m := inCode[r.name][key]
			if !explained[r.name+"\n"+key] && (m.name || !explained[key]) {
				problems = append(problems, fmt.Errorf("errors.jsonl lacks the message of %s: %q", r.name, key))
			}
		}
	}
	return chapters, errors.Join(problems...)
}

// join puts the messages of the code to the chapters. It also returns which messages they
// explain: by package and key, and by key alone for messages that more than one package has.
func join(table []errortable.Chapter, inCode map[string]map[string]message) (chapters []chapter, explained map[string]bool, err error) {
	explained = map[string]bool{}
	var problems []error
	for _, t := range table {
		c := chapter{Chapter: t}
		for _, e := range t.Entries {
			r := row{Entry: e}
			for _, key := range e.Messages {
				m, ok := inCode[c.Package][key]
				switch says := e.Says[key]; {
				case !ok || explained[c.Package+"\n"+key]:
					problems = append(problems, fmt.Errorf("errors.jsonl explains what the code of %s does not have, or twice: %q", c.Package, key))
				case m.name && m.text != "" && m.text != says:
					problems = append(problems, fmt.Errorf("errors.jsonl: %s.%s says %q, write that in says in place of %q", c.Package, key, m.text, says))
				}
				explained[c.Package+"\n"+key], explained[key] = true, true
				r.messages = append(r.messages, m)
			}
			c.rows = append(c.rows, r)
		}
		chapters = append(chapters, c)
	}
	return chapters, explained, errors.Join(problems...)
}
