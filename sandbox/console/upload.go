package console

import (
	"io"
	"mime"
	"mime/multipart"
	"strings"

	"github.com/wxchain/wechatpay/sandbox"
)

// An upload is the form of a request with a file.
type upload struct {
	name   string      // of the file
	beside [][2]string // the fields beside the file and its meta, which clients make
}

// uploadOf returns the upload of a request, or nil.
func uploadOf(x sandbox.Exchange) *upload {
	boundary := boundaryOf(x)
	if boundary == "" {
		return nil
	}
	u := new(upload)
	form := multipart.NewReader(strings.NewReader(x.Body), boundary)
	for {
		part, err := form.NextPart()
		if err != nil { // the end of the form, or of what is remembered of it
			break
		}
		if part.FileName() != "" {
			u.name = part.FileName()
		} else if text, err := io.ReadAll(part); err == nil && part.FormName() != "meta" {
			u.beside = append(u.beside, [2]string{part.FormName(), string(text)})
		}
	}
	if u.name == "" {
		return nil
	}
	return u
}

func boundaryOf(x sandbox.Exchange) string {
	kind, params, err := mime.ParseMediaType(x.Header.Get("Content-Type"))
	if err != nil || kind != "multipart/form-data" {
		return ""
	}
	return params["boundary"]
}

// withoutFiles returns a body with a text in place of the bytes of a file.
func withoutFiles(x sandbox.Exchange, text string) string {
	boundary := boundaryOf(x)
	if boundary == "" {
		return x.Body
	}
	parts := strings.Split(x.Body, "--"+boundary)
	for i, part := range parts {
		head, _, ok := strings.Cut(part, "\r\n\r\n")
		if ok && strings.Contains(head, "filename") {
			parts[i] = head + "\r\n\r\n" + text + "\r\n"
		}
	}
	return strings.Join(parts, "--"+boundary)
}

// phpForm returns the code that makes the form with the fields beside the file, which
// MediaUtil does not send. Its text, which is signed, is the meta alone. Without a size, the
// form is sent and not its text.
func (u *upload) phpForm() string {
	var b strings.Builder
	b.WriteString("$form = new \\GuzzleHttp\\Psr7\\MultipartStream([\n" +
		"    ['name' => 'meta', 'contents' => $media->getMeta(), 'headers' => ['Content-Type' => 'application/json']],\n")
	for _, v := range u.beside {
		b.WriteString("    ['name' => " + phpText(v[0]) + ", 'contents' => " + phpText(v[1]) + "],\n")
	}
	b.WriteString("    ['name' => 'file', 'filename' => " + phpText(u.name) + ", 'contents' => fopen(" + phpText(u.name) + ", 'rb')],\n]);\n" +
		"$body = \\GuzzleHttp\\Psr7\\FnStream::decorate($form, [\n" +
		"    '__toString' => static function () use ($media) { return $media->getMeta(); },\n" +
		"    'getSize' => static function () { return null; },\n]);\n")
	return b.String()
}
