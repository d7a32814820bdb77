package signed

import (
	"bytes"
	"encoding/json"
	"iter"
	"net/url"
	"slices"
	"strings"

	"github.com/wxchain/wechatpay/internal/platform"
	"github.com/wxchain/wechatpay/signer"
)

// A candidate is a text that may have been signed by mistake.
type candidate struct {
	text    []byte
	changes []string // to the expected text
}

// A variant is a part of the text, and what was done to it: "" for the part as it is.
type variant struct{ how, value string }

// A shape is how a text is put together.
type shape struct {
	how  string
	text func(method, target, timestamp, nonce string, body []byte) []byte
}

var shapes = []shape{
	{"", signer.RequestMessage},
	{"The newline at the end is missing.", func(method, target, timestamp, nonce string, body []byte) []byte {
		return bytes.TrimSuffix(signer.RequestMessage(method, target, timestamp, nonce, body), []byte("\n"))
	}},
	{"The last line, of the body, is missing.", func(method, target, timestamp, nonce string, _ []byte) []byte {
		return []byte(method + "\n" + target + "\n" + timestamp + "\n" + nonce + "\n")
	}},
	{"The lines end in \\r\\n.", func(method, target, timestamp, nonce string, body []byte) []byte {
		return bytes.ReplaceAll(signer.RequestMessage(method, target, timestamp, nonce, body), []byte("\n"), []byte("\r\n"))
	}},
	{"The newlines are written as two characters, \\ and n.", func(method, target, timestamp, nonce string, body []byte) []byte {
		return []byte(method + `\n` + target + `\n` + timestamp + `\n` + nonce + `\n` + string(body) + `\n`)
	}},
	{"The nonce comes before the timestamp.", func(method, target, timestamp, nonce string, body []byte) []byte {
		return signer.RequestMessage(method, target, nonce, timestamp, body)
	}},
	{"It has the form of an answer: without the method and the URL.", func(_, _, timestamp, nonce string, body []byte) []byte {
		return signer.ResponseMessage(timestamp, nonce, body)
	}},
}

// candidates returns the texts that are signed by mistake. Those with fewer mistakes
// come first.
func candidates(r Request, a platform.Authorization, body []byte) iter.Seq[candidate] {
	methods := []variant{{"", r.Method}, {"The method is in lower case.", strings.ToLower(r.Method)}}
	for _, other := range [...]string{"GET", "POST"} {
		if other != r.Method {
			methods = append(methods, variant{"The method is another one.", other})
		}
	}
	targets, bodies := targetsOf(r), bodiesOf(r, body)
	return func(yield func(candidate) bool) {
		for most := 1; most <= 3; most++ {
			for _, method := range methods {
				for _, target := range targets {
					for _, b := range bodies {
						for _, s := range shapes {
							changes := slices.DeleteFunc([]string{method.how, target.how, b.how, s.how}, func(how string) bool { return how == "" })
							if len(changes) != most {
								continue
							}
							if !yield(candidate{s.text(method.value, target.value, a.Timestamp, a.Nonce, []byte(b.value)), sentences(changes)}) {
								return
							}
						}
					}
				}
			}
		}
	}
}

// sentences returns each sentence of changes.
func sentences(changes []string) (all []string) {
	for _, how := range changes {
		for line := range strings.SplitSeq(how, "\n") {
			if line != "" {
				all = append(all, line)
			}
		}
	}
	return all
}

// targetsOf returns the URLs that are signed by mistake.
func targetsOf(r Request) []variant {
	all := []variant{{"", r.Target}}
	add := func(how, value string) {
		if !slices.ContainsFunc(all, func(v variant) bool { return v.value == value }) {
			all = append(all, variant{how, value})
		}
	}
	path, query, found := strings.Cut(r.Target, "?")
	if found {
		add("The URL lacks its query.", path)
		if q, err := url.ParseQuery(query); err == nil {
			add("The query is sorted by name, or escaped in another way.", path+"?"+q.Encode())
		}
		add("The URL lacks its query, and has a ? at its end.", path+"?")
	}
	if decoded, err := url.PathUnescape(r.Target); err == nil {
		add("The URL is decoded.", decoded)
	}
	if decoded, err := url.QueryUnescape(query); err == nil && found {
		add("The query is decoded.", path+"?"+decoded)
	}
	for _, base := range [...]string{"http://" + r.Host, "https://" + r.Host, "https://api.mch.weixin.qq.com"} {
		add("The URL has its scheme and host. Only path and query are signed.", base+r.Target)
		add("The URL has its scheme and host, and lacks its query.", base+path)
	}
	add("The URL lacks the slash at its start.", strings.TrimPrefix(r.Target, "/"))
	add("The path has a slash at its end.", path+"/")
	if u, err := url.Parse(r.Target); err == nil {
		add("The URL is escaped in another way.", u.String())
	}
	if i := strings.Index(r.Target, "/v3/"); i > 0 {
		add("The URL lacks the prefix that the request was sent with.", r.Target[i:])
	}
	if rest, ok := strings.CutPrefix(r.Target, "/v3"); ok {
		add("The path lacks /v3.", rest)
	}
	if r.Op != nil {
		add("The path is the template, with its variables not filled in.", "/"+r.Op.Template)
	}
	return all
}

// bodiesOf returns the bodies that are signed by mistake.
func bodiesOf(r Request, body []byte) []variant {
	all := []variant{{"", string(body)}}
	add := func(how, value string) {
		if !slices.ContainsFunc(all, func(v variant) bool { return v.value == value }) {
			all = append(all, variant{how, value})
		}
	}
	add("The body was left out.", "")
	if !bytes.Equal(body, r.Body) {
		add("The whole form was signed. Only the part meta is.", string(r.Body))
	}
	add("The body is {} in place of nothing.", "{}")
	add("The body is null in place of nothing.", "null")
	add("The query was signed as the body.", r.Query)
	add("The body lacks the newline at its end.", strings.TrimRight(string(body), "\r\n"))
	add("The body has another newline at its end.", string(body)+"\n")
	if !json.Valid(body) {
		return all
	}
	for _, layout := range layouts {
		for _, escape := range escapes {
			text := escape.of(layout.of(body))
			add("The JSON was written twice, in different ways: sign the bytes that are sent.\n"+layout.how+"\n"+escape.how, text)
		}
	}
	return all
}
