package fleet

import (
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/nats-io/jwt/v2"
	"github.com/nats-io/nkeys"
)

// Each way to log in is asked for by the environment or by a path, and never by a
// secret in an argument.
func TestLogin(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	creds, operator := w.operator()
	for _, tt := range []struct {
		name    string
		server  func(o *options)
		env     []string
		flags   []string
		refused string
	}{
		{name: "password", server: func(o *options) { o.User, o.Password = "shop", "secret-of-nats" }, env: []string{"NATS_USER=shop", "NATS_PASSWORD=secret-of-nats"}},
		{name: "token", server: func(o *options) { o.Token = "secret-of-nats" }, env: []string{"NATS_TOKEN=secret-of-nats"}},
		{name: "nkey", server: func(o *options) { o.NKey = w.nkey("user.nk") }, flags: []string{"--nats-nkey", "user.nk"}},
		{name: "nkey in the environment", server: func(o *options) { o.NKey = w.nkey("other.nk") }, env: []string{"NATS_NKEY=other.nk"}},
		{name: "credentials", server: func(o *options) { o.Operator = operator }, flags: []string{"--nats-creds", creds}},
		{name: "credentials in the environment", server: func(o *options) { o.Operator = operator }, env: []string{"NATS_CREDS=" + creds}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s := startServer(t, tt.server)
			status := []string{"batch", "status", "--nats", s.url()}
			if _, stderr := w.run(exitNetwork, status...); !strings.Contains(stderr, "): nats: Authorization Violation") {
				t.Errorf("without a login: stderr %s", stderr)
			}
			stdout, stderr := w.runWith(exitOK, tt.env, append(status, tt.flags...)...)
			if !strings.Contains(stderr, "there are no batches") || strings.Contains(stdout+stderr, "secret-of-nats") {
				t.Errorf("stdout %s, stderr %s", stdout, stderr)
			}
		})
	}
}

// A worker whose login the servers refuse when it comes back ends, and says why.
func TestLoginRefusedLater(t *testing.T) {
	w, s := newWorld(t), startServer(t, func(o *options) { o.User, o.Password = "shop", "secret-of-nats" })
	t.Setenv("NATS_USER", "shop")
	t.Setenv("NATS_PASSWORD", "secret-of-nats")
	k := w.work(s)
	w.coupons("in.jsonl", 3)
	w.sendCoupons(s, 3) // now it watches for batches
	s.nodes[0].kill()
	s.nodes[0].Password = "another"
	s.start(t)
	select {
	case <-k.dead:
	case <-time.After(time.Minute):
		t.Fatalf("the worker goes on: %s", k.printed())
	}
	if got := k.printed(); k.cmd.ProcessState.ExitCode() == exitOK || !strings.Contains(got, "the connection to NATS has closed: nats: Authorization Violation") || strings.Contains(got, "secret-of-nats") {
		t.Errorf("exit %d: %s", k.cmd.ProcessState.ExitCode(), got)
	}
}

// A secret in a URL is fine in the environment, and refused as an argument, which
// others on the machine can see.
func TestLoginInURL(t *testing.T) {
	t.Parallel()
	w, s := newWorld(t), startServer(t, func(o *options) { o.User, o.Password = "shop", "secret-of-nats" })
	withUser := strings.Replace(s.url(), "nats://", "nats://shop:secret-of-nats@", 1)
	_, stderr := w.run(exitUsage, "batch", "status", "--nats", withUser)
	if !strings.Contains(stderr, "never pass a secret as an argument") || strings.Contains(stderr, "secret-of-nats") {
		t.Errorf("stderr %s", stderr)
	}
	w.runWith(exitOK, []string{"NATS_URL=" + withUser}, "batch", "status")
}

