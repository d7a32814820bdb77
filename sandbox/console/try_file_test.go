package console_test

import (
	"bytes"
	"crypto/sha256"
	"fmt"
	"html"
	"mime/multipart"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/wxchain/wechatpay/sandbox"
	"github.com/wxchain/wechatpay/sandbox/console"
)

const uploadSlug = "post-v3-merchant-media-upload"

// sendFile sends a form with a file as a browser does, which sends an empty name and no
// bytes if its user chose none.
func sendFile(t *testing.T, sb *sandbox.Sandbox, path string, form url.Values, name string, file []byte, header ...string) (*http.Response, string) {
	t.Helper()
	var body bytes.Buffer
	w := multipart.NewWriter(&body)
	for field := range form {
		if err := w.WriteField(field, form.Get(field)); err != nil {
			t.Fatal(err)
		}
	}
	part, err := w.CreateFormFile("file", name)
	if err == nil {
		_, err = part.Write(file)
	}
	if err == nil {
		err = w.Close()
	}
	if err != nil {
		t.Fatal(err)
	}
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, sb.URL()+path, &body)
	if err != nil {
		t.Fatal(err)
	}
	return do(t, req, append([]string{"Content-Type", w.FormDataContentType()}, header...)...)
}

// photo returns an image of so many bytes.
func photo(size int) []byte {
	return append([]byte("\x89PNG\r\n\x1a\n"), make([]byte, size-8)...)
}

// The form of an upload sends the file of its user. The page shows the request without
// the bytes of the file, and how to make the call with it.
func TestTryFile(t *testing.T) {
	sb := sandbox.Start(t, console.Use)
	const path = "console/operations/" + uploadSlug
	image := photo(100_000)
	resp, page := sendFile(t, sb, path, sample(t, sb, uploadSlug), "店 1.png", image)
	x := tried(t, sb, page)
	if resp.StatusCode != http.StatusOK || x.Status != http.StatusOK || !strings.Contains(x.Answer, "media_id") || !strings.Contains(x.Body, fmt.Sprintf("%x", sha256.Sum256(image))) {
		t.Fatalf("%d %s %.500s", x.Status, x.Answer, x.Body)
	}
	text := html.UnescapeString(page)
	if !strings.Contains(text, `"filename":"店 1.png"`) || !strings.Contains(text, "(the bytes of the file)") || strings.Contains(text, "IHDR") || strings.Contains(text, "\u2400") || len(page) > 100_000 {
		t.Errorf("the page of %d bytes shows the request wrongly: %s", len(page), text)
	}
	readPage(t, uploadSlug, page)
	_, page = get(t, sb, "/console/requests/"+x.ID)
	text = html.UnescapeString(page)
	for _, want := range []string{"'@店 1.png'", `wechatpay.File("店 1.png")`, `MediaUtil('店 1.png')`, `['Content-Type' => $media->getContentType()]`} {
		if !strings.Contains(text, want) {
			t.Errorf("the page of the request lacks %s", want)
		}
	}
	if strings.Contains(page, `id="copy-curl"`) || strings.Contains(text, "\u2400") {
		t.Errorf("the page of the request has what cannot be copied: %s", text)
	}
}

// Without a file, the form sends a sample. What the platform refuses is refused.
func TestTryFileKinds(t *testing.T) {
	sb := sandbox.Start(t, console.Use)
	const path = "console/operations/" + uploadSlug
	_, page := sendFile(t, sb, path, sample(t, sb, uploadSlug), "", nil)
	if x := tried(t, sb, page); x.Status != http.StatusOK || !strings.Contains(x.Body, "image.png") {
		t.Errorf("without a file: %d %s %.500s", x.Status, x.Answer, x.Body)
	}
	for name, file := range map[string][]byte{"photo.gif": photo(100), "photo.png": []byte("GIF89a"), "large.png": photo(2<<20 + 1)} {
		_, page = sendFile(t, sb, path, sample(t, sb, uploadSlug), name, file)
		if x := tried(t, sb, page); x.Status != http.StatusBadRequest || x.Code == "" {
			t.Errorf("%s of %d bytes: %d %s", name, len(file), x.Status, x.Answer)
		}
	}
}

// A file that cannot be sent is told beside its field, in both languages.
func TestTryFileMistakes(t *testing.T) {
	sb := sandbox.Start(t, console.Use)
	const path = "console/operations/" + uploadSlug
	for lang, says := range map[string][2]string{"en": {"at most 6291456", "the file is empty"}, "zh": {"最多 6291456 字节", "文件为空"}} {
		for i, file := range [][]byte{photo(sandbox.MaxTryFile + 1), {}} {
			resp, page := sendFile(t, sb, path, sample(t, sb, uploadSlug), "photo.png", file, "Accept-Language", lang)
			_, beside, _ := strings.Cut(page, `id="file-wrong"`)
			beside, _, _ = strings.Cut(beside, "</p>")
			if resp.StatusCode != http.StatusOK || !strings.Contains(beside, says[i]) || !strings.Contains(page, `aria-describedby="file-hint file-wrong" aria-invalid="true"`) {
				t.Errorf("%d bytes in %s: %d, the field has %q", len(file), lang, resp.StatusCode, beside)
			}
		}
	}
	if resp, page := sendFile(t, sb, path, sample(t, sb, uploadSlug), "photo.png", photo(7<<20)); resp.StatusCode != http.StatusRequestEntityTooLarge || !strings.Contains(page, "choose a smaller file") {
		t.Errorf("a form of 7 MiB: %d %.300s", resp.StatusCode, page)
	}
	if resp, page := sendFile(t, sb, path, nil, "photo.png", photo(7<<20), "X-Token", sample(t, sb, uploadSlug).Get("token")); resp.StatusCode != http.StatusBadRequest || !strings.Contains(page, "too large") {
		t.Errorf("a form of 7 MiB with the token in a header: %d %.300s", resp.StatusCode, page)
	}
	if page, err := sb.RequestPage(sandbox.Query{}); err != nil || len(page.Items) != 0 {
		t.Errorf("%d requests were sent, %v", len(page.Items), err)
	}
}

// No other site can send a file, and other forms take none.
func TestTryFileGuards(t *testing.T) {
	sb := sandbox.Start(t, console.Use)
	const path = "console/operations/" + uploadSlug
	form := sample(t, sb, uploadSlug)
	for name, header := range map[string][]string{
		"cross-site": {"Sec-Fetch-Site", "cross-site"}, "another origin": {"Origin", "http://evil.example.com"},
		"another's Host": {"Host", "evil.example.com"}, "another token": {"X-Token", "0"},
	} {
		if resp, _ := sendFile(t, sb, path, form, "photo.png", photo(100), header...); resp.StatusCode != http.StatusForbidden {
			t.Errorf("%s: %d", name, resp.StatusCode)
		}
	}
	for _, other := range []string{"cashier/pay", "console/do/pay"} {
		if resp, _ := sendFile(t, sb, other, form, "photo.png", photo(100)); resp.StatusCode != http.StatusForbidden {
			t.Errorf("a file for %s: %d", other, resp.StatusCode)
		}
	}
	form.Set("token", "0")
	if resp, _ := sendFile(t, sb, path, form, "photo.png", photo(100)); resp.StatusCode != http.StatusForbidden {
		t.Errorf("with another token: %d", resp.StatusCode)
	}
	if page, err := sb.RequestPage(sandbox.Query{}); err != nil || len(page.Items) != 0 {
		t.Errorf("%d requests were sent, %v", len(page.Items), err)
	}
}
