package sandbox

import "time"

// KeyedConfig is a Config with the keys that all tests share, certificates as they
// are made at an instant, and merchants that work with both kinds of keys.
func KeyedConfig(now time.Time) (Config, error) {
	config := Config{Clock: func() time.Time { return now }, PlatformKey: KeyBoth}
	err := config.forTest()
	return config, err
}

// FaultKinds are all that there are: no other is taken.
var FaultKinds = faultKinds[:]
