package wechatpay_test

import (
	"bytes"
	"context"
	"crypto/md5"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"mime"
	"mime/multipart"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/tidwall/gjson"

	"github.com/wxchain/wechatpay"
	"github.com/wxchain/wechatpay/internal/platform"
	"github.com/wxchain/wechatpay/middleware"
	"github.com/wxchain/wechatpay/signer"
)

// part is one part of a multipart body.
type part struct{ name, filename, contentType, body string }

func partsOf(t *testing.T, req *http.Request, body string) []part {
	t.Helper()
	_, params, err := mime.ParseMediaType(req.Header.Get("Content-Type"))
	if err != nil {
		t.Fatal(err)
	}
	var parts []part
	r := multipart.NewReader(strings.NewReader(body), params["boundary"])
	for {
		p, err := r.NextPart()
		if err == io.EOF {
			return parts
		}
		if err != nil {
			t.Fatal(err)
		}
		text, err := io.ReadAll(p)
		if err != nil {
			t.Fatal(err)
		}
		parts = append(parts, part{p.FormName(), p.FileName(), p.Header.Get("Content-Type"), string(text)})
	}
}

// seeker can read and seek only; reader can only read.
type (
	seeker struct{ io.ReadSeeker }
	reader struct{ io.Reader }
)

func TestUpload(t *testing.T) {
	content := strings.Repeat("\xff\xd8 image ", 10000)
	path := filepath.Join(t.TempDir(), "apply 申请.jpg")
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	advanced := strings.NewReader("skipped" + content)
	if _, err := advanced.Seek(7, io.SeekStart); err != nil {
		t.Fatal(err)
	}
	for name, opt := range map[string]wechatpay.Option{
		"path":              wechatpay.File(path),
		"bag":               wechatpay.Options{"file": path},
		"file":              wechatpay.Upload("apply 申请.jpg", f),
		"reader at":         wechatpay.Upload("apply 申请.jpg", strings.NewReader(content)),
		"in the middle":     wechatpay.Upload("apply 申请.jpg", advanced),
		"seeker":            wechatpay.Upload("apply 申请.jpg", seeker{strings.NewReader(content)}),
		"reader, no seeker": wechatpay.Upload("apply 申请.jpg", reader{strings.NewReader(content)}),
	} {
		t.Run(name, func(t *testing.T) {
			temp := t.TempDir()
			t.Setenv("TMPDIR", temp)
			checkUpload(t, opt, part{"file", "apply 申请.jpg", "image/jpeg", content})
			if left, err := os.ReadDir(temp); err != nil || len(left) > 0 {
				t.Errorf("left in the temporary folder: %v, %v", left, err)
			}
		})
	}
}

// checkUpload uploads an image, and checks the request: its parts are meta, which
// is signed, and file.
func checkUpload(t *testing.T, opt wechatpay.Option, file part) {
	t.Helper()
	out := new(recorder)
	config := newConfig(t, out)
	_, err := newClient(t, config).Chain("v3/marketing/favor/media/image-upload").Post(background(), opt, wechatpay.Set("bank_type", "CFT"))
	if !errors.As(err, new(errNotSent)) {
		t.Fatal(err)
	}
	req, body := out.sent[0], out.body[0]
	parts := partsOf(t, req, body)
	if len(parts) != 2 || parts[0].name != "meta" || parts[0].contentType != "application/json" || parts[1] != file {
		t.Fatalf("parts %.300q", parts)
	}
	meta := gjson.Parse(parts[0].body)
	sum := fmt.Sprintf("%x", sha256.Sum256([]byte(file.body)))
	if meta.Get("filename").Str != "apply 申请.jpg" || meta.Get("sha256").Str != sum || meta.Get("bank_type").Str != "CFT" || len(meta.Map()) != 3 {
		t.Errorf("meta %s", meta)
	}
	if req.ContentLength != int64(len(body)) {
		t.Errorf("Content-Length %d of %d bytes", req.ContentLength, len(body))
	}
	checkSignature(t, config, req, parts[0].body)
}

