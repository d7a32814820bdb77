package sandbox

import (
	"net/http"
	"strconv"

	"github.com/wxchain/wechatpay/sandbox/internal/store"
)

// maxImages is how many images are kept, the latest: 128 MiB at most.
const maxImages = 64

// An image is one that a merchant uploaded. As the answer to a call it is its
// body.
type image struct {
	MchID       string
	ContentType string
	Data        []byte
}

// The places of images, which later ones take again, and what is in them.
const (
	imageBucket   = "image"       // by place
	imagePlaces   = "image-place" // by media_id
	imagesCounted = "image"       // in counters
)

// A keptImage is an image in its place.
type keptImage struct {
	ID string
	image
}

var errNoImage = &refusal{Status: http.StatusNotFound, Code: "RESOURCE_NOT_EXISTS",
	Message: "there is no such image, or " + strconv.Itoa(maxImages) + " others have come after it"}

// saveImage keeps an image in the place of the oldest.
func saveImage(tx Tx, id string, i image) error {
	n, _, err := store.Load[uint64](tx, counters, imagesCounted)
	if err != nil {
		return err
	}
	place := strconv.FormatUint(n%maxImages, 10)
	if err := store.Save(tx, counters, imagesCounted, n+1); err != nil {
		return err
	}
	if err := store.Save(tx, imagePlaces, id, place); err != nil {
		return err
	}
	return store.Save(tx, imageBucket, place, keptImage{id, i})
}

func loadImage(tx Tx, id string) (image, error) {
	place, _, err := store.Load[string](tx, imagePlaces, id)
	if err != nil {
		return image{}, err
	}
	kept, found, err := store.Load[keptImage](tx, imageBucket, place)
	if err == nil && (!found || kept.ID != id) {
		err = errNoImage
	}
	return kept.image, err
}

// serveImage shows an image to everybody.
func (s *Server) serveImage(w http.ResponseWriter, r *http.Request) {
	var i image
	err := s.store.View(func(tx Tx) (err error) {
		i, err = loadImage(tx, r.PathValue("media_id"))
		return err
	})
	if err != nil {
		control(func(*http.Request) (any, error) { return nil, err }).ServeHTTP(w, r)
		return
	}
	reply{status: http.StatusOK, contentType: i.ContentType, body: i.Data}.write(w)
}
