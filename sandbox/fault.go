package sandbox

import (
	"cmp"
	"fmt"
	"math/rand/v2"
	"slices"
	"sync"
	"time"
)

// A FaultKind is a way in which the network or the platform fails.
type FaultKind string

// The kinds of faults.
const (
	// FaultDelay answers late, by Fault.Delay.
	FaultDelay FaultKind = "delay"
	// FaultRefuse ends the connection with no answer. Nothing was done.
	FaultRefuse FaultKind = "refuse"
	// FaultCut does what was asked, and ends the connection amid the answer.
	FaultCut FaultKind = "cut"
	// FaultError answers 500 SYSTEM_ERROR. Nothing was done.
	FaultError FaultKind = "500"
	// FaultUnavailable answers 502 SERVICE_UNAVAILABLE. Nothing was done.
	FaultUnavailable FaultKind = "502"
	// FaultTooMany answers 429 FREQUENCY_LIMITED, or FREQUENCY_LIMIT_EXCEED for cash
	// coupons. Nothing was done.
	FaultTooMany FaultKind = "429"
	// FaultSignature answers with a signature that does not verify.
	FaultSignature FaultKind = "signature"
	// FaultTimestamp answers with a timestamp of ten minutes ago. The signature
	// verifies. APIv2 has no timestamp.
	FaultTimestamp FaultKind = "timestamp"
	// FaultSerial answers with the serial number of an unknown key. APIv2 has no
	// serial number.
	FaultSerial FaultKind = "serial"
	// FaultRotate replaces all platform certificates by a new one, then answers.
	// The public key stays.
	FaultRotate FaultKind = "rotate"
	// FaultCode answers with Fault.Status, Fault.Code and Fault.Message, as an
	// operation refuses for a reason of business. Only requests that are correct
	// meet it.
	FaultCode FaultKind = "code"
)

var faultKinds = [...]FaultKind{FaultDelay, FaultRefuse, FaultCut, FaultError, FaultUnavailable, FaultTooMany,
	FaultSignature, FaultTimestamp, FaultSerial, FaultRotate, FaultCode}

// A Fault is something that goes wrong with requests. The faults of signatures do
// not affect answers that the platform does not sign.
type Fault struct {
	// Path is the pattern of the paths that it affects, as [path.Match] takes it:
	// in "v3/pay/transactions/*" the * stands for one segment. It may start with a
	// method, have variables as the catalogue does, and end in "/...", which stands
	// for all segments that follow: "POST v3/marketing/favor/users/{openid}/coupons",
	// "v3/profitsharing/...". "" affects all.
	Path string
	Kind FaultKind
	// Count is how many requests it affects; 0 is all, until the faults are set
	// again.
	Count int
	// Delay is the delay of FaultDelay, in real time.
	Delay time.Duration
	// Chance is the probability that a request meets it, above 0 and up to 1; 0 is
	// always. The seed of the sandbox decides: once the faults are set, the same
	// requests in the same order meet the same faults.
	Chance float64
	// Code is the code of FaultCode, such as "NOT_ENOUGH". With a Code and without
	// a Kind, the Kind is FaultCode.
	Code string
	// Status is the status of FaultCode, from 200 to 599. By default it is the
	// documented status of Code: of the operation, or else of another operation; 400
	// if Code is not documented. Answers of APIv2 have 200 by default.
	Status int
	// Message is the message of FaultCode. By default it is the meaning that the
	// operation documents, or Code.
	Message string
	// After does what was asked before it answers with FaultCode, FaultError,
	// FaultUnavailable or FaultTooMany. By default nothing was done.
	After bool
}

func (f Fault) check() error {
	if !slices.Contains(faultKinds[:], f.Kind) {
		return fmt.Errorf("its Kind is %q, want one of %q", f.Kind, faultKinds)
	}
	if err := f.checkPath(); err != nil {
		return fmt.Errorf("its Path %.128q: %w", f.Path, err)
	}
	if f.Count < 0 {
		return fmt.Errorf("its Count %d is less than 0", f.Count)
	}
	if (f.Delay > 0) != (f.Kind == FaultDelay) || f.Delay < 0 {
		return fmt.Errorf("its Delay is %v; the kind %q wants one, and no other", f.Delay, FaultDelay)
	}
	if !(f.Chance >= 0 && f.Chance <= 1) { // nor NaN
		return fmt.Errorf("its Chance is %v, want one from 0 to 1", f.Chance)
	}
	return f.checkCode()
}

// checkCode checks the fields of faults that answer with a code.
func (f Fault) checkCode() error {
	if (f.Code != "") != (f.Kind == FaultCode) || f.Kind != FaultCode && (f.Status != 0 || f.Message != "") {
		return fmt.Errorf("its Code is %.64q, Status %d, Message %.64q; the kind %q wants a Code, and no other may have these", f.Code, f.Status, f.Message, FaultCode)
	}
	if f.Status != 0 && (f.Status < 200 || f.Status > 599) {
		return fmt.Errorf("its Status is %d, want one from 200 to 599", f.Status)
	}
	if _, err := f.refusal(nil); f.After && err != nil {
		return fmt.Errorf("its Kind %q cannot come After; %w", f.Kind, err)
	}
	return nil
}

// A setFault is a Fault with the dice that decide by its Chance. Each has its own
// dice and throws them for each request that its Path matches, so that the Path or
// Count of one fault does not change which requests another one meets.
type setFault struct {
	Fault
	id   string
	dice *rand.Rand
}

// happens reports whether a request meets the fault.
func (f setFault) happens(method, requested string) bool {
	return f.matches(method, requested) && (f.Chance == 0 || f.dice.Float64() < f.Chance)
}

// faults are the faults that are set. A request meets the first that happens.
type faults struct {
	mu    sync.Mutex
	set   []setFault
	met   []FaultMet // all that were set, the latest last
	count int        // of all that were ever set
}

// take returns the fault that happens to a request, or the zero setFault.
func (fs *faults) take(method, requested string) setFault {
	fs.mu.Lock()
	defer fs.mu.Unlock()
	i := -1
	for n, f := range fs.set {
		if f.happens(method, requested) && i < 0 { // all throw their dice
			i = n
		}
	}
	if i < 0 {
		return setFault{}
	}
	f := fs.set[i]
	fs.meet(f.id)
	switch f.Count {
	case 0:
	case 1:
		fs.set = slices.Delete(fs.set, i, i+1)
	default:
		fs.set[i].Count--
	}
	return f
}

// Faults sets what goes wrong from now on; without arguments, nothing. A request
// meets the first fault whose Path matches and whose Chance happens. If a fault is
// wrong, the error says which, and nothing changes.
func (s *Server) Faults(set ...Fault) error {
	next := make([]setFault, len(set))
	for i, f := range set {
		if f.Code != "" {
			f.Kind = cmp.Or(f.Kind, FaultCode)
		}
		if err := f.check(); err != nil {
			return fmt.Errorf("sandbox: fault %d: %w", i, err)
		}
		next[i] = setFault{f, "", rand.New(rand.NewPCG(s.seed, uint64(i)))}
	}
	s.faults.replace(next)
	s.watch.tell(changedFaults)
	return nil
}

// FaultsLeft returns the faults that are still to happen, with the counts that are
// left.
func (s *Server) FaultsLeft() []Fault {
	s.faults.mu.Lock()
	defer s.faults.mu.Unlock()
	left := make([]Fault, len(s.faults.set))
	for i, f := range s.faults.set {
		left[i] = f.Fault
	}
	return left
}
