//go:build !(linux || darwin || dragonfly || freebsd || netbsd || openbsd || windows)

package priority

func lower() {}
