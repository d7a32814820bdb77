package batch

import (
	"io/fs"
	"syscall"
)

// changeTime returns the time when a file or its name last changed, or 0 if
// that is not known. Programs cannot set this time.
func changeTime(info fs.FileInfo) int64 {
	if stat, ok := info.Sys().(*syscall.Stat_t); ok {
		return stat.Ctim.Nano()
	}
	return 0
}
