package batch

import "github.com/wxchain/wechatpay/cmd/wxpay/internal/shared/lang"

// An identity says which batch a file of results belongs to.
type identity struct {
	Input  string `json:"input_sha256"`
	Method string `json:"method"`
	Path   string `json:"path"`
	Host   string `json:"host"`
	MchID  string `json:"mchid"`
	NATS   bool   `json:"nats,omitempty"` // workers of NATS make the calls
}

// difference says what the results of another identity belong to. It returns nil
// if the identities are equal.
func (id identity) difference(other identity) lang.Text {
	switch {
	case id.Method != other.Method || id.Path != other.Path:
		return lang.Sprintf("another call, %s %s", other.Method, other.Path)
	case id.MchID != other.MchID:
		return lang.Sprintf("another merchant, %s", other.MchID)
	case id.Host != other.Host:
		return lang.Sprintf("calls to another host, %s", other.Host)
	case id.Input != other.Input:
		return lang.Phrase("another input, or an input that was changed since")
	case id.NATS && !other.NATS:
		return lang.Phrase("the same batch without --nats, which has sent lines that the workers do not know of")
	case other.NATS && !id.NATS:
		return lang.Phrase("the same batch with --nats, whose workers send its lines")
	}
	return nil
}
