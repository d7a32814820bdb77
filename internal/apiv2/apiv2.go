// Package apiv2 has what the client and the middlewares both know of the
// answers of APIv2.
package apiv2

import (
	"bufio"
	"bytes"
	"io"
	"net/http"
)

// Succeeded reports whether a return_code or a result_code reports no failure.
// Not every answer has both, so an empty one does not either.
func Succeeded(code string) bool { return code == "" || code == "SUCCESS" }

// IsXML reports whether the body of resp starts as XML does. A bill starts as
// text or gzip. What IsXML looks at can still be read from the body.
func IsXML(resp *http.Response) bool {
	r := bufio.NewReader(resp.Body)
	resp.Body = struct {
		io.Reader
		io.Closer
	}{r, resp.Body}
	start, _ := r.Peek(16) // reading the body later reports the same error
	return StartsAsXML(start)
}

// StartsAsXML is [IsXML] for the start of a body.
func StartsAsXML(start []byte) bool {
	start = bytes.TrimLeft(bytes.TrimPrefix(start, []byte("\ufeff")), " \t\r\n")
	return bytes.HasPrefix(start, []byte("<"))
}
