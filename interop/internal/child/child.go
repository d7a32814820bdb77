// Package child starts programs that do not outlive the one that started them. A test
// that times out runs no cleanup, and would leave them behind.
package child

import "os/exec"

// Start starts a program as its Start does. Where the system can do it, the program is
// killed when this one ends, however that ends.
func Start(cmd *exec.Cmd) error {
	tie(cmd)
	return cmd.Start()
}
