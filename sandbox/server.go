package sandbox

import (
	"cmp"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/wxchain/wechatpay/internal/platform"
	"github.com/wxchain/wechatpay/keys"
	"github.com/wxchain/wechatpay/openapi"
	"github.com/wxchain/wechatpay/sandbox/internal/timetable"
	"github.com/wxchain/wechatpay/signer"
)

// DefaultMchID is the number of the merchant that a sandbox makes when it is
// given none.
const DefaultMchID = "1900000109"

// maxNonces is how many nonces are kept of the requests of ten minutes.
const maxNonces = 1 << 20

// Config is how a sandbox is made. The zero Config makes one in memory, with
// keys of its own.
type Config struct {
	// Clock is time.Now by default.
	Clock func() time.Time
	// Seed decides the numbers that the sandbox makes up, such as
	// transaction_id: the same calls in the same order give the same numbers.
	Seed uint64
	// Store keeps the state; by default it is a new one in memory. What waits in
	// one that another sandbox had, such as notifications, goes on.
	Store Store
	// Merchants are who may call; by default one is made, with the number
	// DefaultMchID. Making its keys takes a second or so.
	Merchants []Merchant
	// SubMerchants are whom the merchants act for as partners. By default the
	// first merchant acts for DefaultSubMchID.
	SubMerchants []SubMerchant
	// Platform is what answers are signed with; by default one is made.
	Platform *Platform
	// Demo adds a running stock of cash coupons for the documentation's example
	// of sending one: stock_id 9856000, of the first merchant and, as in the
	// example, of 8956000, from which every merchant here may send. Who sends a
	// coupon names its coupon_value and coupon_minimum, and a user gets 60.
	Demo bool
	// Speed divides the intervals at which notifications are sent again; 1 is
	// the default.
	Speed int
	// Client sends notifications. Redirects are not followed, and it waits for
	// 5 seconds, whatever it says itself. The default reaches this machine and
	// private networks alone.
	Client *http.Client
	// AllowHosts are names by which the control API may be called, such as that
	// of a container, beside localhost and IP addresses: a request with another
	// Host is refused. It is an error that a name is one of the platform's.
	AllowHosts []string
}

// A Server is a WeChat Pay: an http.Handler, safe for any number of goroutines.
type Server struct {
	clock      func() time.Time // of what has a state
	wall       func() time.Time // of day
	seed       uint64
	store      Store
	merchants  map[string]Merchant // by mchid
	first      Merchant
	subs       map[owner]SubMerchant
	platform   atomic.Pointer[issued]
	handlers   map[string]handler
	handlersV2 map[string]handlerV2
	validate   http.RoundTripper
	nonces     *platform.Nonces
	requests   journal
	faults     faults
	ahead      atomic.Int64 // nanoseconds by which clock is ahead of wall
	notifier   *notifier
	keysOf     sync.Map // string by mchid; see noteKey
	timetable  *timetable.Timetable
	control    http.Handler
}

var _ http.Handler = (*Server)(nil)

// New makes a sandbox. The error says what of config is wrong.
func New(config Config) (*Server, error) {
	s := &Server{
		clock:      config.Clock,
		seed:       config.Seed,
		store:      config.Store,
		merchants:  make(map[string]Merchant),
		handlers:   handlers(),
		handlersV2: handlersV2(),
		validate:   openapi.Validate()(valid{}),
		nonces:     platform.NewNonces(maxNonces),
	}
	if s.clock == nil {
		s.clock = time.Now
	}
	s.wall = s.clock
	s.clock = func() time.Time { return s.wall().Add(time.Duration(s.ahead.Load())) }
	if s.store == nil {
		s.store = NewMemory()
	}
	hosts, err := newControlHosts(config.AllowHosts)
	if err != nil {
		return nil, fmt.Errorf("sandbox: %w", err)
	}
	if err := s.checkFormat(); err != nil {
		return nil, fmt.Errorf("sandbox: %w", err)
	}
	if err := s.resumeClock(); err != nil {
		return nil, fmt.Errorf("sandbox: %w", err)
	}
	if err := s.setMerchants(config.Merchants); err != nil {
		return nil, fmt.Errorf("sandbox: %w", err)
	}
	if err := s.setSubMerchants(config.SubMerchants); err != nil {
		return nil, fmt.Errorf("sandbox: %w", err)
	}
	if err := s.setPlatform(config.Platform); err != nil {
		return nil, fmt.Errorf("sandbox: %w", err)
	}
	if config.Demo {
		if err := s.addDemo(); err != nil {
			return nil, fmt.Errorf("sandbox: %w", err)
		}
	}
	if s.notifier, err = newNotifier(config); err != nil {
		return nil, fmt.Errorf("sandbox: %w", err)
	}
	s.timetable = timetable.New()
	s.control = s.newControl(hosts)
	if err := s.resume(); err != nil {
		s.Close()
		return nil, fmt.Errorf("sandbox: %w", err)
	}
	return s, nil
}

