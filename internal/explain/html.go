package explain

import (
	"embed"
	"html/template"
)

// Files holds operation.html, which defines the templates of the parts of a [Page]:
// operation-facts, operation-fields, operation-calls, operation-examples and
// operation-errors. Who uses them defines the template operation-copy, which is a button
// that copies the element with the id that is its data, or nothing. The classes are those of the
// console.
//
//go:embed operation.html
var Files embed.FS

// Funcs are the functions of the templates. show returns a text in the language of the
// page, or in both.
func Funcs(show func(Text) string) template.FuncMap {
	return template.FuncMap{
		"say":  func(zh, en string) string { return show(Text{zh, en}) },
		"tell": show,
	}
}
