package openapi

import (
	"fmt"
	"strings"
	"sync"

	"github.com/wxchain/wechatpay/internal/naming"
)

// tree is grown at its first use. It is nil when the catalogue cannot be
// spelled as one, which go generate refuses to begin with.
var tree = sync.OnceValue(func() *naming.Node {
	root, err := naming.Grow(names)
	if err != nil {
		return nil
	}
	return root
})

// GoChain returns the call of the operation in Go, through the tree:
// client.V3().Marketing().Favor().Users().Openid().Coupons().Post(ctx). For an
// operation that is not in the catalogue it is client.Chain("…").Post(ctx).
func (op *Operation) GoChain() string {
	chain := fmt.Sprintf("Chain(%q)", op.Template)
	if root := tree(); root != nil {
		if n := root.Find(op.Method, op.Template); n != nil {
			chain = n.Calls()
		}
	}
	return "client." + chain + "." + naming.Verb(op.Method) + "(ctx)"
}

// PHPChain returns the call of the operation in PHP, with wechatpay-php:
// $instance->v3->marketing->favor->users->_openid_->coupons->post().
//
// A segment that is not a valid property name is in braces and quotes. A slash at the
// end of the template belongs to the last segment: ->{'applyment/'}. The PHP SDK turns
// capitals into small letters in every spelling, so a template with capitals can only
// be approximated.
func (op *Operation) PHPChain() string {
	return "$instance->" + naming.PHP(op.Template) + "->" + strings.ToLower(op.Method) + "()"
}
