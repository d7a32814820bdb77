package mcp

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"regexp"
	"sync"
	"unicode/utf8"

	"github.com/modelcontextprotocol/go-sdk/jsonrpc"
	"github.com/modelcontextprotocol/go-sdk/mcp"

	"github.com/wxchain/wechatpay/internal/shallow"
)

// A stdio is a transport on which each message is a line. A line that is not a message is
// answered with an error, and the next line is read. The transports of the SDK end with
// the first such line.
type stdio struct {
	in  io.Reader
	out io.Writer
}

// Connect starts to read. The goroutine that reads ends with the input. No way to
// interrupt it works for all standard inputs, so it may outlive the connection.
func (t stdio) Connect(context.Context) (mcp.Connection, error) {
	c := &connection{
		out: t.out, lines: make(chan line), closed: make(chan struct{}),
		unanswered: make(map[jsonrpc.ID]bool), answered: make(chan struct{}, 1),
	}
	go c.receive(t.in)
	return c, nil
}

// A connection is what a stdio connects.
type connection struct {
	lines chan line

	mu         sync.Mutex // guards out and unanswered
	out        io.Writer
	unanswered map[jsonrpc.ID]bool
	answered   chan struct{} // has a value if an answer was written

	once   sync.Once
	closed chan struct{}
}

// A line is a line of the input, or the error that ended it.
type line struct {
	text []byte
	err  error
}

// errTooLong reports a line that is longer than maxMessage. The next one can be read.
var errTooLong = fmt.Errorf("the line is longer than %d bytes; send less, such as a body without long texts", maxMessage)

// maxEnd is how many bytes of the start and of the end of a line that is too long are kept,
// to find the id of the call.
const maxEnd = 4 << 10

// receive reads lines until the input or the connection ends.
func (c *connection) receive(in io.Reader) {
	r := bufio.NewReader(in)
	for {
		text, err := readLine(r)
		select {
		case c.lines <- line{text, err}:
		case <-c.closed:
			return
		}
		if err != nil && !errors.Is(err, errTooLong) {
			return
		}
	}
}

// readLine returns the next line. Of a line that is too long, it keeps the start and the
// end.
func readLine(r *bufio.Reader) ([]byte, error) {
	var text []byte
	tooLong := false
	for {
		part, err := r.ReadSlice('\n')
		text = append(text, part...)
		if tooLong = tooLong || len(text) > maxMessage; tooLong && len(text) > 2*maxEnd {
			copy(text[maxEnd:], text[len(text)-maxEnd:])
			text = text[:2*maxEnd]
		}
		switch {
		case errors.Is(err, bufio.ErrBufferFull):
		case err != nil && !errors.Is(err, io.EOF):
			return nil, err
		case tooLong:
			return text, errTooLong
		case len(text) > 0: // the last line may lack its end
			return text, nil
		default:
			return nil, err
		}
	}
}

// Read returns the next message. The input ends when it has ended and all calls in it are
// answered.
func (c *connection) Read(ctx context.Context) (jsonrpc.Message, error) {
	for {
		select {
		case <-ctx.Done():
			return nil, ctx.Err()
		case <-c.closed:
			return nil, io.EOF
		case l := <-c.lines:
			if l.err != nil && !errors.Is(l.err, errTooLong) {
				return nil, c.ended(ctx, l.err)
			}
			msg, wrong := parseMessage(l)
			switch {
			case wrong != nil:
				if err := c.refuse(wrong); err != nil {
					return nil, err
				}
			case msg != nil:
				c.expect(msg)
				return msg, nil
			}
		}
	}
}

// ended waits until all calls are answered, and returns the error that ended the input.
func (c *connection) ended(ctx context.Context, err error) error {
	for {
		c.mu.Lock()
		n := len(c.unanswered)
		c.mu.Unlock()
		if n == 0 {
			return err
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-c.closed:
			return err
		case <-c.answered:
		}
	}
}

// expect notes that a message has to be answered, if it is a call.
func (c *connection) expect(msg jsonrpc.Message) {
	if call, ok := msg.(*jsonrpc.Request); ok && call.IsCall() {
		c.mu.Lock()
		defer c.mu.Unlock()
		c.unanswered[call.ID] = true
	}
}

