package wechatpay

import (
	"fmt"

	"github.com/wxchain/wechatpay/internal/suggest"
)

// didYouMean returns the end of an error about a word that is not among the
// names.
func didYouMean(word string, names []string) string {
	if name := suggest.Nearest(word, names); name != "" {
		return fmt.Sprintf("; did you mean %q?", name)
	}
	return ""
}
