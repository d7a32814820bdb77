package testkit

import "fmt"

// Full is a disk without room.
type Full struct{}

func (Full) Write([]byte) (int, error) { return 0, fmt.Errorf("no space left") }
