// Package apiv2 has the rules about APIv2 answers that the client and the
// middlewares share.
package apiv2

import (
	"bufio"
	"bytes"
	"io"
	"net/http"
)

// Succeeded reports whether a return_code or a result_code reports success. Some
// answers lack one of them, so an empty code counts as success.
func Succeeded(code string) bool { return code == "" || code == "SUCCESS" }

// IsXML reports whether the body of resp starts like XML. A bill starts with text
// or gzip. The body can still be read from its start.
func IsXML(resp *http.Response) bool {
	r := bufio.NewReader(resp.Body)
	resp.Body = struct {
		io.Reader
		io.Closer
	}{r, resp.Body}
	start, _ := r.Peek(16) // reading the body later reports the same error
	return StartsAsXML(start)
}

// StartsAsXML does for the start of a body what [IsXML] does for an answer.
func StartsAsXML(start []byte) bool {
	start = bytes.TrimLeft(bytes.TrimPrefix(start, []byte("\ufeff")), " \t\r\n")
	return bytes.HasPrefix(start, []byte("<"))
}
