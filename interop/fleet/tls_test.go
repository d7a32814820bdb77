package fleet

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"math/big"
	"net"
	"strings"
	"testing"
	"time"
)

// writeCertificate writes a certificate that servers and clients present, and that is its
// own authority.
func (w *world) writeCertificate() {
	w.t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		w.t.Fatal(err)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "nats"}, NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
		IPAddresses: []net.IP{net.ParseIP(loopback)}, IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign,
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth, x509.ExtKeyUsageClientAuth}}
	cert, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		w.t.Fatal(err)
	}
	private, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		w.t.Fatal(err)
	}
	w.write("nats.crt", string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: cert})))
	w.write("nats.key", string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: private})))
}

// The server asks for a client certificate, and has one that only --nats-ca knows.
func TestTLS(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.writeCertificate()
	s := startServer(t, func(o *options) { o.Cert, o.Key, o.CA = w.path("nats.crt"), w.path("nats.key"), w.path("nats.crt") })
	if _, stderr := w.run(exitNetwork, "batch", "status", "--nats", s.url()); !strings.Contains(stderr, "certificate signed by unknown authority") {
		t.Errorf("stderr %s", stderr)
	}
	certificates := []string{"--nats-ca", "nats.crt", "--nats-cert", "nats.crt", "--nats-key", "nats.key"}
	w.coupons("in.jsonl", 10)
	w.work(s, certificates...)
	w.run(exitOK, append([]string{"batch", "POST", couponPath, "--in", "in.jsonl", "--out", "out.jsonl", "--nats", s.url()}, certificates...)...)
	w.checkCoupons("out.jsonl", 10)
}
