package notify_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/wxchain/wechatpay/notify"
	"github.com/wxchain/wechatpay/signer"
)

// pointed is a store of platform keys that is used by its address.
type pointed struct{ signer.PublicKeys }

func TestNewRefuses(t *testing.T) {
	v := loadMaterial(t)
	tests := []struct {
		name string
		edit func(*notify.Config)
		want []string
	}{
		{"nothing", func(c *notify.Config) { *c = notify.Config{} }, []string{"Keys and APIv3Key are missing", "APIv2Key"}},
		{"no Keys", func(c *notify.Config) { c.Keys = nil }, []string{"Keys is missing"}},
		{"Keys is a nil pointer", func(c *notify.Config) { c.Keys = (*pointed)(nil) }, []string{"nil pointer"}},
		{"Seen is a nil pointer", func(c *notify.Config) { c.Seen = (*brokenSeen)(nil) }, []string{"nil pointer"}},
		{"no APIv3Key", func(c *notify.Config) { c.APIv3Key = "" }, []string{"APIv3Key is missing"}},
		{"APIv3Key too short", func(c *notify.Config) { c.APIv3Key = v.APIv3Key[1:] }, []string{"APIv3Key", "31 bytes"}},
		{"OtherAPIv3Key too short", func(c *notify.Config) { c.OtherAPIv3Key = v.APIv3Key[1:] }, []string{"the other APIv3 key has 31 bytes"}},
		{"OtherAPIv3Key alone", func(c *notify.Config) { c.Keys, c.APIv3Key, c.OtherAPIv3Key = nil, "", v.APIv3Key }, []string{"without APIv3Key"}},
		{"APIv2Key too long", func(c *notify.Config) { c.APIv2Key = v.APIv2Key + "x" }, []string{"APIv2Key has 33 bytes"}},
		{"Timeout too long", func(c *notify.Config) { c.Timeout = 5*time.Second + 1 }, []string{"Timeout is 5.000000001s"}},
		{"Timeout negative", func(c *notify.Config) { c.Timeout = -1 }, []string{"Timeout is -1ns"}},
		{"all at once", func(c *notify.Config) { c.Keys, c.APIv3Key, c.APIv2Key, c.Timeout = nil, v.APIv3Key[:30], "x", -1 },
			[]string{"Keys is missing", "APIv3Key: ", "APIv2Key has 1 bytes", "Timeout"}},
		{"all at once, with nil pointers", func(c *notify.Config) {
			c.Keys, c.Seen, c.APIv3Key, c.APIv2Key, c.Timeout = (*pointed)(nil), (*brokenSeen)(nil), v.APIv3Key[:30], "x", time.Hour
		}, []string{"Keys is a nil pointer", "Seen is a nil pointer", "APIv3Key: ", "APIv2Key has 1 bytes", "Timeout"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			config := newConfig(t)
			tt.edit(&config)
			r, err := notify.New(config)
			if r != nil || err == nil || !strings.HasPrefix(err.Error(), "notify: config: ") || strings.Contains(err.Error(), "\n") {
				t.Fatalf("New = %v, %v", r, err)
			}
			for _, want := range tt.want {
				if !strings.Contains(err.Error(), want) {
					t.Errorf("error %q does not say %q", err, want)
				}
			}
			if strings.Contains(err.Error(), v.APIv3Key[1:30]) || strings.Contains(err.Error(), v.APIv2Key) {
				t.Errorf("error %q shows a key", err)
			}
		})
	}
}

func TestNewTakes(t *testing.T) {
	for name, edit := range map[string]func(*notify.Config){
		"APIv3":   func(c *notify.Config) { c.APIv2Key = "" },
		"APIv2":   func(c *notify.Config) { c.Keys, c.APIv3Key = nil, "" },
		"5 s":     func(c *notify.Config) { c.Timeout = 5 * time.Second },
		"no time": func(c *notify.Config) { c.Clock = nil },
	} {
		config := newConfig(t)
		edit(&config)
		if _, err := notify.New(config); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestPrintingShowsNoKey(t *testing.T) {
	config, r := newConfig(t), newReceiver(t)
	var out bytes.Buffer
	held := struct {
		r     notify.Receiver
		p     *notify.Receiver
		inner any
	}{*r, r, *r}
	for _, v := range []any{config, &config, r, *r, held, &held} {
		for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%d", "%x", "%q"} {
			fmt.Fprintf(&out, verb+"\n", v)
		}
		for _, logger := range []*slog.Logger{slog.New(slog.NewTextHandler(&out, nil)), slog.New(slog.NewJSONHandler(&out, nil))} {
			logger.Info("made", "v", v)
		}
		text, err := json.Marshal(v)
		if err != nil {
			t.Error(err)
		}
		out.Write(text)
	}
	text := out.String()
	for _, key := range []string{config.APIv3Key, config.APIv2Key} {
		if strings.Contains(text, key) || strings.Contains(text, fmt.Sprintf("%x", key)) || strings.Contains(text, fmt.Sprintf("%d", []byte(key))) {
			t.Errorf("a key is shown:\n%s", text)
		}
	}
	if want := "notify.Config{Keys: (given), APIv3Key: (given), APIv2Key: (given)}"; !strings.Contains(text, want) {
		t.Errorf("%q is not in\n%s", want, text)
	}
}
