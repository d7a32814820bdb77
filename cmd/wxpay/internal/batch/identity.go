package batch

import (
	"fmt"
)

// An identity says which batch a file of results belongs to.
type identity struct {
	Input  string `json:"input_sha256"`
	Method string `json:"method"`
	Path   string `json:"path"`
	Host   string `json:"host"`
	MchID  string `json:"mchid"`
	NATS   bool   `json:"nats,omitempty"` // workers of NATS make the calls
}

// difference says what the results of another identity belong to. It returns ""
// if the identities are equal.
func (id identity) difference(other identity) string {
	switch {
	case id.Method != other.Method || id.Path != other.Path:
		return fmt.Sprintf("another call, %s %s", other.Method, other.Path)
	case id.MchID != other.MchID:
		return "another merchant, " + other.MchID
	case id.Host != other.Host:
		return "calls to another host, " + other.Host
	case id.Input != other.Input:
		return "another input, or an input that was changed since"
	case id.NATS && !other.NATS:
		return "the same batch without --nats, which has sent lines that the workers do not know of"
	case other.NATS && !id.NATS:
		return "the same batch with --nats, whose workers send its lines"
	}
	return ""
}
