package control

import (
	"io"
	"net/http"
)

// checkPath is the path at which the pages of a shop have their parameters checked.
// It is open to all pages, because it changes nothing and shows no order.
const checkPath = Path + "check/{front}"

// allowAll lets the pages of all origins read an answer.
func allowAll(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Access-Control-Allow-Origin", "*")
	w.Header().Set("Access-Control-Allow-Methods", "POST")
	w.Header().Set("Access-Control-Allow-Headers", "Content-Type")
	w.WriteHeader(http.StatusNoContent)
}

func (a Actions) checkFront(r *http.Request) (any, error) {
	params, err := io.ReadAll(r.Body)
	if err != nil {
		return open{}, bodyError(err)
	}
	q := r.URL.Query()
	verdict, err := a.CheckFront(r.PathValue("front"), q.Get("appid"), q.Get("openid"), params)
	return open{verdict}, err
}
