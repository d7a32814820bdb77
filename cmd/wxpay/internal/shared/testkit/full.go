package testkit

import "fmt"

// Full is a writer that behaves as a full disk.
type Full struct{}

func (Full) Write([]byte) (int, error) { return 0, fmt.Errorf("no space left") }
