// Package openapi is a catalogue of WeChat Pay's operations with their fields and
// types. It finds operations by template ([Lookup]), by the path of a request ([Match])
// and by words ([Search]), makes bodies that fit them ([Example]), and checks requests
// before they are sent ([Validate]).
//
// The catalogue copies the platform's documentation, but the platform adds operations,
// fields and values all the time. Unless you set [Strict], nothing here refuses a call
// only because the catalogue does not know it.
//
// The facts are in operations.jsonl, one operation a line: a copy of the documentation,
// base.jsonl, with the corrections of patches.jsonl, each of which names its sources. A
// program that imports this package contains the facts in compressed form. An operation is
// decompressed when it is first needed. That takes less than a millisecond, and a program
// keeps only what it used; [Operations] keeps all, about 11 MB.
package openapi
