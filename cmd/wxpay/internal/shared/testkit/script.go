package testkit

import (
	"errors"
	osexec "os/exec"
	"strconv"

	"github.com/rogpeppe/go-internal/testscript"
)

// ExitCode is the script command exitcode. It runs a command and checks its
// exit code: exitcode 2 wxpay ….
func ExitCode(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: exitcode N command...")
	}
	got := "0"
	if err := ts.Exec(args[1], args[2:]...); err != nil {
		exit := (*osexec.ExitError)(nil)
		if !errors.As(err, &exit) {
			ts.Fatalf("%v", err)
		}
		got = strconv.Itoa(exit.ExitCode())
	}
	if got != args[0] {
		ts.Fatalf("exit %s, want %s", got, args[0])
	}
}
