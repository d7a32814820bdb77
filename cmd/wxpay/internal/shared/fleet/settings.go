package fleet

import (
	"cmp"
	"crypto/tls"
	"crypto/x509"
	"math"
	"net/url"
	"os"
	"strconv"
	"strings"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nkeys"
	"github.com/spf13/pflag"

	"github.com/wxchain/wechatpay/cmd/wxpay/internal/shared/lang"
)

// Settings say which NATS servers to use, and how to log in. A secret is never a
// flag, because others on the machine can see flags.
type Settings struct {
	URL, Creds, NKey, CA, Cert, Key string
}

// Help is the part of a command's help that explains the settings.
const Help = `--nats has the URLs of NATS servers, such as nats://10.0.0.1:4222 or
tls://nats.example.com; separate several with commas. To log in, use a credentials
file (--nats-creds or NATS_CREDS), an NKey (--nats-nkey or NATS_NKEY), or
NATS_USER with NATS_PASSWORD, or NATS_TOKEN. For TLS with your own certificates,
use --nats-ca, --nats-cert and --nats-key, or NATS_CA, NATS_CERT and NATS_KEY.`

// Bind adds the flags of the settings.
func (s *Settings) Bind(f *pflag.FlagSet) {
	f.StringVar(&s.URL, "nats", "", "URLs of NATS servers with JetStream, such as nats://10.0.0.1:4222")
	f.StringVar(&s.Creds, "nats-creds", "", "path of the NATS credentials file")
	f.StringVar(&s.NKey, "nats-nkey", "", "path of the file with the NKey seed")
	f.StringVar(&s.CA, "nats-ca", "", "path of the CA certificates that the servers' certificates are checked with")
	f.StringVar(&s.Cert, "nats-cert", "", "path of the client certificate for NATS")
	f.StringVar(&s.Key, "nats-key", "", "path of the key of --nats-cert")
}

// Lone returns the name of a flag that was given without --nats, or "".
func (s Settings) Lone() string {
	if s.URL != "" {
		return ""
	}
	for _, given := range [][2]string{{"nats-creds", s.Creds}, {"nats-nkey", s.NKey}, {"nats-ca", s.CA}, {"nats-cert", s.Cert}, {"nats-key", s.Key}} {
		if name, value := given[0], given[1]; value != "" {
			return name
		}
	}
	return ""
}

// FromEnvironment fills empty settings from the variables that the program nats
// also reads.
func (s *Settings) FromEnvironment() {
	for name, value := range map[string]*string{"NATS_URL": &s.URL, "NATS_CREDS": &s.Creds, "NATS_NKEY": &s.NKey, "NATS_CA": &s.CA, "NATS_CERT": &s.Cert, "NATS_KEY": &s.Key} {
		*value = cmp.Or(*value, os.Getenv(name))
	}
}

// Check reports settings that cannot be used. fromFlag says that the URL is an
// argument of the command.
func (s Settings) Check(fromFlag bool) error {
	if s.URL == "" {
		return lang.Errorf("--nats or NATS_URL is missing: the URLs of NATS servers with JetStream, such as nats://10.0.0.1:4222")
	}
	for text := range strings.SplitSeq(s.URL, ",") {
		text = strings.TrimSpace(text)
		u, err := url.Parse(withScheme(text))
		switch {
		case err != nil || u.Host == "" || u.Hostname() == "":
			return lang.Errorf("--nats has an entry that is not a URL, such as nats://10.0.0.1:4222")
		case !isPort(u.Port()):
			return lang.Errorf("--nats has the port %.16q; ports end at %d", u.Port(), math.MaxUint16)
		case u.Scheme != "nats" && u.Scheme != "tls" && u.Scheme != "ws" && u.Scheme != "wss":
			return lang.Errorf("--nats has the scheme %.16q; use nats:// or tls://", u.Scheme)
		case u.User != nil && fromFlag:
			return lang.Errorf("--nats has a user or a token: never pass a secret as an argument, because others on this machine can see it; set NATS_USER and NATS_PASSWORD, or NATS_TOKEN, or use --nats-creds")
		}
	}
	if (s.Cert == "") != (s.Key == "") {
		return lang.Errorf("--nats-cert and --nats-key belong together; give both")
	}
	return nil
}

// withScheme returns the URL of a server that may be a host and a port alone.
func withScheme(text string) string {
	if strings.Contains(text, "://") {
		return text
	}
	return "nats://" + text
}

// isPort reports whether text is a port, or empty.
func isPort(text string) bool {
	_, err := strconv.ParseUint(text, 10, 16)
	return text == "" || err == nil
}

// hosts names the servers, without what logs in to them.
func (s Settings) hosts() string {
	var all []string
	for text := range strings.SplitSeq(s.URL, ",") {
		if u, err := url.Parse(withScheme(strings.TrimSpace(text))); err == nil {
			all = append(all, u.Host)
		}
	}
	return strings.Join(all, ", ")
}

// options returns the options of a connection.
func (s Settings) options(name string) ([]nats.Option, error) {
	opts := []nats.Option{nats.Name(name), nats.MaxReconnects(-1), nats.ReconnectWait(reconnectWait), nats.Timeout(connectTime),
		nats.PingInterval(pingInterval), nats.MaxPingsOutstanding(2)}
	if s.Creds != "" {
		text, err := os.ReadFile(s.Creds)
		if err == nil {
			_, err = nkeys.ParseDecoratedUserNKey(text)
		}
		if err != nil {
			return nil, lang.Errorf("--nats-creds or NATS_CREDS, %s: %w", s.Creds, err)
		}
		opts = append(opts, nats.UserCredentials(s.Creds))
	}
	if s.NKey != "" {
		key, err := nats.NkeyOptionFromSeed(s.NKey)
		if err != nil {
			return nil, lang.Errorf("--nats-nkey or NATS_NKEY: %w", err)
		}
		opts = append(opts, key)
	}
	if user := os.Getenv("NATS_USER"); user != "" {
		opts = append(opts, nats.UserInfo(user, os.Getenv("NATS_PASSWORD")))
	}
	if token := os.Getenv("NATS_TOKEN"); token != "" {
		opts = append(opts, nats.Token(token))
	}
	return s.withTLS(opts)
}

// withTLS adds the options of a TLS connection. It reads their files, so that a wrong
// path is an error of usage.
func (s Settings) withTLS(opts []nats.Option) ([]nats.Option, error) {
	if s.CA != "" {
		files := strings.Split(s.CA, ",")
		for _, file := range files {
			text, err := os.ReadFile(file)
			if err != nil {
				return nil, lang.Errorf("--nats-ca or NATS_CA: %w", err)
			}
			if !x509.NewCertPool().AppendCertsFromPEM(text) {
				return nil, lang.Errorf("--nats-ca or NATS_CA: %s has no certificate in PEM format", file)
			}
		}
		opts = append(opts, nats.RootCAs(files...))
	}
	if s.Cert != "" {
		if _, err := tls.LoadX509KeyPair(s.Cert, s.Key); err != nil {
			return nil, lang.Errorf("--nats-cert and --nats-key, or NATS_CERT and NATS_KEY: %w", err)
		}
		opts = append(opts, nats.ClientCert(s.Cert, s.Key))
	}
	return opts, nil
}