// Servers without JetStream are a mistake of the settings, found before anything is
// written. A host and a port are a URL as well.
func TestWithoutJetStream(t *testing.T) {
	t.Parallel()
	w, s := newWorld(t), startServer(t, func(o *options) { o.NoJetStream = true })
	host := strings.TrimPrefix(s.url(), "nats://")
	w.write("in.jsonl", "{\"openid\":\"o1\"}\n")
	for _, args := range [][]string{
		{"batch", "status"}, {"work"},
		{"batch", "POST", "v3/marketing/favor/users/{openid}/coupons", "--in", "in.jsonl", "--out", "out.jsonl"},
	} {
		if _, stderr := w.run(exitUsage, append(args, "--nats", host)...); !strings.Contains(stderr, "the servers ("+host+") have no JetStream") {
			t.Errorf("%s: stderr %s", args, stderr)
		}
	}
	if found, err := filepath.Glob(w.path("out*")); err != nil || len(found) > 0 {
		t.Errorf("there is %s, %v", found, err)
	}
}

// A file of a login that is missing or that has something else is told with its flag.
func TestLoginFiles(t *testing.T) {
	t.Parallel()
	w, s := newWorld(t), startServer(t)
	w.write("empty", "")
	for flag, want := range map[string]string{
		"--nats-creds": "--nats-creds or NATS_CREDS",
		"--nats-nkey":  "--nats-nkey or NATS_NKEY",
		"--nats-ca":    "--nats-ca or NATS_CA",
		"--nats-cert":  "--nats-cert and --nats-key, or NATS_CERT and NATS_KEY",
	} {
		for _, file := range []string{"missing", "empty"} {
			args := []string{"batch", "status", "--nats", s.url(), flag, file}
			if flag == "--nats-cert" {
				args = append(args, "--nats-key", file)
			}
			if _, stderr := w.run(exitUsage, args...); !strings.Contains(stderr, want) {
				t.Errorf("%s %s: stderr %s", flag, file, stderr)
			}
		}
	}
}

// nkey writes the seed of a user and returns the public key.
func (w *world) nkey(name string) (public string) {
	w.t.Helper()
	user, err := nkeys.CreateUser()
	if err != nil {
		w.t.Fatal(err)
	}
	seed, err := user.Seed()
	if err != nil {
		w.t.Fatal(err)
	}
	w.write(name, string(seed))
	return w.public(user)
}

func (w *world) public(key nkeys.KeyPair) string {
	w.t.Helper()
	public, err := key.PublicKey()
	if err != nil {
		w.t.Fatal(err)
	}
	return public
}

// An operator is who vouches for the accounts of a server, as JWTs.
type operator struct {
	JWT, SystemAccount string
	Accounts           map[string]string
}

// operator makes an operator with two accounts, and the credentials of a user of the
// second one.
func (w *world) operator() (creds string, o *operator) {
	w.t.Helper()
	key := func(kp nkeys.KeyPair, err error) nkeys.KeyPair {
		if err != nil {
			w.t.Fatal(err)
		}
		return kp
	}
	root, system, shop, user := key(nkeys.CreateOperator()), key(nkeys.CreateAccount()), key(nkeys.CreateAccount()), key(nkeys.CreateUser())
	encode := func(c jwt.Claims, by nkeys.KeyPair) string {
		text, err := c.Encode(by)
		if err != nil {
			w.t.Fatal(err)
		}
		return text
	}
	account := jwt.NewAccountClaims(w.public(shop))
	account.Limits.JetStreamLimits = jwt.JetStreamLimits{MemoryStorage: jwt.NoLimit, DiskStorage: jwt.NoLimit, Streams: jwt.NoLimit, Consumer: jwt.NoLimit}
	o = &operator{JWT: encode(jwt.NewOperatorClaims(w.public(root)), root), SystemAccount: w.public(system), Accounts: map[string]string{
		w.public(system): encode(jwt.NewAccountClaims(w.public(system)), root),
		w.public(shop):   encode(account, root),
	}}
	seed, err := user.Seed()
	if err != nil {
		w.t.Fatal(err)
	}
	text, err := jwt.FormatUserConfig(encode(jwt.NewUserClaims(w.public(user)), shop), seed)
	if err != nil {
		w.t.Fatal(err)
	}
	w.write("user.creds", string(text))
	return "user.creds", o
}
