package batch

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"hash"
	"io"
	"iter"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/wxchain/wechatpay/cmd/wxpay/internal/shared/item"
	"github.com/wxchain/wechatpay/cmd/wxpay/internal/shared/lang"
)

// maxLine is the maximum length of a line of the input, in bytes.
const maxLine = 1 << 20

// A record is the call that one line of the input describes.
type record struct {
	line  int64 // number of the line in the file, from 1
	items []item.Item
}

// An input is a file with a call on each line. It is read twice: first to check
// every call, then to send the calls.
type input struct {
	file  *os.File
	size  int64
	saved time.Time // when its content was last written
	moved int64     // when the file last changed, if that is known; see changeTime
	seals *seals    // of the content that was read first
	parse func(r io.Reader, columns columns) iter.Seq2[record, error]
	columns
}

// openInput opens the file at path. The extension gives its format.
func openInput(path string, columns columns) (*input, error) {
	in := &input{columns: columns}
	switch extension := strings.ToLower(filepath.Ext(path)); extension {
	case ".jsonl", ".ndjson":
		in.parse = jsonRecords
	case ".csv":
		in.parse = csvRecords
	default:
		return nil, lang.Errorf("--in %s: the extension %q is unknown; use .jsonl, with a JSON object on each line, or .csv, with names in the first row", path, extension)
	}
	file, err := os.Open(path)
	if err != nil {
		return nil, lang.Errorf("--in: %w", err)
	}
	info, err := file.Stat()
	if err == nil && !info.Mode().IsRegular() {
		err = lang.Errorf("%s is not a file that can be read twice", path)
	}
	if err != nil {
		return nil, errors.Join(lang.Errorf("--in: %w", err), file.Close())
	}
	in.file, in.size, in.saved, in.moved, in.seals = file, info.Size(), info.ModTime(), changeTime(info), new(seals)
	return in, nil
}

// records reads the file from its start. It ignores lines that were added after
// the file was opened. It also writes everything it reads to also. An error
// says where it is, and is the last element.
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

// unchanged returns an error if the file differs from the one that was checked.
// Programs can set back the time of the last write. So if the system reports
// any change to the file, unchanged compares the content.
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
	return lang.Errorf("%s was changed while it was sent; restore its content, and run the same command again", in.file.Name())
}

// at adds the file and the line to an error.
func (in *input) at(line int64, err error) error {
	return lang.Errorf("%s:%d: %w", in.file.Name(), line, err)
}

// A census is the result of checking an input.
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

// sha256 returns the hash of the whole file.
func (c *census) sha256() string { return hex.EncodeToString(c.sum.Sum(nil)) }

// bom is the byte order mark that some programs write before UTF-8 text.
const bom = "\xef\xbb\xbf"

func skipBOM(b []byte) []byte { return bytes.TrimPrefix(b, []byte(bom)) }

var errLineTooLong = lang.Errorf("the line is longer than %d bytes", maxLine)
