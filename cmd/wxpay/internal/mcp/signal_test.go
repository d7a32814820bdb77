//go:build unix

package mcp

import (
	"os"
	"testing"
)

// A signal ends the program, as the end of its input does.
func TestPipeSignal(t *testing.T) {
	p := startProgram(t)
	p.ask(`{"jsonrpc":"2.0","id":1,"method":"ping"}`) // it serves
	if err := p.Process.Signal(os.Interrupt); err != nil {
		t.Fatal(err)
	}
	p.wait()
}
