package batch

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"io"
	"iter"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/wxchain/wechatpay/cmd/wxpay/internal/shared/item"
)

// maxLine is how long a line of the input may be, in bytes.
const maxLine = 1 << 20

// A record is what one line of the input asks for.
type record struct {
	line  int64 // in the file, from 1
	items []item.Item
}

// An input is a file with a call on each line. It is read twice: to check all of
// it, and to send.
type input struct {
	file  *os.File
	size  int64
	saved time.Time // when it was last written to
	moved int64     // when it was last changed, as far as that is known; see changeTime
	seals *seals    // of what was read first
	parse func(r io.Reader, columns columns) iter.Seq2[record, error]
	columns
}

// openInput opens the file at path, whose extension says what it holds.
func openInput(path string, columns columns) (*input, error) {
	in := &input{columns: columns}
	switch extension := strings.ToLower(filepath.Ext(path)); extension {
	case ".jsonl", ".ndjson":
		in.parse = jsonRecords
	case ".csv":
		in.parse = csvRecords
	default:
		return nil, fmt.Errorf("--in %s: the extension %q is none that is known; it is .jsonl, with a JSON object on each line, or .csv, with names in the first row", path, extension)
	}
	file, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("--in: %w", err)
	}
	info, err := file.Stat()
	if err == nil && !info.Mode().IsRegular() {
		err = fmt.Errorf("%s is no file that can be read twice", path)
	}
	if err != nil {
		return nil, errors.Join(fmt.Errorf("--in: %w", err), file.Close())
	}
	in.file, in.size, in.saved, in.moved, in.seals = file, info.Size(), info.ModTime(), changeTime(info), new(seals)
	return in, nil
}

// records reads the file from its start. What was added to it since it was
// opened is left alone. All that is read is written to also. An error, which is
// the last, says where it is.
func (in *input) records(also io.Writer) iter.Seq2[record, error] {
	return func(yield func(record, error) bool) {
		if _, err := in.file.Seek(0, io.SeekStart); err != nil {
			yield(record{}, err)
			return
		}
		for r, err := range in.parse(io.TeeReader(in.seals.reader(in.file, in.size), also), in.columns) {
			if errors.Is(err, errChanged) {
				err = in.changed()
			} else if err != nil {
				err = in.at(r.line, err)
			}
			if !yield(r, err) || err != nil {
				return
			}
		}
	}
}

// unchanged fails when the file is not what was checked any more. Programs can set
// back the time when a file was written to, so what it holds is compared when the
// system says that something about it has changed.
func (in *input) unchanged() error {
	info, err := in.file.Stat()
	if err != nil {
		return err
	}
	if !info.ModTime().Equal(in.saved) {
		return in.changed()
	}
	moved := changeTime(info)
	if moved == in.moved || !in.seals.whole {
		return nil
	}
	whole := in.seals.reader(io.NewSectionReader(in.file, 0, in.size), in.size)
	if _, err := io.Copy(io.Discard, whole); errors.Is(err, errChanged) {
		return in.changed()
	} else if err != nil {
		return err
	}
	in.moved = moved
	return nil
}

func (in *input) changed() error {
	return fmt.Errorf("%s was changed while it was sent; make it what it was, and run the same command again", in.file.Name())
}

// at says of an error on which line it is.
func (in *input) at(line int64, err error) error {
	return fmt.Errorf("%s:%d: %w", in.file.Name(), line, err)
}

// A census is what the check of an input found.
type census struct {
	records  int64
	lastLine int64
	sum      hash.Hash
}

func newCensus() *census { return &census{sum: sha256.New()} }

func (c *census) count(r record) {
	c.records++
	c.lastLine = r.line
}

// sha256 is the sum of the whole file.
func (c *census) sha256() string { return hex.EncodeToString(c.sum.Sum(nil)) }

// bom is the mark that some programs put before UTF-8.
const bom = "\xef\xbb\xbf"

func skipBOM(b []byte) []byte { return bytes.TrimPrefix(b, []byte(bom)) }

var errLineTooLong = fmt.Errorf("the line is longer than %d bytes", maxLine)
