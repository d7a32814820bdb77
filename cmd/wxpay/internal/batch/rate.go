package batch

import (
	"strconv"
	"strings"
	"time"

	"golang.org/x/time/rate"

	"github.com/wxchain/wechatpay/cmd/wxpay/internal/shared/lang"
	"github.com/wxchain/wechatpay/cmd/wxpay/internal/shared/term"
)

const rateForms lang.Phrase = "100/s, 6000/m or 50000/h"

// parseRate parses the maximum number of calls in a second, a minute or an
// hour, such as "100/s". "" means no limit.
func parseRate(text string) (rate.Limit, error) {
	if text == "" {
		return rate.Inf, nil
	}
	number, unit, _ := strings.Cut(text, "/")
	per, known := map[string]time.Duration{"s": time.Second, "m": time.Minute, "h": time.Hour}[unit]
	n, err := strconv.ParseUint(number, 10, 31)
	if !known || err != nil || n == 0 {
		return 0, lang.Errorf("--rate %q is not a rate, such as %s", term.Cut(text), rateForms)
	}
	return rate.Limit(float64(n) / per.Seconds()), nil
}
