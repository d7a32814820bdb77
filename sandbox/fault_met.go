package sandbox

import (
	"cmp"
	"fmt"
	"math/rand/v2"
	"slices"
	"strconv"
)

// maxMet is how many faults are remembered.
const maxMet = 100

// A FaultMet is a fault that is or was set, with how many requests met it.
type FaultMet struct {
	ID  string
	Met int
	// Active reports whether it is still to happen. Fault.Count is then what is left
	// of it, and otherwise what was set.
	Active bool
	Fault  Fault
}

// meet counts a request that meets a fault.
func (fs *faults) meet(id string) {
	if i := slices.IndexFunc(fs.met, func(m FaultMet) bool { return m.ID == id }); i >= 0 {
		fs.met[i].Met++
	}
}

// replace sets all faults.
func (fs *faults) replace(next []setFault) {
	fs.mu.Lock()
	defer fs.mu.Unlock()
	fs.set = nil
	for _, f := range next {
		fs.add(f)
	}
}

// add sets one more fault and returns its number.
func (fs *faults) add(f setFault) string {
	fs.count++
	f.id = strconv.Itoa(fs.count)
	fs.set = append(fs.set, f)
	if len(fs.met) == maxMet {
		fs.met = slices.Delete(fs.met, 0, 1)
	}
	fs.met = append(fs.met, FaultMet{ID: f.id, Fault: f.Fault})
	return f.id
}

// AddFault sets one more fault, after those that are set, and returns its number.
func (s *Server) AddFault(f Fault) (id string, err error) {
	if f.Code != "" {
		f.Kind = cmp.Or(f.Kind, FaultCode)
	}
	if err := f.check(); err != nil {
		return "", fmt.Errorf("sandbox: fault: %w", err)
	}
	defer s.watch.tell(changedFaults)
	s.faults.mu.Lock()
	defer s.faults.mu.Unlock()
	return s.faults.add(setFault{f, "", rand.New(rand.NewPCG(s.seed, uint64(len(s.faults.set))))}), nil
}

// RemoveFault ends one fault. It is an error that it is not set.
func (s *Server) RemoveFault(id string) error {
	defer s.watch.tell(changedFaults)
	s.faults.mu.Lock()
	defer s.faults.mu.Unlock()
	i := slices.IndexFunc(s.faults.set, func(f setFault) bool { return f.id == id })
	if i < 0 {
		return missing{fmt.Errorf("sandbox: no fault %.32q is set", id)}
	}
	s.faults.set = slices.Delete(s.faults.set, i, i+1)
	return nil
}

// FaultsMet returns the latest hundred faults that are or were set, the latest
// first, with how many requests met each.
func (s *Server) FaultsMet() []FaultMet {
	s.faults.mu.Lock()
	defer s.faults.mu.Unlock()
	all := slices.Clone(s.faults.met)
	slices.Reverse(all)
	for i := range all {
		if at := slices.IndexFunc(s.faults.set, func(f setFault) bool { return f.id == all[i].ID }); at >= 0 {
			all[i].Active, all[i].Fault = true, s.faults.set[at].Fault
		}
	}
	return all
}
