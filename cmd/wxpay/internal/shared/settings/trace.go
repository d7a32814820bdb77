package settings

import (
	"cmp"
	"strings"
)

// Trace loads the settings that it can read and says where each one comes from.
func (s *Settings) Trace() (origins string, err error) {
	if HoldsKey(s.PrivateKey) {
		err, s.PrivateKey = ErrKeyArgument, "" // an accepted key would become a habit
	}
	flags := *s
	if failed := s.Load(); err == nil {
		err = failed
	}
	environment := fromEnvironment()
	fromFlags, fromVariables := flags.All(), environment.All()
	var places []string
	names := make(map[string][]string)
	for i, setting := range s.All() {
		var place string
		switch {
		case *setting.value == "":
			continue
		case *fromFlags[i].value != "":
			place = "--" + setting.Flag()
		case *fromVariables[i].value != "":
			place = setting.Variable()
		default:
			place = cmp.Or(s.Config, FileName)
		}
		if names[place] == nil {
			places = append(places, place)
		}
		names[place] = append(names[place], setting.Name)
	}
	for i, place := range places {
		places[i] = strings.Join(names[place], ", ") + " from " + place
	}
	return strings.Join(places, "; "), err
}
