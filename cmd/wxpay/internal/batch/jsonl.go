package batch

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"iter"
	"unicode/utf8"

	"github.com/tidwall/gjson"

	"github.com/wxchain/wechatpay/cmd/wxpay/internal/shared/item"
	"github.com/wxchain/wechatpay/cmd/wxpay/internal/shared/lang"
	"github.com/wxchain/wechatpay/cmd/wxpay/internal/shared/term"
	"github.com/wxchain/wechatpay/internal/shallow"
)

// jsonRecords reads lines that each hold a JSON object. It skips empty lines.
func jsonRecords(r io.Reader, columns columns) iter.Seq2[record, error] {
	return func(yield func(record, error) bool) {
		lines := bufio.NewReaderSize(r, maxLine)
		for n := int64(1); ; n++ {
			line, err := lines.ReadSlice('\n')
			if errors.Is(err, bufio.ErrBufferFull) {
				err = errLineTooLong
			}
			if err != nil && !errors.Is(err, io.EOF) {
				yield(record{line: n}, err)
				return
			}
			if n == 1 {
				line = skipBOM(line)
			}
			if line = bytes.TrimSpace(line); len(line) > 0 {
				items, bad := jsonItems(line, columns)
				if !yield(record{n, items}, bad) || bad != nil {
					return
				}
			}
			if err != nil {
				return
			}
		}
	}
}

// jsonItems turns the members of an object into items.
func jsonItems(line []byte, columns columns) (items []item.Item, err error) {
	switch {
	case !utf8.Valid(line):
		return nil, errNotUTF8
	case line[0] != '{':
		return nil, lang.Errorf("not a JSON object, such as {\"out_trade_no\": \"1217752501201407033233368018\"}")
	case !shallow.ValidJSON(line):
		return nil, lang.Errorf("not valid JSON%s", syntaxAt(line))
	}
	gjson.ParseBytes(bytes.Clone(line)).ForEach(func(name, value gjson.Result) bool {
		var i item.Item
		if i, err = columns.column(name.String()).fromJSON(value); err != nil {
			return false
		}
		for _, other := range items {
			if both := item.Overlap(i.Kind, i.Name, other.Kind, other.Name); both != "" {
				err = lang.Errorf("two members of the object set %s", term.Cut(both))
				return false
			}
		}
		items = append(items, i)
		return true
	})
	return items, err
}

// syntaxAt says where the syntax is wrong. It does not quote the text at that
// position.
func syntaxAt(line []byte) lang.Message {
	if at := (*json.SyntaxError)(nil); errors.As(json.Unmarshal(line, new(any)), &at) {
		return lang.Sprintf(", at byte %d", at.Offset)
	}
	return lang.Message{}
}

var errNotUTF8 = lang.Errorf("not UTF-8; save the file as UTF-8")
