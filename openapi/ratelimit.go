package openapi

import (
	_ "embed"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/tidwall/gjson"
)

// A RateLimit is a documented limit of how often an operation may be called.
type RateLimit struct {
	// Per says whose requests count together: "merchant", "provider" (a service
	// provider or an institution), "caller" (whoever signs, which the page does not say
	// more about), "api" (the page names the operation alone), "all merchants",
	// "platform" (an e-commerce platform), "receiving merchant" and "sharing merchant"
	// (of a profit sharing), "order", "number" (the merchant's number of the request),
	// or "ip".
	Per string
	// Requests is how many are allowed Within a time.
	Requests int
	Within   time.Duration
	// Only says which requests count, such as "requests that fail". It is "" if all do.
	Only string
	// Note has further facts.
	Note string
	// Page is the page that documents the limit.
	Page string
}

//go:embed ratelimits.jsonl
var rateLimitLines string

var rateLimitsByOperation = sync.OnceValue(func() map[string][]RateLimit {
	all := make(map[string][]RateLimit)
	for line := range strings.Lines(rateLimitLines) {
		v := gjson.Parse(line)
		var limits []RateLimit
		for _, l := range v.Get("limits").Array() {
			within, _ := time.ParseDuration(l.Get("within").Str) // the tests check it
			limits = append(limits, RateLimit{
				Per: l.Get("per").Str, Requests: int(l.Get("requests").Int()), Within: within,
				Only: l.Get("only").Str, Note: l.Get("note").Str, Page: l.Get("page").Str,
			})
		}
		all[v.Get("method").Str+" "+v.Get("template").Str] = limits
	}
	return all
})

// RateLimits returns the documented limits of the operation. Most operations have none
// here. The platform may limit these too, and may grant a merchant other limits.
func (op *Operation) RateLimits() []RateLimit {
	return slices.Clone(rateLimitsByOperation()[op.String()])
}
