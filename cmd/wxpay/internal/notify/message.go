package notify

import (
	"bufio"
	"bytes"
	"context"
	"io"
	"net/http"
	"net/http/httputil"
	"strconv"
	"strings"

	"github.com/wxchain/wechatpay/cmd/wxpay/internal/shared/lang"
)

// A message is a saved notification.
type message struct {
	header http.Header
	body   []byte
}

// isV2 reports whether the message is XML without the headers of APIv3.
func (m message) isV2() bool {
	return m.header.Get("Wechatpay-Signature") == "" && bytes.HasPrefix(bytes.TrimSpace(m.body), []byte("<"))
}

// parseMessage separates the headers of a message from its body. Text that
// begins like a body has no headers.
func parseMessage(text []byte) (message, error) {
	m := message{make(http.Header), text}
	if start := bytes.TrimSpace(text); len(start) == 0 {
		return m, lang.Errorf("the notification is empty")
	} else if start[0] == '{' || start[0] == '<' {
		return m, nil
	}
	r := bufio.NewReader(bytes.NewReader(text))
	for {
		line, err := r.ReadString('\n')
		line = strings.TrimPrefix(strings.TrimRight(line, "\r\n"), ">") // curl -v starts these lines with >
		if line = strings.TrimSpace(line); line == "" && err == nil && len(m.header) > 0 {
			break
		}
		if name, value, ok := strings.Cut(line, ":"); ok && !strings.ContainsAny(name, " \t") {
			m.header.Add(name, strings.TrimSpace(value))
		}
		if err != nil {
			return m, lang.Errorf("the notification has no body; the body follows the headers and a blank line")
		}
	}
	var err error
	m.body, err = m.unframe(r)
	return m, err
}

// unframe returns the body in the length or the chunks that the headers
// announce. It drops anything that an editor added after the body.
func (m message) unframe(r io.Reader) ([]byte, error) {
	if strings.EqualFold(m.header.Get("Transfer-Encoding"), "chunked") {
		body, err := io.ReadAll(r)
		if start := bytes.TrimSpace(body); err != nil || len(start) > 0 && (start[0] == '{' || start[0] == '<') {
			return body, err // the saved body is already without chunks
		}
		body, err = io.ReadAll(httputil.NewChunkedReader(bytes.NewReader(body)))
		if err != nil {
			return nil, lang.Errorf("the body is incomplete: its chunks end too soon")
		}
		return body, nil
	}
	if n, err := strconv.ParseInt(m.header.Get("Content-Length"), 10, 64); err == nil && n >= 0 {
		r = io.LimitReader(r, n)
	}
	return io.ReadAll(r)
}

// request returns the message as a handler receives it.
func (m message) request(ctx context.Context) (*http.Request, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, "/", bytes.NewReader(m.body))
	if err != nil {
		return nil, err
	}
	req.Header = m.header
	return req, nil
}
