// Speedgen shows what BenchmarkSpeed, in interop, recorded: as a picture, and as a
// table in the guide of each language.
//
//	go run ./internal/speedgen RECORD PICTURE GUIDE GUIDE.zh-CN
package main

import (
	"bytes"
	"fmt"
	"log"
	"os"

	"github.com/wxchain/wechatpay/internal/speed"
)

func main() {
	log.SetFlags(0)
	log.SetPrefix("speedgen: ")
	if len(os.Args) != 5 {
		log.Fatal("usage: speedgen RECORD PICTURE GUIDE GUIDE.zh-CN")
	}
	if err := generate(os.Args[1], os.Args[2], os.Args[3], os.Args[4]); err != nil {
		log.Fatal(err)
	}
}

func generate(record, picture, guide, guideZh string) error {
	run, err := speed.Read(record)
	if err != nil {
		return err
	}
	for file, language := range map[string]language{guide: english, guideZh: chinese} {
		text, err := os.ReadFile(file)
		if err != nil {
			return err
		}
		if text, err = insert(text, language.table(run)); err != nil {
			return fmt.Errorf("%s: %w", file, err)
		}
		if err := os.WriteFile(file, text, 0o644); err != nil {
			return err
		}
	}
	return os.WriteFile(picture, draw(run), 0o644)
}

// The table is between these lines.
const (
	start = "<!-- The lines from here on are written by internal/speedgen. -->\n"
	end   = "<!-- The lines above are written by internal/speedgen. -->\n"
)

// insert replaces what is between the marks.
func insert(text []byte, table string) ([]byte, error) {
	before, rest, ok := bytes.Cut(text, []byte(start))
	_, after, closed := bytes.Cut(rest, []byte(end))
	if !ok || !closed {
		return nil, fmt.Errorf("the lines %q and %q are missing", start, end)
	}
	return fmt.Appendf(nil, "%s%s\n%s\n%s%s", before, start, table, end, after), nil
}
