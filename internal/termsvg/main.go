// Termsvg runs a command on a pseudo-terminal and draws what it shows.
//
//	go run ./internal/termsvg -prompt PROMPT FILE.svg COMMAND [ARGUMENT...]
//
// PROMPT is what a reader types to see the same. terminal.go reads the colours
// of what the command shows, and svg.go draws it.
package main

import (
	"bytes"
	"errors"
	"flag"
	"fmt"
	"io"
	"log"
	"os"
	"os/exec"

	"github.com/creack/pty"
)

func main() {
	log.SetFlags(0)
	log.SetPrefix("termsvg: ")
	prompt := flag.String("prompt", "", "the `command` that is shown as typed")
	flag.Parse()
	if flag.NArg() < 2 {
		log.Fatal("a file and a command are wanted")
	}
	if err := record(*prompt, flag.Arg(0), flag.Args()[1:]); err != nil {
		log.Fatal(err)
	}
}

// record runs a command and writes the picture, if the command succeeds.
func record(prompt, file string, command []string) error {
	shown, err := run(command)
	if err != nil {
		return fmt.Errorf("%q: %w", command, err)
	}
	lines, err := parse(shown)
	if err != nil {
		return fmt.Errorf("%q: %w", command, err)
	}
	return os.WriteFile(file, draw(prompt, lines), 0o644)
}

// maxShown is how much a command may show, in bytes.
const maxShown = 1 << 20

// run returns what a command shows on a terminal that has colours.
func run(command []string) (string, error) {
	terminal, screen, err := pty.Open()
	if err != nil {
		return "", err
	}
	defer terminal.Close()
	cmd := exec.Command(command[0], command[1:]...)
	cmd.Env = append(os.Environ(), "TERM=xterm", "NO_COLOR=")
	cmd.Stdout, cmd.Stderr = screen, os.Stderr
	err = cmd.Start()
	screen.Close() // the command has it now
	if err != nil {
		return "", err
	}
	var shown bytes.Buffer
	// On Linux the end of a terminal is an error, which tells nothing.
	if n, _ := io.Copy(&shown, io.LimitReader(terminal, maxShown)); n == maxShown {
		return "", errors.Join(fmt.Errorf("it shows %d bytes or more", maxShown), cmd.Process.Kill(), cmd.Wait())
	}
	return shown.String(), cmd.Wait()
}
