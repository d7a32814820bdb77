package wechatpay

import (
	"bytes"
	"crypto/md5"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"io"
	"maps"
	"mime"
	"mime/multipart"
	"net/http"
	"net/textproto"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"unicode"
	"unicode/utf8"
)

// maxUpload is the size, in bytes, of the longest file that is sent: far above
// what the platform takes, and low enough not to fill a disk.
const maxUpload = 1 << 30

// An upload is a file on its way into the body of a call. It is streamed, as
// often as it has to be sent.
type upload struct {
	name string
	file io.ReaderAt
	from int64 // where it starts in file
	size int64
	sum  []byte // SHA-256 for APIv3, MD5 for APIv2
	free func() // gives back what was opened

	mu   sync.RWMutex
	over bool
}

// ReadAt reads the file, until the call is done: a transport may go on sending a
// body after it has the answer, when the reader is the caller's again.
func (u *upload) ReadAt(p []byte, off int64) (int, error) {
	u.mu.RLock()
	defer u.mu.RUnlock()
	if u.over {
		return 0, os.ErrClosed
	}
	return u.file.ReadAt(p, off)
}

// done ends the reading and gives back what was opened.
func (u *upload) done() {
	u.mu.Lock()
	u.over = true
	u.mu.Unlock()
	u.free()
}

// setFile makes the file at a path the upload.
func (c *call) setFile(path string) error {
	if path == "" {
		return errors.New(`option "file" is empty, want the path of a file`)
	}
	name := filepath.Base(path)
	c.upload = func(h hash.Hash) (*upload, error) {
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
			u.size, err = info.Size(), u.check(h, info.Size())
		}
		if err != nil {
			f.Close()
			return nil, err
		}
		return u, nil
	}
	return nil
}

// setUpload makes what r reads the upload, under a name.
func (c *call) setUpload(name string, r io.Reader) error {
	switch {
	case isNil(r):
		return errors.New("Upload: the reader is nil")
	case !isFileName(name):
		return fmt.Errorf("Upload: %q is no name of a file; it is like apply.jpg", name)
	}
	c.upload = func(h hash.Hash) (*upload, error) {
		u := &upload{name: name, free: func() {}}
		rs, ok := r.(io.ReadSeeker)
		if !ok {
			return u, u.spool(h, r)
		}
		from, err := rs.Seek(0, io.SeekCurrent)
		if err != nil { // a pipe calls itself a file, too
			return u, u.spool(h, r)
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
		return u, u.check(h, u.size)
	}
	return nil
}

// isFileName tells whether a name may stand in the header of a part, and in meta.
func isFileName(name string) bool {
	return utf8.ValidString(name) && name == path.Base(name) && strings.Trim(name, ".") != "" &&
		!strings.Contains(name, `\`) && !strings.ContainsFunc(name, unicode.IsControl)
}

// spool keeps what cannot be read twice in a temporary file, for as long as
// the call takes.
func (u *upload) spool(h hash.Hash, r io.Reader) error {
	f, err := os.CreateTemp("", "wechatpay-upload-*")
	if err != nil {
		return err
	}
	u.file, u.free = f, func() {
		f.Close()
		os.Remove(f.Name())
	}
	u.size, err = io.Copy(io.MultiWriter(f, h), io.LimitReader(r, maxUpload+1))
	if err == nil {
		err = checkSize(u.size)
	}
	if err != nil {
		u.done()
		return err
	}
	u.sum = h.Sum(nil)
	return nil
}

// check reads the file once, for its sum.
func (u *upload) check(h hash.Hash, size int64) error {
	if err := checkSize(size); err != nil {
		return err
	}
	n, err := io.Copy(h, io.NewSectionReader(u.file, u.from, size))
	if err == nil && n < size {
		err = fmt.Errorf("it ends after %d of %d bytes", n, size)
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

// seekerAt reads at any offset of what can seek but not that.
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

// openUpload opens what is to be sent, and reads it for its sum.
func (c *call) openUpload() error {
	h := sha256.New()
	if c.protocol == APIv2 {
		h = md5.New()
	}
	u, err := c.upload(h)
	if err != nil {
		return fmt.Errorf(`option "file": %w`, err)
	}
	c.file = u
	return nil
}

// setMultipart makes the fields, and the file under a name, the body of req.
func (u *upload) setMultipart(req *http.Request, name string, write func(w *multipart.Writer) error) error {
	var frame bytes.Buffer
	w := multipart.NewWriter(&frame)
	if err := write(w); err != nil {
		return err
	}
	h := make(textproto.MIMEHeader)
	h.Set("Content-Disposition", multipart.FileContentDisposition(name, u.name))
	h.Set("Content-Type", typeOf(u.name))
	if _, err := w.CreatePart(h); err != nil {
		return err
	}
	head := frame.Len()
	if err := w.Close(); err != nil {
		return err
	}
	framing := frame.Bytes()
	req.Header.Set("Content-Type", w.FormDataContentType())
	req.ContentLength = int64(len(framing)) + u.size
	req.GetBody = func() (io.ReadCloser, error) {
		return io.NopCloser(io.MultiReader(
			bytes.NewReader(framing[:head]), io.NewSectionReader(u, u.from, u.size), bytes.NewReader(framing[head:]))), nil
	}
	var err error
	req.Body, err = req.GetBody()
	return err
}

func typeOf(name string) string {
	if t := mime.TypeByExtension(strings.ToLower(path.Ext(name))); t != "" {
		return t
	}
	return "application/octet-stream"
}

// setMedia makes the body of an APIv2 upload, whose fields are signed here: the
// signer of the stack signs XML.
//
// https://pay.weixin.qq.com/wiki/doc/api/xiaowei.php?chapter=19_9
func (c *call) setMedia(req *http.Request) error {
	fields := map[string]string{"media_hash": hex.EncodeToString(c.file.sum)}
	for name, v := range c.xml {
		text, ok := v.(string)
		if !ok {
			return fmt.Errorf("field %q of an upload must be text", name)
		}
		fields[name] = text
	}
	sign, err := c.client.v2Sign(fields["sign_type"], fields)
	if err != nil {
		return err
	}
	fields["sign"] = sign
	return c.file.setMultipart(req, "media", func(w *multipart.Writer) error {
		for _, name := range slices.Sorted(maps.Keys(fields)) {
			if err := w.WriteField(name, fields[name]); err != nil {
				return err
			}
		}
		return nil
	})
}