// Write writes a message.
func (c *connection) Write(_ context.Context, msg jsonrpc.Message) error {
	data, err := jsonrpc.EncodeMessage(msg)
	if err != nil {
		return err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if answer, ok := msg.(*jsonrpc.Response); ok {
		delete(c.unanswered, answer.ID)
		select {
		case c.answered <- struct{}{}:
		default:
		}
	}
	_, err = c.out.Write(append(data, '\n'))
	return err
}

// refuse answers what is not a message.
func (c *connection) refuse(wrong *refusal) error {
	data, err := json.Marshal(wrong)
	if err != nil {
		return err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	_, err = c.out.Write(append(data, '\n'))
	return err
}

// Close ends the connection. The input and the output stay open.
func (c *connection) Close() error {
	c.once.Do(func() { close(c.closed) })
	return nil
}

// SessionID returns "", because a process has one session.
func (*connection) SessionID() string { return "" }

// A refusal is the answer to what is not a message.
//
// https://www.jsonrpc.org/specification#response_object
type refusal struct {
	Version string          `json:"jsonrpc"`
	ID      json.RawMessage `json:"id"` // null, unless the line has one
	Error   jsonrpc.Error   `json:"error"`
}

func newRefusal(id json.RawMessage, code int64, format string, args ...any) *refusal {
	return &refusal{"2.0", id, jsonrpc.Error{Code: code, Message: fmt.Sprintf(format, args...)}}
}

// parseMessage returns the message of a line, or how to answer a line that has none. It
// returns neither for a line that needs no answer: an empty one, and a wrong answer.
// Answering an error with another could go on for ever.
func parseMessage(l line) (jsonrpc.Message, *refusal) {
	text := bytes.TrimSpace(l.text)
	switch {
	case l.err != nil:
		return nil, newRefusal(idIn(text), jsonrpc.CodeParseError, "%v", l.err)
	case len(text) == 0:
		return nil, nil
	case !utf8.Valid(text):
		return nil, newRefusal(nil, jsonrpc.CodeParseError, "the line is not UTF-8")
	case !shallow.ValidJSON(text):
		return nil, newRefusal(nil, jsonrpc.CodeParseError, "the line is not valid JSON, or nested more than %d deep; a message is one line of JSON", shallow.MaxDepth)
	case text[0] == '[':
		return nil, newRefusal(nil, jsonrpc.CodeInvalidRequest, "a batch is not supported; write each message on a line of its own")
	}
	msg, err := jsonrpc.DecodeMessage(text)
	if err == nil {
		return msg, nil
	}
	var sent struct{ ID, Method, Result, Error json.RawMessage }
	json.Unmarshal(text, &sent) // a text or a number has no fields
	if sent.Method == nil && (sent.Result != nil || sent.Error != nil) {
		return nil, nil
	}
	if !isID(sent.ID) {
		sent.ID = nil
	}
	return nil, newRefusal(sent.ID, jsonrpc.CodeInvalidRequest, "the line is not a message of JSON-RPC 2.0: %s", cut(err.Error(), maxPiece))
}

var (
	idAtStart = regexp.MustCompile(`^\{(?:\s*"jsonrpc"\s*:\s*"2\.0"\s*,|\s*"method"\s*:\s*"[a-z/]*"\s*,)*\s*"id"\s*:\s*("[^"\\]{1,128}"|-?[0-9]{1,18})\s*,`)
	idAtEnd   = regexp.MustCompile(`\}(?:\s*,\s*"(?:jsonrpc|method)"\s*:\s*"[a-z0-9./]*")*\s*,\s*"id"\s*:\s*("[^"\\]{1,128}"|-?[0-9]{1,18})(?:\s*,\s*"(?:jsonrpc|method)"\s*:\s*"[a-z0-9./]*")*\s*\}$`)
)

// idIn returns the id of a call of which only the start and the end are known, so that the
// client does not wait for an answer. It returns nil if the id is at neither.
func idIn(text []byte) json.RawMessage {
	for _, place := range []*regexp.Regexp{idAtStart, idAtEnd} {
		if m := place.FindSubmatch(text); m != nil {
			return m[1]
		}
	}
	return nil
}

// isID reports whether JSON can identify a call: it is a text or a number.
func isID(raw json.RawMessage) bool {
	return len(raw) > 0 && (raw[0] == '"' || raw[0] == '-' || '0' <= raw[0] && raw[0] <= '9')
}
