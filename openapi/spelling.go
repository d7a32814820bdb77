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
	root, err := naming.Grow(func(yield func(method, template string) bool) {
		for op := range Operations() {
			if !yield(op.Method, op.Template) {
				return
			}
		}
	})
	if err != nil {
		return nil
	}
	return root
})

// GoChain is how a program calls the operation through the tree:
// client.V3().Marketing().Favor().Users().Openid().Coupons().Post(ctx). An
// operation that is not of the catalogue is spelled client.Chain("…").Post(ctx).
func (op *Operation) GoChain() string {
	chain := fmt.Sprintf("Chain(%q)", op.Template)
	if root := tree(); root != nil {
		if n := root.Find(op.Method, op.Template); n != nil {
			chain = n.Calls()
		}
	}
	return "client." + chain + "." + naming.Verb(op.Method) + "(ctx)"
}

// PHPChain is how a program in PHP calls the operation, through
// wechatpay-php: $instance->v3->marketing->favor->users->_openid_->coupons->post().
//
// A segment that a property cannot spell is in braces and quotes, and a slash
// at the end of the template belongs to the last one: ->{'applyment/'}. The PHP
// SDK makes small letters of capitals in every spelling, so for a template with
// capitals this is as close as it gets.
func (op *Operation) PHPChain() string {
	return "$instance->" + naming.PHP(op.Template) + "->" + strings.ToLower(op.Method) + "()"
}
