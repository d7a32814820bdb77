//go:build !unix

package servers

import "syscall"

func attributes(int, int, syscall.Signal) *syscall.SysProcAttr { return nil }
