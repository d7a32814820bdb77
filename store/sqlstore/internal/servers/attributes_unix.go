//go:build unix && !linux

package servers

import (
	"os"
	"syscall"
)

// attributes runs a process as a user.
func attributes(uid, gid int, _ syscall.Signal) *syscall.SysProcAttr {
	if uid == os.Getuid() {
		return nil
	}
	return &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}}
}