// The caller gives the fields that the platform wants under other names.
func TestUploadParts(t *testing.T) {
	for _, tt := range []struct {
		path string
		meta M
		part string
		want string
	}{
		{"v3/ecommerce/account/cancel-applications/media", M{"file_name": "a", "file_digest": "b"}, "file", `{"file_digest":"b","file_name":"a"}`},
		{"v3/taxi-invoice/cards/upload-file", M{"digest": "b", "digest_algorithm": "SM3"}, "file", `{"digest":"b","digest_algorithm":"SM3"}`},
		{"v3/mch-operation-manage/enhanced-due-diligence/1/upload", M{"file_digest": "b"}, "due_diligence_file", `{"file_digest":"b"}`},
		{"v3/mch-manage/submission-files/sub-mchid/1/upload", M{"file_digest": "b"}, "submission_file", `{"file_digest":"b"}`},
	} {
		out := new(recorder)
		_, err := newClient(t, newConfig(t, out)).Chain(tt.path).Post(background(), wechatpay.JSON(tt.meta), wechatpay.Upload("x.pdf", strings.NewReader("x")))
		if !errors.As(err, new(errNotSent)) {
			t.Fatal(err)
		}
		parts := partsOf(t, out.sent[0], out.body[0])
		if parts[0].body != tt.want || parts[1].name != tt.part {
			t.Errorf("%s: %q", tt.path, parts)
		}
	}
}

func TestV2Upload(t *testing.T) {
	out := new(recorder)
	_, err := newV2(t, out).Chain("v2/secapi/mch/uploadmedia").Post(background(),
		wechatpay.Upload("x.png", strings.NewReader("picture")), wechatpay.XML(M{"sign_type": "HMAC-SHA256"}), wechatpay.Security())
	if !errors.As(err, new(errNotSent)) {
		t.Fatal(err)
	}
	fields := make(map[string]string)
	for _, p := range partsOf(t, out.sent[0], out.body[0]) {
		fields[p.name] = p.body
	}
	if fields["media"] != "picture" || fields["mch_id"] != "1900000109" || fields["media_hash"] != fmt.Sprintf("%x", md5.Sum([]byte("picture"))) {
		t.Errorf("fields %q", fields)
	}
	delete(fields, "media")
	if err := signer.V2Verify(v2Key, fields); err != nil {
		t.Error(err)
	}
}

func TestBadUpload(t *testing.T) {
	out := new(recorder)
	client := newClient(t, newConfig(t, out))
	empty := filepath.Join(t.TempDir(), "empty.png")
	if err := os.WriteFile(empty, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	var none *os.File
	sized := func(size int64) *io.SectionReader {
		return io.NewSectionReader(&brokenAt{Reader: bytes.NewReader(nil), broken: true}, 0, size)
	}
	used := strings.NewReader("x")
	if _, err := io.ReadAll(used); err != nil {
		t.Fatal(err)
	}
	for name, tt := range map[string]struct {
		opt  wechatpay.Option
		want string
	}{
		"no path":         {wechatpay.File(""), "path"},
		"no such file":    {wechatpay.File(filepath.Join(t.TempDir(), "absent.png")), "absent.png"},
		"a folder":        {wechatpay.File(t.TempDir()), "not a file"},
		"an empty file":   {wechatpay.File(empty), "empty"},
		"nil":             {wechatpay.Upload("x.png", nil), "nil"},
		"a nil pointer":   {wechatpay.Upload("x.png", none), "nil"},
		"used before":     {wechatpay.Upload("x.png", used), "empty"},
		"no name":         {wechatpay.Upload("", strings.NewReader("x")), "name"},
		"a path for name": {wechatpay.Upload("a/x.png", strings.NewReader("x")), "name"},
		"a line break":    {wechatpay.Upload("x\r\n.png", strings.NewReader("x")), "name"},
		"a broken reader": {wechatpay.Upload("x.png", reader{io.MultiReader(strings.NewReader("x"), brokenReader{})}), "closed pipe"},
		"1 GiB":           {wechatpay.Upload("x.png", sized(1<<30)), errDisk.Error()}, // it is read
		"over 1 GiB":      {wechatpay.Upload("x.png", sized(1<<30+1)), "longer than 1073741824 bytes"},
		"bag of a reader": {wechatpay.Options{"file": strings.NewReader("x")}, "Upload takes a reader"},
		"with a body":     {wechatpay.Options{"file": empty, "body": "x"}, "one body"},
	} {
		temp := t.TempDir()
		t.Setenv("TMPDIR", temp)
		if _, err := client.Chain("v3/merchant/media/upload").Post(background(), tt.opt); !errors.Is(err, wechatpay.ErrOption) || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s: error %v, want ErrOption with %q", name, err, tt.want)
		}
		if left, err := os.ReadDir(temp); err != nil || len(left) > 0 {
			t.Errorf("%s: left in the temporary folder: %v, %v", name, left, err)
		}
	}
	if n := out.count(); n > 0 {
		t.Errorf("%d requests were sent", n)
	}
}

