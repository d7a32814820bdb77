// Package interop tests that other SDKs work with the sandbox of this library,
// and so that it speaks as the platform does. Its folder toxic tests calls over a
// network that fails. It is a module of its own, whose dependencies nobody gets who
// imports the library.
package interop
