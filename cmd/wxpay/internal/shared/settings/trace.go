package settings

import (
	"cmp"
	"strings"

	"github.com/wxchain/wechatpay/cmd/wxpay/internal/shared/lang"
)

// Trace loads the settings that it can read and says where each one comes from.
func (s *Settings) Trace() (origins lang.Clauses, err error) {
	if HoldsKey(s.PrivateKey) {
		err, s.PrivateKey = ErrKeyArgument, "" // an accepted key would become a habit
	}
	merchant, failed := s.load()
	if err == nil {
		err = failed
	}
	var places []string
	names := make(map[string][]string)
	for _, setting := range s.All() {
		if *setting.value == "" {
			continue
		}
		place := cmp.Or(withoutLine(merchant.Origin(setting.Name)), "--"+setting.Flag())
		if names[place] == nil {
			places = append(places, place)
		}
		names[place] = append(names[place], setting.Name)
	}
	for _, place := range places {
		origins = append(origins, lang.Sprintf("%s from %s", lang.Words(names[place]), place))
	}
	return origins, err
}

// withoutLine returns the file of a place such as wxpay.toml:3.
func withoutLine(place string) string {
	if i := strings.LastIndexByte(place, ':'); i > 0 && strings.Trim(place[i+1:], "0123456789") == "" {
		return place[:i]
	}
	return place
}
