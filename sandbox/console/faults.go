package console

import (
	"cmp"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/wxchain/wechatpay/sandbox"
)

// faultKinds are the kinds of faults with what they do.
var faultKinds = []struct {
	Kind sandbox.FaultKind
	Text string
}{
	{sandbox.FaultError, "500 SYSTEM_ERROR, nothing is done"},
	{sandbox.FaultUnavailable, "502 SERVICE_UNAVAILABLE, nothing is done"},
	{sandbox.FaultTooMany, "429 FREQUENCY_LIMITED, nothing is done"},
	{sandbox.FaultCode, "a code of business"},
	{sandbox.FaultDelay, "the answer comes late"},
	{sandbox.FaultRefuse, "the connection ends, nothing is done"},
	{sandbox.FaultCut, "it is done, but the answer breaks off"},
	{sandbox.FaultSignature, "the signature of the answer is wrong"},
	{sandbox.FaultTimestamp, "the timestamp of the answer is old"},
	{sandbox.FaultSerial, "the answer names an unknown key"},
	{sandbox.FaultRotate, "the platform's certificates are replaced"},
}

func (c *console) showFaults(w http.ResponseWriter, r *http.Request) error {
	var met []metFault
	active := 0
	for _, m := range c.sandbox.FaultsMet() {
		met = append(met, metFault{m})
		if m.Active {
			active++
		}
	}
	// The requests that met a fault are among the latest.
	p, err := c.sandbox.RequestPage(sandbox.Query{Limit: 500})
	if err != nil {
		return err
	}
	hit := section{kind: kinds[0], Back: r.URL.RequestURI()}
	for _, q := range p.Items {
		if q.Fault != "" && len(hit.Requests) < 50 {
			hit.Requests = append(hit.Requests, q)
		}
	}
	return c.site.Render(w, r, c.faults, struct {
		Kinds  any
		Met    []metFault
		Active int
		Hit    section
		Back   string
	}{faultKinds, met, active, hit, r.URL.RequestURI()})
}

// A metFault is a fault in the list.
type metFault struct{ sandbox.FaultMet }

// Percent is how probable the fault is, as the form takes it.
func (m metFault) Percent() string {
	return strconv.FormatFloat(100*cmp.Or(m.Fault.Chance, 1), 'g', 6, 64) + " %"
}

// addFault sets the fault of a form.
func (c *console) addFault(r *http.Request) error {
	value := func(name string) string { return strings.TrimSpace(r.PostFormValue(name)) }
	f := sandbox.Fault{Path: value("path"), Kind: sandbox.FaultKind(value("kind"))}
	if f.Kind == sandbox.FaultCode {
		f.Code = value("code")
		f.Message = value("message")
	}
	if f.Kind == sandbox.FaultDelay {
		d, err := time.ParseDuration(value("delay"))
		if err != nil {
			return fmt.Errorf("the delay: %w", err)
		}
		f.Delay = d
	}
	f.After = value("after") != ""
	var err error
	if text := value("count"); text != "" {
		if f.Count, err = strconv.Atoi(text); err != nil {
			return fmt.Errorf("the count %.20q is not a number", text)
		}
		if f.Count == 0 {
			return errors.New("a fault that happens 0 times never happens; leave the count empty for one that always happens")
		}
	}
	if text := value("chance"); text != "" {
		percent, err := strconv.ParseFloat(text, 64)
		if err != nil {
			return fmt.Errorf("the chance %.20q is not a number", text)
		}
		if percent == 0 {
			return errors.New("a fault with a chance of 0 % never happens; leave the chance empty for one that always happens")
		}
		f.Chance = percent / 100
	}
	if text := value("status"); text != "" && f.Kind == sandbox.FaultCode {
		if f.Status, err = strconv.Atoi(text); err != nil {
			return fmt.Errorf("the status %.20q is not a number", text)
		}
	}
	_, err = c.sandbox.AddFault(f)
	return err
}
