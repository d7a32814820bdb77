package notify

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httputil"
	"strconv"
	"strings"
)

// A message is a notification that was kept.
type message struct {
	header http.Header
	body   []byte
}

// isV2 tells XML without the headers of APIv3.
func (m message) isV2() bool {
	return m.header.Get("Wechatpay-Signature") == "" && bytes.HasPrefix(bytes.TrimSpace(m.body), []byte("<"))
}

// parseMessage parts the headers of a message from its body. Text that starts
// as a body does has no headers.
func parseMessage(text []byte) (message, error) {
	m := message{make(http.Header), text}
	if start := bytes.TrimSpace(text); len(start) == 0 {
		return m, errors.New("the notification is empty")
	} else if start[0] == '{' || start[0] == '<' {
		return m, nil
	}
	r := bufio.NewReader(bytes.NewReader(text))
	for {
		line, err := r.ReadString('\n')
		line = strings.TrimPrefix(strings.TrimRight(line, "\r\n"), ">") // of curl -v
		if line = strings.TrimSpace(line); line == "" && err == nil && len(m.header) > 0 {
			break
		}
		if name, value, ok := strings.Cut(line, ":"); ok && !strings.ContainsAny(name, " \t") {
			m.header.Add(name, strings.TrimSpace(value))
		}
		if err != nil {
			return m, errors.New("the notification has no body: it comes after the headers and a blank line")
		}
	}
	var err error
	m.body, err = m.unframe(r)
	return m, err
}

// unframe reads the body as the headers say it was sent. What an editor put
// behind it is none of it.
func (m message) unframe(r io.Reader) ([]byte, error) {
	if strings.EqualFold(m.header.Get("Transfer-Encoding"), "chunked") {
		body, err := io.ReadAll(r)
		if start := bytes.TrimSpace(body); err != nil || len(start) > 0 && (start[0] == '{' || start[0] == '<') {
			return body, err // whoever kept it has put the chunks together
		}
		body, err = io.ReadAll(httputil.NewChunkedReader(bytes.NewReader(body)))
		if err != nil {
			return nil, errors.New("the body is not whole: its chunks end too soon")
		}
		return body, nil
	}
	if n, err := strconv.ParseInt(m.header.Get("Content-Length"), 10, 64); err == nil && n >= 0 {
		r = io.LimitReader(r, n)
	}
	return io.ReadAll(r)
}

// request is the message as a handler gets it.
func (m message) request(ctx context.Context) (*http.Request, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, "/", bytes.NewReader(m.body))
	if err != nil {
		return nil, err
	}
	req.Header = m.header
	return req, nil
}
