//go:build !race

package sandbox_test

// connections are as many as the sandbox must bear.
const connections = 10_000
