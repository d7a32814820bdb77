//go:build race

package sandbox_test

// connections are as many as leave room for other goroutines: the race detector
// knows 8128 at a time.
const connections = 4000
