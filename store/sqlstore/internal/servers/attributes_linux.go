package servers

import (
	"os"
	"syscall"
)

// attributes runs a process as a user, and ends it with the test, even one that is
// killed.
func attributes(uid, gid int, end syscall.Signal) *syscall.SysProcAttr {
	attr := &syscall.SysProcAttr{Pdeathsig: end}
	if uid != os.Getuid() {
		attr.Credential = &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}
	}
	return attr
}
