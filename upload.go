package wechatpay

import (
	"context"
	"crypto/md5"
	"crypto/sha256"
	"errors"
	"fmt"
	"hash"
	"io"
	"mime"
	"os"
	"path"
	"path/filepath"
	"strings"
	"sync"
	"unicode"
	"unicode/utf8"
)

// maxUpload is the largest size of a file, in bytes: far above the platform's
// limit, and low enough not to fill a disk.
const maxUpload = 1 << 30

// An upload is a file on its way into the body of a call. It is streamed each
// time it is sent.
type upload struct {
	name  string
	file  io.ReaderAt
	from  int64 // where it starts in file
	size  int64
	sum   []byte // SHA-256 for APIv3, MD5 for APIv2
	quick bool   // file is in memory
	free  func() // releases what was opened

	mu      sync.Mutex
	reading int           // how many Reads of file have not returned
	over    bool          // the call is done, and no Read may begin
	idle    chan struct{} // closed when over is set and no Read goes on
}

// An opener opens a file and reads it to compute its digest. It gives up when ctx
// ends.
type opener func(ctx context.Context, h hash.Hash) (*upload, error)

// open opens the payload's file. Waiting for a disk or for the caller's reader
// may take longer than the call may.
func (p *payload) open(ctx context.Context, protocol Protocol) (*upload, error) {
	h := sha256.New()
	if protocol == APIv2 {
		h = md5.New()
	}
	return await(ctx, func() (*upload, error) { return p.file(ctx, h) }, func(u *upload) { u.free() })
}

// begin reports whether a Read may begin.
func (u *upload) begin() bool {
	u.mu.Lock()
	defer u.mu.Unlock()
	if !u.over {
		u.reading++
	}
	return !u.over
}

// end ends a Read. If the call is done, the last Read releases what was opened.
func (u *upload) end() {
	u.mu.Lock()
	defer u.mu.Unlock()
	u.reading--
	u.settle()
}

func (u *upload) settle() {
	if u.over && u.reading == 0 {
		u.free()
		close(u.idle)
	}
}

// close ends the reading. A transport may go on sending a body after it has
// received the answer, but then the reader belongs to the caller again. close
// waits for a Read that has begun, but not after ctx ends.
func (u *upload) close(ctx context.Context) {
	u.mu.Lock()
	u.over, u.idle = true, make(chan struct{})
	u.settle()
	u.mu.Unlock()
	select {
	case <-u.idle:
	case <-ctx.Done():
	}
}

// readSize is how many bytes of a file that is not in memory are read at a time.
// Each such read takes a goroutine.
const readSize = 256 << 10

// A fileReader reads an upload from its start, until ctx ends or the call is
// done.
type fileReader struct {
	ctx context.Context
	u   *upload
	off int64 // where the next read of the file starts

	// A file that is not in memory is read through buf.
	buf  []byte
	data []byte // the part of buf that Read has not returned yet
	err  error  // follows data, and ends the reading
}

func (r *fileReader) Read(p []byte) (int, error) {
	switch {
	case len(p) == 0:
		return 0, nil
	case r.u.quick:
		return r.next(p, r.u.read)
	}
	if len(r.data) == 0 && r.err == nil {
		if r.buf == nil {
			r.buf = make([]byte, min(readSize, r.u.size))
		}
		// After a read that goes on when ctx has ended, err is set, so nothing
		// uses buf again.
		var n int
		n, r.err = r.next(r.buf, func(p []byte, off int64) (int, error) {
			return await(r.ctx, func() (int, error) { return r.u.read(p, off) }, nil)
		})
		r.data = r.buf[:n]
	}
	n := copy(p, r.data)
	if r.data = r.data[n:]; len(r.data) > 0 {
		return n, nil
	}
	return n, r.err
}

// next reads the next bytes of the file to p by way of read.
func (r *fileReader) next(p []byte, read func(p []byte, off int64) (int, error)) (int, error) {
	rest := r.u.size - r.off
	switch {
	case rest == 0:
		return 0, io.EOF
	case !r.u.begin():
		return 0, os.ErrClosed
	}
	n, err := read(p[:min(int64(len(p)), rest)], r.off)
	r.off += int64(n)
	return n, err
}

// read reads the file at an offset from its start, and ends the Read that begin
// began.
func (u *upload) read(p []byte, off int64) (int, error) {
	defer u.end()
	n, err := u.file.ReadAt(p, u.from+off)
	if err == io.EOF {
		err = nil // size marks the end
		if n < len(p) {
			err = io.ErrUnexpectedEOF
		}
	}
	return n, err
}

