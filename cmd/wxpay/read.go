package main

import (
	"fmt"
	"io"
	"os"
)

const maxBodyFile = 10 << 20 // bytes of a body from a file

// fileOrStdin reads a file, or of "-" the standard input.
func fileOrStdin(path string, stdin io.Reader) ([]byte, error) {
	if path == "-" {
		return readAll(stdin, "the standard input", maxBodyFile)
	}
	return readFile(path, maxBodyFile)
}

// firstOr is the first of the arguments, which may be left out.
func firstOr(args []string, otherwise string) string {
	if len(args) > 0 {
		return args[0]
	}
	return otherwise
}

// readFile reads a file that is at most limit bytes long.
func readFile(path string, limit int64) ([]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return readAll(f, path, limit)
}

// readAll reads r, which is called name, if it is at most limit bytes long.
func readAll(r io.Reader, name string, limit int64) ([]byte, error) {
	text, err := io.ReadAll(io.LimitReader(r, limit+1))
	if err != nil {
		return nil, err
	}
	if int64(len(text)) > limit {
		return nil, fmt.Errorf("%s is longer than %d bytes", name, limit)
	}
	return text, nil
}