// However a call ends, its temporary file is removed then, and not earlier,
// because the transport reads it.
func TestSpooledFileIsRemoved(t *testing.T) {
	for name, end := range map[string]func(cancel context.CancelFunc) (*http.Response, error){
		"it fails":      func(context.CancelFunc) (*http.Response, error) { return nil, errNotSent{} },
		"it is refused": func(context.CancelFunc) (*http.Response, error) { return answer(500, ""), nil },
		"it is cancelled": func(cancel context.CancelFunc) (*http.Response, error) {
			cancel()
			return nil, context.Canceled
		},
		"it panics": func(context.CancelFunc) (*http.Response, error) { panic("ouch") },
	} {
		for _, async := range []bool{false, true} {
			temp := t.TempDir()
			t.Setenv("TMPDIR", temp)
			t.Setenv("TMP", temp)
			ctx, cancel := context.WithCancel(background())
			defer cancel()
			client := newClient(t, newConfig(t, roundTripper(func(req *http.Request) (*http.Response, error) {
				if there, err := os.ReadDir(temp); err != nil || len(there) != 1 {
					t.Errorf("%s: %d files while it is sent, %v; want 1", name, len(there), err)
				}
				if body, err := io.ReadAll(req.Body); err != nil || !strings.Contains(string(body), "picture") {
					t.Errorf("%s: read %q, %v", name, body, err)
				}
				return end(cancel)
			})))
			chain, opt := client.Chain("v3/merchant/media/upload"), wechatpay.Upload("x.png", reader{strings.NewReader("picture")})
			func() {
				defer func() { _ = recover() }()
				var err error
				if async {
					_, err = chain.PostAsync(ctx, opt).Wait()
				} else {
					_, err = chain.Post(ctx, opt)
				}
				if err == nil {
					t.Errorf("%s: no error", name)
				}
			}()
			if left, err := os.ReadDir(temp); err != nil || len(left) > 0 {
				t.Errorf("%s: left in the temporary folder: %v, %v", name, left, err)
			}
		}
	}
	// A call that cannot be made makes no temporary file.
	temp := t.TempDir()
	t.Setenv("TMPDIR", temp)
	ctx, cancel := context.WithCancel(background())
	cancel()
	read := iotest.ErrReader(errors.New("it was read"))
	if _, err := newClient(t, newConfig(t, nil)).Chain("v3/merchant/media/upload").Post(ctx, wechatpay.Upload("x.png", read)); !errors.Is(err, context.Canceled) {
		t.Errorf("error %v, want context.Canceled", err)
	}
}

// A transport may go on reading the body after it has the answer. By then the
// reader belongs to the caller again.
func TestUploadIsNotReadAfterTheCall(t *testing.T) {
	var late io.ReadCloser
	config := newConfig(t, roundTripper(func(req *http.Request) (*http.Response, error) {
		late = req.Body
		return nil, errNotSent{}
	}))
	file := strings.NewReader("picture")
	_, err := newClient(t, config).Chain("v3/merchant/media/upload").Post(background(), wechatpay.Upload("x.png", file))
	if !errors.As(err, new(errNotSent)) {
		t.Fatal(err)
	}
	if body, err := io.ReadAll(late); !errors.Is(err, os.ErrClosed) || strings.Contains(string(body), "picture") {
		t.Errorf("read %q, %v; want os.ErrClosed where the file starts", body, err)
	}
}

// If a middleware outside the signer sends twice, the whole file is sent twice,
// and SIGN_ERROR shows the signed meta.
func TestUploadIsSentAgainWhole(t *testing.T) {
	var bodies []string
	_, config := newSigning(t, func(req *http.Request, body []byte) *http.Response {
		bodies = append(bodies, string(body))
		meta, err := platform.Signed(req.Header, body)
		if err != nil {
			t.Error(err)
		}
		checkSignature(t, newConfig(t, nil), req, string(meta))
		if len(bodies) == 1 {
			return answer(503, "")
		}
		return answer(401, `{"code":"SIGN_ERROR","message":"no","detail":{"sign_information":{"truncated_sign_message":"POST\n"}}}`)
	})
	config.Middleware = func(_ wechatpay.Protocol, s *middleware.Stack) error {
		return s.Before(middleware.NameVerifier, "retry", func(next http.RoundTripper) http.RoundTripper {
			return roundTripper(func(req *http.Request) (*http.Response, error) {
				if resp, err := next.RoundTrip(req); err != nil || resp.StatusCode != http.StatusServiceUnavailable {
					return resp, err
				}
				return next.RoundTrip(req)
			})
		})
	}
	client := newClient(t, config)
	_, err := client.Chain("v3/merchant/media/upload").Post(background(), wechatpay.Upload("x.png", reader{bytes.NewReader(bytes.Repeat([]byte("x"), 1<<20))}))
	if !wechatpay.IsCode(err, "SIGN_ERROR") || !strings.Contains(err.Error(), `{\"filen`) {
		t.Errorf("error %.600v", err)
	}
	if len(bodies) != 2 || len(bodies[0]) != len(bodies[1]) || len(bodies[0]) < 1<<20 {
		t.Errorf("%d bodies were sent", len(bodies))
	}
}

