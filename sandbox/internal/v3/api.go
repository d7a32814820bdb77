// Package v3 implements the protocol of APIv3: it authenticates requests, reads
// them into the types of the domain, and writes and signs answers and
// notifications.
package v3

import (
	"crypto/rand"
	"crypto/sha1"
	"encoding/hex"
	"maps"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"github.com/wxchain/wechatpay/internal/platform"
	"github.com/wxchain/wechatpay/internal/shallow"
	"github.com/wxchain/wechatpay/sandbox/internal/money"
	"github.com/wxchain/wechatpay/sandbox/internal/party"
	"github.com/wxchain/wechatpay/sandbox/internal/plainjson"
	"github.com/wxchain/wechatpay/sandbox/internal/store"
	"github.com/wxchain/wechatpay/sandbox/internal/wire"
)

// Config has what an API needs.
type Config struct {
	Merchants *party.Merchants
	Issuer    *party.Issuer
	Clock     func() time.Time // of the sandbox
	Wall      func() time.Time // of day
	Nonces    *platform.Nonces
	Transact  money.Transact
	Bills     Bills
	Media     Media
	ImagePath string // the path of a media_url, below the sandbox's URL
	// AsDocumented answers as the platform's pages say where the platform answers
	// otherwise.
	AsDocumented bool
}

// Bills are the files that merchants download.
type Bills interface {
	Day(now time.Time, layout, text string) (string, error)
	Make(l *money.Ledger, mchID, name string, at time.Time, of ...string) ([]byte, error)
	Closing(l *money.Ledger, mchID, account, on string) (int64, error)
}

// Media are images and videos.
type Media interface {
	TakeImage(l *money.Ledger, u *wire.Upload) (id string, err error)
	TakeVideo(l *money.Ledger, u *wire.Upload) (id string, err error)
	KeepImage(l *money.Ledger, mchID string, u *wire.Upload) (id string, err error)
	Image(tx store.Tx, mchID, id string) (contentType string, data []byte, err error)
}

// An API answers the requests of APIv3. It is safe for concurrent use.
type API struct {
	Config
	validator wire.Validator
	handlers  map[string]handler
}

// New returns an API.
func New(config Config) *API {
	return &API{config, wire.NewValidator(), handlers()}
}

// A handler answers the calls of an operation. It returns a status and the value
// of the JSON body, or nil without a body, or a refusal. If the handler does not
// fail, what it stored is kept.
type handler func(c *call) (status int, body any, err error)

// handlers returns the handlers of all products by operation. Other operations
// are answered with an example.
func handlers() map[string]handler {
	all := make(map[string]handler)
	for _, product := range []map[string]handler{certificates(), payments(), codePayments(), combinations(), refunds(), ecommerceRefunds(),
		couponStocks(), coupons(), profitSharing(), ecommerceSharing(), complaints(), uploads(), bills(), balances(),
		transfers(), grants(), authorizations(), batches(), receipts(), batchReceipts()} {
		maps.Copy(all, product)
	}
	return all
}

// Handles reports whether a product answers an operation. Other operations are
// answered with an example.
func Handles(operation string) bool {
	_, ok := handlers()[operation]
	return ok
}

// Answer checks a request and passes it to its product.
func (api *API) Answer(in *wire.Request) (wire.Reply, error) {
	out, err := api.answer(in)
	if err == nil {
		err = in.Meet(true)
	}
	return out, err
}

func (api *API) answer(in *wire.Request) (wire.Reply, error) {
	m, err := api.authenticate(in)
	if err != nil {
		return wire.Reply{}, err
	}
	in.MchID = m.MchID
	if serial := in.Header.Get("Wechatpay-Serial"); serial != "" {
		api.Issuer.Note(m.MchID, api.Issuer.Named(in.Scheme, serial).SerialNo())
	}
	file, err := in.ReadUpload()
	if err != nil {
		return wire.Reply{}, err
	}
	if err := api.checkFields(in); err != nil {
		return wire.Reply{}, err
	}
	body, err := api.open(in, m)
	if err != nil {
		return wire.Reply{}, err
	}
	if err := in.Meet(false); err != nil {
		return wire.Reply{}, err
	}
	handle, ok := api.handlers[in.Op.String()]
	if !ok {
		return exampleOf(in, m, body)
	}
	c := &call{api: api, merchant: m, vars: in.Vars(), body: shallow.ParseJSON(body), upload: file, base: in.Base}
	if c.query, err = url.ParseQuery(in.Query); err != nil {
		return wire.Reply{}, wire.ParamError("query", "", nil, "malformed")
	}
	return c.run(handle, in.Method, in.Now)
}

// checkFields refuses a request that does not fit its operation.
func (api *API) checkFields(in *wire.Request) error {
	if err := api.validator.Check(in, nil); err != nil || !refusesUnknown[in.Op.String()] {
		return err
	}
	return api.validator.CheckKnown(in)
}

// A download is a body that is not JSON.
type download struct {
	contentType string
	body        []byte
}

// run calls a handler in a transaction.
func (c *call) run(handle handler, method string, now time.Time) (wire.Reply, error) {
	err := c.api.Transact(now, method == http.MethodGet, func(l *money.Ledger) (err error) {
		c.Ledger = l
		c.status, c.answer, err = handle(c)
		return err
	})
	out := wire.Reply{Status: c.status, ContentType: wire.TypeJSON}
	if err != nil || c.answer == nil {
		return out, err
	}
	if file, ok := c.answer.(download); ok {
		out.ContentType, out.Body = file.contentType, file.body
		return out, nil
	}
	out.Body, err = plainjson.Encode(c.answer)
	return out, err
}

// Refuse returns the answer for an error.
func (api *API) Refuse(err error) wire.Reply { return api.Explain(err).JSON() }

// Seal signs an answer. Its headers are those of the answers in the documentation.
//
// https://pay.weixin.qq.com/doc/v3/merchant/4013053249
func (api *API) Seal(in *wire.Request, out *wire.Reply, h http.Header) error {
	h.Set("Request-ID", rand.Text())
	h.Set("Content-Language", "zh-CN")
	h.Set("Cache-Control", "no-cache, must-revalidate")
	signed := out.Body
	if in.Op != nil && out.Status < 300 {
		switch in.Op.Template {
		case ofBills.path, ofReceipts.path, ofBatches.path, "v3/merchant-service/images/{media_id}":
			return nil // the platform does not sign these
		case "hk/v3/statements", "v3/global/statements":
			sum := sha1.Sum(out.Body)
			digest := hex.EncodeToString(sum[:])
			h.Set("Wechatpay-Statement-Sha1", digest)
			signed = []byte(`{"sha1":"` + digest + `"}`)
		}
	}
	return platform.Sign(in.Ctx, api.Issuer.SignerFor(in.Scheme, in.Header.Get("Wechatpay-Serial")), h, strconv.FormatInt(in.Clock().Unix(), 10), signed)
}
