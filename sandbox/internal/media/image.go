package media

import (
	"net/http"
	"strconv"

	"github.com/wxchain/wechatpay/sandbox/internal/money"
	"github.com/wxchain/wechatpay/sandbox/internal/store"
	"github.com/wxchain/wechatpay/sandbox/internal/wire"
)

// maxImages is how many of the latest images are kept: 128 MiB at most.
const maxImages = 64

// An image is an image that a merchant uploaded.
type image struct {
	MchID       string
	ContentType string
	Data        []byte
}

// The places of images, which later ones take again, and what is in them.
const (
	imageBucket   = "image"       // by place
	imagePlaces   = "image-place" // by media_id
	imagesCounted = "image"       // as a kind of numbers
)

// A keptImage is an image in its place.
type keptImage struct {
	ID string
	image
}

var errNoImage = &money.Refusal{Reason: money.NotFound,
	Message: "there is no such image, or " + strconv.Itoa(maxImages) + " others have come after it"}

// KeepImage stores an image of a merchant. It replaces the oldest image if there
// is no room.
func (Library) KeepImage(l *money.Ledger, mchID string, u *wire.Upload) (id string, err error) {
	if id, err = images.newID(l, u); err != nil {
		return "", err
	}
	n, err := l.NextCount(imagesCounted)
	if err != nil {
		return "", err
	}
	place := strconv.FormatUint(n%maxImages, 10)
	if err := store.Save(l.Tx, imagePlaces, id, place); err != nil {
		return "", err
	}
	return id, store.Save(l.Tx, imageBucket, place, keptImage{id, image{mchID, http.DetectContentType(u.File), u.File}})
}

// Image returns a stored image of a merchant, or of any merchant if mchID is "".
func (Library) Image(tx store.Tx, mchID, id string) (contentType string, data []byte, err error) {
	place, _, err := store.Load[string](tx, imagePlaces, id)
	if err != nil {
		return "", nil, err
	}
	kept, found, err := store.Load[keptImage](tx, imageBucket, place)
	if err == nil && (!found || kept.ID != id || mchID != "" && mchID != kept.MchID) {
		err = errNoImage
	}
	return kept.ContentType, kept.Data, err
}
