package sandbox

import (
	"net/http"
	"time"
)

// A controlFault is a Fault as the control API writes it.
type controlFault struct {
	Path   string    `json:"path,omitempty"`
	Kind   FaultKind `json:"kind"`
	Count  int       `json:"count,omitempty"`
	Delay  duration  `json:"delay,omitzero"`
	Chance float64   `json:"chance,omitempty"`
}

type controlFaults struct {
	Faults []controlFault `json:"faults"`
}

func (s *Server) controlFaults(*http.Request) (any, error) {
	all := controlFaults{[]controlFault{}}
	for _, f := range s.FaultsLeft() {
		all.Faults = append(all.Faults, controlFault{f.Path, f.Kind, f.Count, duration(f.Delay), f.Chance})
	}
	return all, nil
}

func (s *Server) controlSetFaults(r *http.Request) (any, error) {
	var body controlFaults
	if err := readControl(r, &body); err != nil {
		return nil, err
	}
	var set []Fault
	for _, f := range body.Faults {
		set = append(set, Fault{f.Path, f.Kind, f.Count, time.Duration(f.Delay), f.Chance})
	}
	return nil, s.Faults(set...)
}
