// Package fleet tests batches on NATS JetStream: with servers, workers and
// publishers that are processes of their own, and a sandbox.
package fleet

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/nats-io/nats-server/v2/server"
)

const (
	// programVariable is the path of nats-server. Without it, the tests run the release
	// that go.mod names.
	programVariable = "WXPAY_NATS_SERVER"
	// serverVariable is the configuration file of a NATS server. With it, this program is
	// that server.
	serverVariable = "WXPAY_TEST_NATS_SERVER"
)

// wxpay is the path of the command.
var wxpay string

func TestMain(m *testing.M) {
	if file := os.Getenv(serverVariable); file != "" {
		serve(file)
		return
	}
	os.Exit(run(m))
}

func run(m *testing.M) int {
	dir, err := os.MkdirTemp("", "wxpay-*")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer os.RemoveAll(dir)
	wxpay = filepath.Join(dir, "wxpay.exe")
	build := exec.Command("go", "build", "-C", filepath.Join("..", ".."), "-o", wxpay, "./cmd/wxpay")
	if out, err := build.CombinedOutput(); err != nil {
		fmt.Fprintf(os.Stderr, "%v: %s\n", err, out)
		return 1
	}
	return m.Run()
}

// serve is a NATS server until the process is killed, or its input ends with the
// test.
func serve(file string) {
	s, err := embed(file)
	if err != nil {
		panic(err)
	}
	s.Start()
	if _, err := os.Stdin.Read(make([]byte, 1)); err != nil {
		s.Shutdown()
	}
}

// embed returns the server of a configuration file, in this process.
func embed(file string) (*server.Server, error) {
	o, err := server.ProcessConfigFile(file)
	if err != nil {
		return nil, err
	}
	o.NoSigs = true
	return server.NewServer(o)
}