// setFile makes the file at a path the upload.
func (p *payload) setFile(path string) error {
	if path == "" {
		return errors.New(`option "file" is empty, want the path of a file`)
	}
	name := filepath.Base(path)
	p.file = func(ctx context.Context, h hash.Hash) (*upload, error) {
		f, err := os.Open(path)
		if err != nil {
			return nil, err
		}
		info, err := f.Stat()
		if err == nil && !info.Mode().IsRegular() {
			err = fmt.Errorf("%s is not a file", path)
		}
		if err == nil && !isFileName(name) {
			err = fmt.Errorf("%q cannot be sent as the name of a file; take Upload and a name like apply.jpg", name)
		}
		u := &upload{name: name, file: f, free: func() { f.Close() }}
		if err == nil {
			u.size = info.Size()
			err = u.check(ctx, h)
		}
		if err != nil {
			f.Close()
			return nil, err
		}
		return u, nil
	}
	return nil
}

// setUpload makes the content of r the upload, with a file name.
func (p *payload) setUpload(name string, r io.Reader) error {
	switch {
	case isNil(r):
		return errors.New("Upload: the reader is nil")
	case !isFileName(name):
		return fmt.Errorf("Upload: %q is not the name of a file; it is like apply.jpg", name)
	}
	p.file = func(ctx context.Context, h hash.Hash) (*upload, error) {
		u := &upload{name: name, free: func() {}}
		rs, ok := r.(io.ReadSeeker)
		if !ok {
			return u, u.spool(ctx, h, r)
		}
		from, err := rs.Seek(0, io.SeekCurrent)
		if err != nil { // an *os.File may be a pipe
			return u, u.spool(ctx, h, r)
		}
		end, err := rs.Seek(0, io.SeekEnd)
		if err == nil {
			_, err = rs.Seek(from, io.SeekStart)
		}
		if err != nil {
			return nil, err
		}
		if u.file, ok = r.(io.ReaderAt); !ok {
			u.file = &seekerAt{rs: rs}
		}
		u.from, u.size = from, end-from
		u.quick = isInMemory(r)
		return u, u.check(ctx, h)
	}
	return nil
}

// isFileName reports whether a name is allowed in the header of a part and in
// meta.
func isFileName(name string) bool {
	return utf8.ValidString(name) && name == path.Base(name) && strings.Trim(name, ".") != "" &&
		!strings.Contains(name, `\`) && !strings.ContainsFunc(name, unicode.IsControl)
}

// spool copies a reader that cannot be read twice to a temporary file, which
// exists until the call ends.
func (u *upload) spool(ctx context.Context, h hash.Hash, r io.Reader) error {
	f, err := os.CreateTemp("", "wechatpay-upload-*")
	if err != nil {
		return err
	}
	u.file, u.free = f, func() {
		f.Close()
		os.Remove(f.Name())
	}
	u.size, err = io.Copy(io.MultiWriter(f, h), io.LimitReader(watched{ctx, r}, maxUpload+1))
	if err == nil {
		err = checkSize(u.size)
	}
	if err != nil {
		u.free()
		return err
	}
	u.sum = h.Sum(nil)
	return nil
}

// check reads the file once to compute its digest.
func (u *upload) check(ctx context.Context, h hash.Hash) error {
	if err := checkSize(u.size); err != nil {
		return err
	}
	n, err := io.Copy(h, watched{ctx, io.NewSectionReader(u.file, u.from, u.size)})
	if err == nil && n < u.size {
		err = fmt.Errorf("it ends after %d of %d bytes", n, u.size)
	}
	u.sum = h.Sum(nil)
	return err
}

func checkSize(size int64) error {
	switch {
	case size == 0:
		return errors.New("it is empty; a reader serves one call and has to be made anew for the next")
	case size > maxUpload:
		return fmt.Errorf("it is longer than %d bytes", maxUpload)
	}
	return nil
}

// A seekerAt reads at any offset of a reader that can seek but has no ReadAt.
type seekerAt struct {
	mu sync.Mutex
	rs io.ReadSeeker
}

func (s *seekerAt) ReadAt(p []byte, off int64) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if _, err := s.rs.Seek(off, io.SeekStart); err != nil {
		return 0, err
	}
	n, err := io.ReadFull(s.rs, p)
	if err == io.ErrUnexpectedEOF {
		err = io.EOF
	}
	return n, err
}

func typeOf(name string) string {
	if t := mime.TypeByExtension(strings.ToLower(path.Ext(name))); t != "" {
		return t
	}
	return "application/octet-stream"
}
