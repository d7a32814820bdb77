package mcp

import "regexp"

// leftOut stands for a secret or a signature.
const leftOut = "(left out)"

var (
	authorizationSignature = regexp.MustCompile(`(?i)(signature\s*=\s*)("[^"]*"?|[^\s,"]+)`)
	xmlSign                = regexp.MustCompile(`(?is)<((?:pay)?sign)>.*?</(?:pay)?sign>`)
	querySign              = regexp.MustCompile(`(?i)([?&]sign=)[^&\s]*`)
)

// withoutSignature returns a header Authorization without its signature.
func withoutSignature(header string) string {
	return authorizationSignature.ReplaceAllString(header, `${1}"`+leftOut+`"`)
}

// withoutSign returns a body or a target of APIv2 without its signature.
func withoutSign(text string) string {
	return querySign.ReplaceAllString(xmlSign.ReplaceAllString(text, "<$1>"+leftOut+"</$1>"), "${1}"+leftOut)
}
