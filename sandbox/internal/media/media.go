// Package media accepts the images and videos that merchants upload, and stores
// the images that can be downloaded again.
package media

import (
	"crypto/sha256"
	"fmt"
	"net/http"
	"path"
	"slices"
	"strings"

	"github.com/wxchain/wechatpay/sandbox/internal/money"
	"github.com/wxchain/wechatpay/sandbox/internal/wire"
)

// A kind describes the files that an operation takes.
type kind struct {
	most     int      // bytes
	suffixes []string // of the file's name
	types    []string // what the file must be, as far as that shows; empty is anything
}

var (
	images = kind{2 << 20, []string{".jpg", ".jpeg", ".bmp", ".png"}, []string{"image/jpeg", "image/bmp", "image/png"}}
	videos = kind{5 << 20, []string{".avi", ".wmv", ".mpeg", ".mp4", ".mov", ".mkv", ".flv", ".f4v", ".m4v", ".rmvb"}, nil}
)

// maxFileName is the length of the longest file name, in bytes.
const maxFileName = 128

// check refuses a file of another kind, and one whose meta lacks something. It
// returns the suffix of the file's name.
func (k kind) check(u *wire.Upload) (suffix string, err error) {
	name, sum := "filename", "sha256"
	if u.Meta.Get("file_name").Exists() {
		name, sum = "file_name", "file_digest"
	}
	text := u.Meta.Get(name).String()
	suffix = strings.ToLower(path.Ext(text))
	switch {
	case text == "" || len(text) > maxFileName:
		return "", money.BadField("meta/"+name, nil, fmt.Sprintf("it has %d bytes, want 1 to %d", len(text), maxFileName))
	case !slices.Contains(k.suffixes, suffix):
		return "", money.BadField("meta/"+name, text, "it must end in one of "+strings.Join(k.suffixes, ", "))
	case !strings.EqualFold(u.Meta.Get(sum).String(), u.Sum()):
		return "", money.BadField("meta/"+sum, u.Meta.Get(sum).Value(), "it is not the SHA-256 of the file")
	case len(u.File) == 0 || len(u.File) > k.most:
		return "", money.Invalid(fmt.Sprintf("the file has %d bytes, want 1 to %d", len(u.File), k.most))
	case k.types != nil && !slices.Contains(k.types, http.DetectContentType(u.File)):
		return "", money.Invalid("the file must be one of " + strings.Join(k.types, ", "))
	}
	return suffix, nil
}

// A Library accepts uploaded files.
type Library struct{}

// TakeImage checks an image that cannot be downloaded again and returns a new id
// for it.
func (Library) TakeImage(l *money.Ledger, u *wire.Upload) (id string, err error) {
	return images.newID(l, u)
}

// TakeVideo does for a video what TakeImage does for an image.
func (Library) TakeVideo(l *money.Ledger, u *wire.Upload) (id string, err error) {
	return videos.newID(l, u)
}

// newID checks a file and returns a new id for it.
func (k kind) newID(l *money.Ledger, u *wire.Upload) (string, error) {
	suffix, err := k.check(u)
	if err != nil {
		return "", err
	}
	n, err := l.NextNumber("media")
	if err != nil {
		return "", err
	}
	sum := sha256.Sum256([]byte("media/" + n))
	return fmt.Sprintf("%X%s", sum[:16], suffix), nil
}
