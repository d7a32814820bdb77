package batch

import (
	"io/fs"
	"syscall"
)

// changeTime is when a file or its name was last changed, which nobody can set,
// or 0 where it is not known.
func changeTime(info fs.FileInfo) int64 {
	if stat, ok := info.Sys().(*syscall.Stat_t); ok {
		return stat.Ctim.Nano()
	}
	return 0
}
