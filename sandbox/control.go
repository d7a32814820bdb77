package sandbox

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"time"

	"github.com/wxchain/wechatpay/sandbox/internal/beijing"
	"github.com/wxchain/wechatpay/sandbox/internal/plainjson"
)

// controlPath is where the control API is. No path of the platform starts so.
const controlPath = "/_sandbox/"

// maxControl is how long a body of the control API may be, in bytes.
const maxControl = 64 << 10

// newControl is the control API, which plays the user and the network, as the
// documentation of the package has it.
func (s *Server) newControl(hosts controlHosts) http.Handler {
	mux := http.NewServeMux()
	handle := func(pattern string, f control) { mux.Handle(pattern, f) }
	handle("POST /_sandbox/orders/{number}/pay", s.controlPay)
	handle("POST /_sandbox/orders/{number}/fail", s.controlOrder(s.FailPayment))
	handle("POST /_sandbox/orders/{number}/expire", s.controlOrder(s.Expire))
	handle("POST /_sandbox/refunds/{number}/settle", controlSettle(s, s.SettleRefund))
	handle("POST /_sandbox/transfers/{number}/settle", controlSettle(s, s.SettleTransfer))
	handle("POST /_sandbox/coupons/{number}/use", s.controlUse)
	handle("POST /_sandbox/redpackets/{number}/open", s.controlOpen)
	handle("GET /_sandbox/clock", s.controlNow)
	handle("POST /_sandbox/clock", s.controlAdvance)
	handle("GET /_sandbox/requests", func(*http.Request) (any, error) { return map[string]any{"requests": s.Requests()}, nil })
	handle("GET /_sandbox/notifications", func(*http.Request) (any, error) { return map[string]any{"notifications": s.Notifications()}, nil })
	handle("POST /_sandbox/notifications/{id}/resend", func(r *http.Request) (any, error) { return nil, s.Resend(r.PathValue("id")) })
	handle("GET /_sandbox/faults", s.controlFaults)
	handle("PUT /_sandbox/faults", s.controlSetFaults)
	handle("DELETE /_sandbox/faults", func(*http.Request) (any, error) { return nil, s.Faults() })
	mux.HandleFunc("GET /_sandbox/images/{media_id}", s.serveImage)
	handle(controlPath, func(r *http.Request) (any, error) {
		return nil, &refusal{Status: http.StatusNotFound, Code: "RESOURCE_NOT_EXISTS", Message: "the control API has no " + r.Method + " " + r.URL.Path}
	})
	// A page that is open in a browser on this machine is not who runs the
	// sandbox.
	protection := http.NewCrossOriginProtection()
	protection.SetDenyHandler(control(func(*http.Request) (any, error) {
		return nil, &refusal{Status: http.StatusForbidden, Code: "NO_AUTH", Message: "a page that is open in a browser may not use the control API"}
	}))
	protected := protection.Handler(mux)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if hosts.allows(r) {
			protected.ServeHTTP(w, r)
			return
		}
		control(func(*http.Request) (any, error) {
			return nil, &refusal{Status: http.StatusForbidden, Code: "NO_AUTH", Message: fmt.Sprintf("the control API is not called by the Host %.64q; "+
				"use localhost or an IP address, or allow the name with --allow-host or Config.AllowHosts", r.Host)}
		}).ServeHTTP(w, r)
	})
}

// control answers with what becomes JSON, or nil, or an error.
type control func(*http.Request) (any, error)

func (f control) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	r.Body = http.MaxBytesReader(w, r.Body, maxControl)
	out := reply{status: http.StatusNoContent, contentType: typeJSON}
	answer, err := f(r)
	if err == nil && answer != nil {
		out.status = http.StatusOK
		out.body, err = plainjson.Encode(answer)
	}
	if no := new(refusal); errors.As(err, &no) {
		out = (&refusal{Status: no.Status, Code: no.Code, Message: err.Error()}).v3()
	} else if err != nil {
		out = invalid(err.Error()).v3()
	}
	out.write(w)
}

// mchID is whose an order is.
func (s *Server) mchID(r *http.Request) string {
	return cmp.Or(r.URL.Query().Get("mchid"), s.first.MchID)
}

func (s *Server) controlPay(r *http.Request) (any, error) {
	id, err := s.Pay(s.mchID(r), r.PathValue("number"))
	return map[string]string{"transaction_id": id}, err
}

func (s *Server) controlOrder(f func(mchID, outTradeNo string) error) control {
	return func(r *http.Request) (any, error) { return nil, f(s.mchID(r), r.PathValue("number")) }
}

func controlSettle[State ~string](s *Server, settle func(mchID, number string, state State) error) control {
	return func(r *http.Request) (any, error) {
		var body struct {
			State State `json:"state"`
		}
		if err := readControl(r, &body); err != nil {
			return nil, err
		}
		return nil, settle(s.mchID(r), r.PathValue("number"), body.State)
	}
}

func (s *Server) controlUse(r *http.Request) (any, error) {
	var body struct {
		TransactionID string `json:"transaction_id"`
	}
	if err := readControl(r, &body); err != nil {
		return nil, err
	}
	return nil, s.UseCoupon(s.mchID(r), r.PathValue("number"), body.TransactionID)
}

func (s *Server) controlOpen(r *http.Request) (any, error) {
	amount, err := s.OpenRedPacket(s.mchID(r), r.PathValue("number"), r.URL.Query().Get("openid"))
	return map[string]int64{"amount": amount}, err
}

func (s *Server) controlNow(*http.Request) (any, error) {
	return map[string]string{"now": beijing.Format(s.clock())}, nil
}

func (s *Server) controlAdvance(r *http.Request) (any, error) {
	var body struct {
		Advance duration `json:"advance"`
	}
	if err := readControl(r, &body); err != nil {
		return nil, err
	}
	if err := s.Advance(time.Duration(body.Advance)); err != nil {
		return nil, err
	}
	return s.controlNow(r)
}

// readControl reads a body of the control API, in which each field is known.
func readControl(r *http.Request, v any) error {
	decoder := json.NewDecoder(r.Body)
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(v); err != nil {
		return fmt.Errorf("the body: %w", err)
	}
	if _, err := decoder.Token(); err != io.EOF {
		return errors.New("the body: there is something after the JSON")
	}
	return nil
}

// A duration is written as "1m30s".
type duration time.Duration

func (d duration) MarshalText() ([]byte, error) { return []byte(time.Duration(d).String()), nil }

func (d *duration) UnmarshalText(text []byte) error {
	v, err := time.ParseDuration(string(text))
	*d = duration(v)
	return err
}
