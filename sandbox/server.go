package sandbox

import (
	"cmp"
	"crypto/rsa"
	"fmt"
	"net/http"
	"strings"
	"sync/atomic"
	"time"

	"github.com/wxchain/wechatpay/internal/platform"
	"github.com/wxchain/wechatpay/keys"
	"github.com/wxchain/wechatpay/sandbox/internal/bill"
	"github.com/wxchain/wechatpay/sandbox/internal/control"
	"github.com/wxchain/wechatpay/sandbox/internal/media"
	"github.com/wxchain/wechatpay/sandbox/internal/money"
	"github.com/wxchain/wechatpay/sandbox/internal/notifier"
	"github.com/wxchain/wechatpay/sandbox/internal/openid"
	"github.com/wxchain/wechatpay/sandbox/internal/party"
	"github.com/wxchain/wechatpay/sandbox/internal/records"
	"github.com/wxchain/wechatpay/sandbox/internal/timetable"
	"github.com/wxchain/wechatpay/sandbox/internal/v2"
	"github.com/wxchain/wechatpay/sandbox/internal/v3"
	"github.com/wxchain/wechatpay/sandbox/internal/wire"
)

// DefaultMchID is the number of the merchant that New makes if Config.Merchants
// is empty.
const DefaultMchID = "1900000109"

// maxNonces is how many nonces are kept of the requests of ten minutes.
const maxNonces = 1 << 20

// Config configures a sandbox. The zero Config keeps its state in memory and
// makes its own keys.
type Config struct {
	// Clock returns the current time; time.Now by default.
	Clock func() time.Time
	// Seed decides the numbers that the sandbox makes up, such as
	// transaction_id: the same calls in the same order get the same numbers.
	Seed uint64
	// Store keeps the state; by default a new one in memory. Notifications and
	// whatever else waits in the Store of an earlier sandbox go on. It is an error
	// that the format of the state is unknown.
	Store Store
	// Merchants are the merchants that may call. By default New makes one, with
	// the number DefaultMchID; making its keys takes a second or so.
	Merchants []Merchant
	// SubMerchants are the sub-merchants that the merchants act for as partners.
	// By default the first merchant acts for DefaultSubMchID.
	SubMerchants []SubMerchant
	// Platform signs the answers; by default New makes one.
	Platform *Platform
	// PlatformKey says which of its keys the merchants work with; KeyPublic by
	// default.
	PlatformKey PlatformKey
	// Suite is a suite besides RSA that merchants may use. The merchant that New
	// makes then uses it. If Platform has no certificates of the suite, New makes
	// two.
	Suite Suite
	// RSA works with the RSA keys of the merchants and of the platform; crypto/rsa by
	// default.
	RSA RSA
	// SharingRatio is how much of each order can be shared with others than its
	// merchant, in ten-thousandths; 3000, which is 30 %, is the default.
	SharingRatio int
	// SlowTransfers makes transfers to users take their time: they are ACCEPTED for
	// five seconds and PROCESSING for five more before they wait for the user, and
	// TRANSFERING for five seconds before they succeed. By default they wait for the
	// user at once.
	SlowTransfers bool
	// AsDocumented answers as the platform's pages say where the platform is known to
	// answer otherwise; docs/sandbox.md lists these answers. By default the sandbox
	// answers as the platform does.
	AsDocumented bool
	// Balance is what each account of each merchant starts with, in fen;
	// 100,000,000, which is a million yuan, is the default. [Server.SetBalance]
	// changes the balance of one account, to 0 too.
	Balance int64
	// Demo adds a running stock of cash coupons for the documentation's example
	// of sending one. Its stock_id is 9856000; it exists twice, created by the
	// first merchant and, as in the example, by 8956000. Every merchant may send
	// its coupons. The sender sets coupon_value and coupon_minimum, and a user
	// can get 60 coupons.
	Demo bool
	// Speed divides the intervals at which notifications are sent again; 1 is
	// the default.
	Speed int
	// Client sends notifications. The sandbox follows no redirects and waits 5
	// seconds for an answer, whatever Client says. The default Client reaches only
	// this machine and private networks.
	Client *http.Client
	// RequireBoundary refuses an upload whose Content-Type lacks the boundary. By
	// default the boundary is taken from the body, as the platform is said to do.
	RequireBoundary bool
	// AllowHosts are host names, such as that of a container, by which the control
	// API may be called in addition to localhost and IP addresses. Requests with
	// another Host are refused. It is an error that a name belongs to the
	// platform.
	AllowHosts []string
	// Console returns the pages of the sandbox for browsers, which are then served
	// at its URL: console.New of package sandbox/console. By default there are none.
	Console func(*Server) *http.ServeMux

	newKey func() (*rsa.PrivateKey, error) // for new certificates of the platform; nil makes one
}

