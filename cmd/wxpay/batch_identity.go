package main

import (
	"cmp"
	"fmt"
	"net/url"
	"strings"

	"github.com/wxchain/wechatpay"
)

// An identity is what results belong to.
type identity struct {
	Input  string `json:"input_sha256"`
	Method string `json:"method"`
	Path   string `json:"path"`
	Host   string `json:"host"`
	MchID  string `json:"mchid"`
}

// differs says what the results of another identity are of, or "".
func (id identity) differs(other identity) string {
	switch {
	case id.Method != other.Method || id.Path != other.Path:
		return fmt.Sprintf("another call, %s %s", other.Method, other.Path)
	case id.MchID != other.MchID:
		return "another merchant, " + other.MchID
	case id.Host != other.Host:
		return "calls to another host, " + other.Host
	case id.Input != other.Input:
		return "another input, or of one that has been changed since"
	}
	return ""
}

// host is what calls go to, with the path that a gateway may have.
func (s *settings) host() string {
	base := cmp.Or(s.baseURL, wechatpay.DefaultBaseURL)
	if u, err := url.Parse(base); err == nil && u.Host != "" {
		return u.Host + strings.TrimSuffix(u.EscapedPath(), "/")
	}
	return base
}
