package batch

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"io"

	"github.com/wxchain/wechatpay/cmd/wxpay/internal/shared/lang"
)

// errChanged is the error of an input that changed after it was first read.
var errChanged = lang.Errorf("the file was changed")

// sealed is the number of input bytes that one seal covers.
const sealed = 256 << 10

// seals are the hashes of the parts of an input. The first complete read
// computes them. Later reads compare them.
type seals struct {
	hashes [][sha256.Size]byte
	whole  bool // the first read is complete
}

// reader reads n bytes of r, one part at a time. A later read returns the same
// bytes as the first one, or it fails with errChanged.
func (s *seals) reader(r io.Reader, size int64) io.Reader {
	if !s.whole {
		s.hashes = s.hashes[:0]
	}
	return &sealedReader{seals: s, file: io.LimitReader(r, size), buffer: make([]byte, sealed), left: size}
}

type sealedReader struct {
	seals  *seals
	file   io.Reader
	buffer []byte
	part   bytes.Reader // its seal was computed or compared
	n      int          // parts that were read
	left   int64        // bytes after part
}

func (r *sealedReader) Read(p []byte) (int, error) {
	if r.part.Len() == 0 {
		if err := r.next(); err != nil {
			return 0, err
		}
	}
	return r.part.Read(p)
}

// next reads a part and computes or compares its seal.
func (r *sealedReader) next() error {
	if r.left == 0 {
		r.seals.whole = true
		return io.EOF
	}
	part := r.buffer[:min(r.left, sealed)]
	if _, err := io.ReadFull(r.file, part); errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return errChanged // the file is shorter than before
	} else if err != nil {
		return err
	}
	hash := sha256.Sum256(part)
	if !r.seals.whole {
		r.seals.hashes = append(r.seals.hashes, hash)
	} else if r.n >= len(r.seals.hashes) || r.seals.hashes[r.n] != hash {
		return errChanged
	}
	r.n++
	r.left -= int64(len(part))
	r.part.Reset(part)
	return nil
}