// A Server is a sandbox: an http.Handler. It is safe for concurrent use.
type Server struct {
	clock     func() time.Time // of what has a state
	wall      func() time.Time // of day
	ahead     atomic.Int64     // nanoseconds by which clock is ahead of wall
	seed      uint64
	strict    bool // about the boundary of forms
	store     Store
	merchants *party.Merchants
	first     Merchant
	parties   *money.Parties
	terms     money.Terms
	issuer    *party.Issuer
	timetable *timetable.Timetable

	v3       *v3.API
	v2       *v2.API
	notices  *v3.Notices
	notifier *notifier.Notifier
	control  http.Handler
	console  console
	openID   *openid.API
	requests *requests
	records  *records.Index
	watch    *watch
	faults   faults
}

var _ http.Handler = (*Server)(nil)

// New returns a sandbox. The error says what is wrong with config. Call
// [Server.Close] when you no longer serve it.
func New(config Config) (*Server, error) {
	s, err := newServer(config)
	if err != nil {
		return nil, fmt.Errorf("sandbox: %w", err)
	}
	if err := s.resume(); err != nil {
		s.Close()
		return nil, fmt.Errorf("sandbox: %w", err)
	}
	return s, nil
}

func newServer(config Config) (*Server, error) {
	s := &Server{wall: config.Clock, seed: config.Seed, strict: config.RequireBoundary, store: config.Store,
		requests: newRequests(config), records: records.New(), watch: newWatch()}
	if s.wall == nil {
		s.wall = time.Now
	}
	s.clock = func() time.Time { return s.wall().Add(time.Duration(s.ahead.Load())) }
	if s.store == nil {
		s.store = NewMemory()
	}
	hosts, err := control.NewHosts(config.AllowHosts)
	if err != nil {
		return nil, err
	}
	if s.terms, err = config.terms(); err != nil {
		return nil, err
	}
	if err := s.checkFormat(); err != nil {
		return nil, err
	}
	if err := s.resumeClock(); err != nil {
		return nil, err
	}
	if err := s.addBalances(); err != nil {
		return nil, err
	}
	if err := s.setParties(config); err != nil {
		return nil, err
	}
	if config.Demo {
		if err := s.addDemo(); err != nil {
			return nil, err
		}
	}
	s.setProtocols(config)
	if s.notifier, err = s.newNotifier(config); err != nil {
		return nil, err
	}
	s.control = control.New(s.actions(), hosts)
	s.openID = s.newOpenID()
	s.console = newConsole(config.Console, s, hosts)
	return s, nil
}

// setParties sets the merchants, sub-merchants and platform, and makes those that
// config lacks.
func (s *Server) setParties(config Config) error {
	merchants := config.Merchants
	if len(merchants) == 0 {
		m, err := config.newMerchant(s.clock())
		if err != nil {
			return err
		}
		merchants = []Merchant{m}
	}
	all := make([]party.Merchant, len(merchants))
	for i, m := range merchants {
		all[i] = party.Merchant(m)
	}
	var err error
	if s.merchants, err = party.NewMerchants(all, party.RSA(config.RSA), config.Suite); err != nil {
		return err
	}
	s.first = merchants[0]
	if s.parties, err = s.partiesOf(config.SubMerchants); err != nil {
		return err
	}
	made := config.Platform
	if made == nil {
		p, err := NewPlatform(s.clock())
		if err != nil {
			return err
		}
		made = &p
	}
	s.issuer, err = party.NewIssuer(made.party(), party.IssuerConfig{
		Mode: party.Mode(cmp.Or(config.PlatformKey, KeyPublic)), RSA: party.RSA(config.RSA), Suite: config.Suite, NewKey: config.newKey,
	}, s.clock())
	if err != nil {
		return err
	}
	return s.issuer.Check(s.merchants)
}