// long returns a text of some length in which no part repeats.
func long(length int) []byte {
	text := make([]byte, length)
	for i := range text {
		text[i] = byte(i ^ i>>8 ^ i>>16)
	}
	return text
}

// sendUpload uploads opt to a transport that reads the body in pieces of a size,
// after begin. sendUpload returns what the transport read and the error that
// ended it.
func sendUpload(t *testing.T, opt wechatpay.Option, piece int, begin func()) (body []byte, ended error) {
	t.Helper()
	config := newConfig(t, roundTripper(func(req *http.Request) (*http.Response, error) {
		begin()
		p := make([]byte, piece)
		for ended == nil {
			var n int
			n, ended = req.Body.Read(p)
			body = append(body, p[:n]...)
		}
		return nil, errNotSent{}
	}))
	_, err := newClient(t, config).Chain("v3/merchant/media/video_upload").Post(background(), opt)
	if !errors.As(err, new(errNotSent)) {
		t.Fatal(err)
	}
	return body, ended
}

// A long file is sent byte for byte, whatever pieces the transport reads.
func TestLongUpload(t *testing.T) {
	const most = 256 << 10
	for _, length := range []int{most - 1, most, most + 1, 2 * most, 700_000} {
		text := long(length)
		path := filepath.Join(t.TempDir(), "video.mp4")
		if err := os.WriteFile(path, text, 0o600); err != nil {
			t.Fatal(err)
		}
		for name, opt := range map[string]func() wechatpay.Option{
			"path":      func() wechatpay.Option { return wechatpay.File(path) },
			"reader":    func() wechatpay.Option { return wechatpay.Upload("a.mp4", reader{bytes.NewReader(text)}) },
			"seeker":    func() wechatpay.Option { return wechatpay.Upload("a.mp4", seeker{bytes.NewReader(text)}) },
			"in memory": func() wechatpay.Option { return wechatpay.Upload("a.mp4", bytes.NewReader(text)) },
		} {
			for _, piece := range []int{1000, 32 << 10, most, 1 << 20} {
				body, err := sendUpload(t, opt(), piece, func() {})
				if err != io.EOF || bytes.Count(body, text) != 1 || len(body) > length+1000 {
					t.Errorf("%s of %d bytes, in pieces of %d: %d bytes, %v", name, length, piece, len(body), err)
				}
			}
		}
	}
}

// brokenAt is a file that cannot be read from an offset on, once it is broken.
type brokenAt struct {
	*bytes.Reader
	at     int64
	broken bool
}

var errDisk = errors.New("the disk is broken")

func (b *brokenAt) ReadAt(p []byte, off int64) (int, error) {
	if !b.broken || off+int64(len(p)) <= b.at {
		return b.Reader.ReadAt(p, off)
	}
	n, _ := b.Reader.ReadAt(p[:max(0, b.at-off)], off)
	return n, errDisk
}

// If a file cannot be read to its end while it is sent, the transport reads what
// comes before and then the error.
func TestUploadThatBreaks(t *testing.T) {
	const length = 700_000
	text := long(length)
	for _, at := range []int64{0, 1, 256 << 10, 300_000, length - 1} {
		for _, piece := range []int{1000, 1 << 20} {
			file := &brokenAt{Reader: bytes.NewReader(text), at: at}
			path := filepath.Join(t.TempDir(), "video.mp4")
			if err := os.WriteFile(path, text, 0o600); err != nil {
				t.Fatal(err)
			}
			for name, tt := range map[string]struct {
				opt   wechatpay.Option
				begin func()
				want  error
			}{
				"broken": {wechatpay.Upload("video.mp4", file), func() { file.broken = true }, errDisk},
				"cut": {wechatpay.File(path), func() {
					if err := os.Truncate(path, at); err != nil {
						t.Error(err)
					}
				}, io.ErrUnexpectedEOF},
			} {
				body, err := sendUpload(t, tt.opt, piece, tt.begin)
				if !errors.Is(err, tt.want) || !bytes.HasSuffix(body, text[:at]) || int64(len(body)) > at+1000 {
					t.Errorf("%s at %d, in pieces of %d: %d bytes, %v", name, at, piece, len(body), err)
				}
			}
		}
	}
}
