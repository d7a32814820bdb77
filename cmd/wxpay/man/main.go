// Command man writes the man pages of wxpay, a file for each command, into a folder.
//
//	go run ./cmd/wxpay/man DIR DATE
package main

import (
	"bytes"
	"iter"
	"log"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/cobra/doc"

	"github.com/wxchain/wechatpay"
	"github.com/wxchain/wechatpay/cmd/wxpay/internal/shared/cli"
	"github.com/wxchain/wechatpay/cmd/wxpay/internal/shared/commands"
)

func main() {
	log.SetFlags(0)
	log.SetPrefix("man: ")
	if len(os.Args) != 3 {
		log.Fatal("usage: man DIR DATE, with a date such as 2006-01-02")
	}
	date, err := time.Parse(time.DateOnly, os.Args[2])
	if err != nil {
		log.Fatal(err)
	}
	if err := write(os.Args[1], date); err != nil {
		log.Fatal(err)
	}
}

// write writes the pages of all commands.
func write(dir string, date time.Time) error {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	for cmd := range everyCommand(cli.Root(commands.All(nil))) {
		// Otherwise each page ends with the date of its making.
		cmd.DisableAutoGenTag = true
		cmd.Long = indented.ReplaceAllString(cmd.Long, "    ")
		var page bytes.Buffer
		header := &doc.GenManHeader{Section: "1", Date: &date, Source: "wxpay " + wechatpay.Version, Manual: "wxpay"}
		if err := doc.GenMan(cmd, header, &page); err != nil {
			return err
		}
		name := strings.ReplaceAll(cmd.CommandPath(), " ", "-") + ".1"
		if err := os.WriteFile(filepath.Join(dir, name), page.Bytes(), 0o644); err != nil {
			return err
		}
	}
	return nil
}

// indented is the indentation of a list in a help. The page takes the text for Markdown,
// which keeps lines with four spaces.
var indented = regexp.MustCompile(`(?m)^  `)

// everyCommand yields a command and the commands below it.
func everyCommand(cmd *cobra.Command) iter.Seq[*cobra.Command] {
	return func(yield func(*cobra.Command) bool) {
		rest := []*cobra.Command{cmd}
		for len(rest) > 0 {
			first := rest[0]
			rest = rest[1:]
			if !yield(first) {
				return
			}
			for _, sub := range first.Commands() {
				if sub.IsAvailableCommand() && !sub.IsAdditionalHelpTopicCommand() {
					rest = append(rest, sub)
				}
			}
		}
	}
}