func (s *Server) setMerchants(merchants []Merchant) error {
	if len(merchants) == 0 {
		m, err := NewMerchant(DefaultMchID, s.clock())
		if err != nil {
			return err
		}
		merchants = []Merchant{m}
	}
	for _, m := range merchants {
		if err := m.check(); err != nil {
			return err
		}
		if _, twice := s.merchants[m.MchID]; twice {
			return fmt.Errorf("merchant %s is there twice", m.MchID)
		}
		s.merchants[m.MchID] = m
	}
	s.first = merchants[0]
	return nil
}

func (s *Server) setPlatform(p *Platform) error {
	if p == nil {
		made, err := NewPlatform(s.clock())
		if err != nil {
			return err
		}
		p = &made
	}
	if err := p.check(); err != nil {
		return err
	}
	own := *p
	own.Certificates = slices.Clone(p.Certificates)
	made, err := issue(own)
	s.platform.Store(made)
	return err
}

// Merchant returns the first of the sandbox's merchants.
func (s *Server) Merchant() Merchant { return s.first }

// PlatformKeys are the public keys of all that answers are signed with.
func (s *Server) PlatformKeys() keys.Static { return s.platform.Load().Keys() }

// ServeHTTP answers a request as the platform does.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if strings.HasPrefix(r.URL.Path, controlPath) {
		s.control.ServeHTTP(w, r)
		return
	}
	in, err := receive(w, r, s.clock(), s.wall)
	f := s.faults.take(in.path)
	if err == nil {
		err = s.begin(in, f)
	}
	var out reply
	switch {
	case err != nil:
	case in.op == nil:
		err = in.nothing(w.Header())
	case in.isV2():
		out, err = s.answerV2(in)
	default:
		out, err = s.answerV3(in)
	}
	if err != nil {
		out = in.refuse(err)
		out.status = cmp.Or(f.status(), out.status)
	}
	s.requests.add(in, out, f.Kind)
	if err := s.sealWith(f, in, &out, w.Header()); err != nil {
		// An answer that cannot be signed is none; the connection ends.
		panic(http.ErrAbortHandler)
	}
	f.send(w, out)
}

// nothing is the refusal of a path that the platform does not have, or not by
// this method.
func (in *inbound) nothing(h http.Header) error {
	for _, method := range [...]string{"GET", "POST", "PUT", "PATCH", "DELETE"} {
		if openapi.Match(method, in.path) != nil {
			h.Add("Allow", method)
		}
	}
	if h.Get("Allow") == "" {
		return &refusal{Status: http.StatusNotFound, Code: "RESOURCE_NOT_EXISTS", Message: "there is nothing at " + in.path}
	}
	return &refusal{Status: http.StatusMethodNotAllowed, Code: "INVALID_REQUEST", Message: in.method + " is not for this path"}
}

// refuse is the answer that an error stands for.
func (in *inbound) refuse(err error) reply {
	no := new(refusal)
	if !errors.As(err, &no) {
		// Whatever it is, it is not the caller's to know.
		no = &refusal{Status: http.StatusInternalServerError, Code: "SYSTEM_ERROR", Message: "the sandbox failed; repeat the request as it was"}
	}
	if in.isV2() {
		return no.v2()
	}
	return no.v3()
}

// signerFor is what an answer is signed with: the key that the request names,
// else the newest certificate.
func (s *Server) signerFor(serial string) signer.Signer {
	signers := s.platform.Load().signers
	for _, known := range signers {
		if strings.EqualFold(known.SerialNo(), serial) {
			return known
		}
	}
	return signers[0]
}
