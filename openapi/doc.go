// Package openapi is a catalogue of WeChat Pay's operations: what is called,
// with which fields, of which types. It finds operations, by template
// ([Lookup]), by the path of a request ([Match]) and by words ([Search]),
// makes bodies that fit them ([Example]), and checks requests before they are
// sent ([Validate]).
//
// The catalogue is a fair copy of the platform's documentation and not the law:
// the platform adds operations, fields and values all the time. Nothing here
// refuses a call only because the catalogue does not know it.
//
// The facts are in operations.jsonl, one operation a line; a program that
// imports this package carries them compressed, and unpacks them once, when
// they are first asked for.
package openapi
