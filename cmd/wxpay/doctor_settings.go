package main

import (
	"cmp"
	"context"
	"strings"

	"github.com/wxchain/wechatpay"
)

// trace loads the settings, as far as they can be read, and says where each
// comes from.
func (s *settings) trace() (origins string, err error) {
	if holdsKey(s.privateKey) {
		err, s.privateKey = errKeyArgument, "" // nobody must get used to it
	}
	flags := *s
	if failed := s.load(); err == nil {
		err = failed
	}
	environment := fromEnvironment()
	fromFlags, fromVariables := flags.all(), environment.all()
	var places []string
	names := make(map[string][]string)
	for i, setting := range s.all() {
		var place string
		switch {
		case *setting.value == "":
			continue
		case *fromFlags[i].value != "":
			place = "--" + setting.flag()
		case *fromVariables[i].value != "":
			place = setting.variable()
		default:
			place = cmp.Or(s.config, configName)
		}
		if names[place] == nil {
			places = append(places, place)
		}
		names[place] = append(names[place], setting.name)
	}
	for i, place := range places {
		places[i] = strings.Join(names[place], ", ") + " from " + place
	}
	return strings.Join(places, "; "), err
}

func checkConfiguration(_ context.Context, c *checkup) finding {
	switch {
	case c.broken != nil:
		return bad(exitUsage, c.broken, "correct that; what else is set is checked below")
	case c.origins == "":
		return bad(exitUsage, "nothing is set, and there is no "+configName+" in this folder", "write one with wxpay init, or name one with --config")
	}
	return fine("%s", c.origins)
}

func checkMchID(_ context.Context, c *checkup) finding {
	if missing, ok := c.has("mchid"); !ok {
		return missing
	}
	const mend = "it is the merchant's number, such as 1900000109, from the merchant platform's account center"
	if err := refuse(wechatpay.Config{MchID: c.mchID, APIv2Key: anyAPIv2Key}); err != "" {
		return bad(exitUsage, err, mend)
	}
	if strings.HasPrefix(c.mchID, "wx") {
		return bad(exitUsage, "it starts as an appid does", mend)
	}
	return fine("%s", c.mchID)
}

func checkBaseURL(_ context.Context, c *checkup) finding {
	if err := refuse(wechatpay.Config{MchID: anyMchID, APIv2Key: anyAPIv2Key, BaseURL: c.baseURL}); err != "" {
		return bad(exitUsage, err, "leave it out, unless another host is meant")
	}
	return fine("%s", c.base())
}

// base is the host that is called.
func (c *checkup) base() string { return cmp.Or(c.baseURL, wechatpay.DefaultBaseURL) }

// What stands in for a setting that is not looked at.
const (
	anyMchID    = "1900000109"
	anyAPIv2Key = "00000000000000000000000000000000"
)

// refuse is why no client can be made of config, or "".
func refuse(config wechatpay.Config) string {
	_, err := wechatpay.New(config)
	if err == nil {
		return ""
	}
	return strings.TrimPrefix(err.Error(), "wechatpay: config: ")
}