// setProtocols sets what answers requests.
func (s *Server) setProtocols(config Config) {
	s.timetable = timetable.New()
	nonces := platform.NewNonces(maxNonces)
	s.v3 = v3.New(v3.Config{
		Merchants: s.merchants, Issuer: s.issuer, Clock: s.clock, Wall: s.wall, Nonces: nonces, Transact: s.transact,
		Bills: bill.Maker{}, Media: media.Library{}, ImagePath: control.ImagePath, AsDocumented: config.AsDocumented,
	})
	s.v2 = v2.New(v2.Config{Merchants: s.merchants, Nonces: nonces, Transact: s.transact, Bills: bill.Maker{}})
	s.notices = &v3.Notices{API: s.v3}
}

func (s *Server) newNotifier(config Config) (*notifier.Notifier, error) {
	return notifier.New(notifier.Config{
		Store: s.store, Timetable: s.timetable, Clock: s.clock, Seed: s.seed, Speed: config.Speed, Client: config.Client,
		Changed: func() { s.watch.tell(changedNotifications) }, KeyOf: s.issuer.Noted, V3: s.notices, V2: &v2.Notices{API: s.v2},
	})
}

// addDemo adds the stock of Config.Demo.
func (s *Server) addDemo() error {
	return s.store.Update(func(tx Tx) error {
		l := s.ledger(tx, s.clock())
		return l.AddDemo(s.first.MchID, s.merchants.MchIDs())
	})
}

// Merchant returns the first of the sandbox's merchants, with the newest of its
// certificates.
func (s *Server) Merchant() Merchant { return Merchant(s.caller().Merchant) }

// MchIDs returns the numbers of the merchants and of the sub-merchants, sorted, each
// once.
func (s *Server) MchIDs() []string { return s.parties.MchIDs() }

// caller returns the first merchant with its newest key.
func (s *Server) caller() party.Caller {
	c, _ := s.merchants.Of(s.first.MchID)
	return c
}

// PlatformKeys returns the public keys of everything that the sandbox signs
// with for the first merchant. Config.PlatformKey decides which these are.
func (s *Server) PlatformKeys() keys.Static { return s.issuer.PublicKeys(s.caller().Key.Scheme()) }

// A protocol answers requests.
type protocol interface {
	Answer(in *wire.Request) (wire.Reply, error)
	Refuse(err error) wire.Reply
	Seal(in *wire.Request, out *wire.Reply, h http.Header) error
}

// protocolOf returns the protocol of a request. APIv3 answers what is not an
// operation.
func (s *Server) protocolOf(in *wire.Request) protocol {
	if in.IsV2() {
		return s.v2
	}
	return s.v3
}

// ServeHTTP answers a request as the platform does.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if strings.HasPrefix(r.URL.Path, control.Path) {
		s.control.ServeHTTP(w, r)
		return
	}
	if s.console.has(r) {
		s.console.ServeHTTP(w, r)
		return
	}
	if s.openID.Has(r) {
		s.openID.ServeHTTP(w, r)
		return
	}
	if isH5(r) {
		answerH5(w)
		return
	}
	in, err := wire.Receive(w, r, s.clock(), s.wall)
	s.process(w, in, err)
}

// process answers a request to an operation. err says what is wrong with the request so
// far.
func (s *Server) process(w http.ResponseWriter, in *wire.Request, err error) {
	f := s.faults.take(in.Method, in.Path)
	if !s.strict {
		in.FindBoundary()
	}
	if err == nil {
		err = s.begin(in, f)
	}
	by := s.protocolOf(in)
	var out wire.Reply
	switch {
	case err != nil:
	case in.Op == nil:
		err = in.Nothing(w.Header())
	default:
		out, err = by.Answer(in)
	}
	if err != nil {
		out = by.Refuse(err)
	}
	if in.Fault != nil && in.Fault.Met {
		out.Status = cmp.Or(f.status(), out.Status)
	}
	s.date(in, w.Header())
	err = f.seal(by, in, &out, w.Header())
	s.remember(in, out, f, w.Header())
	if err != nil {
		// An answer that cannot be signed is not sent; the connection ends.
		panic(http.ErrAbortHandler)
	}
	f.send(w, out)
}

// date sets the header Date to the time by which the caller signs. A request of APIv2 does
// not say by which clock: if there are two, its answer has no Date.
func (s *Server) date(in *wire.Request, h http.Header) {
	if in.IsV2() && s.ahead.Load() != 0 {
		h["Date"] = nil
		return
	}
	h.Set("Date", in.Clock().UTC().Format(http.TimeFormat))
}
