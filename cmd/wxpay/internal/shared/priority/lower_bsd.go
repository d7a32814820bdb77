//go:build darwin || dragonfly || freebsd || netbsd || openbsd

package priority

import "syscall"

func lower() {
	if now, err := syscall.Getpriority(syscall.PRIO_PROCESS, 0); err == nil && now == 0 {
		_ = syscall.Setpriority(syscall.PRIO_PROCESS, 0, niceness)
	}
}
