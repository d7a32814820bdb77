package keys

import (
	"crypto/x509"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/wxchain/wechatpay/signer"
)

// A platformCertificate has the time in which it is used: the platform may put
// it to use after its NotBefore, and out of use before its NotAfter.
type platformCertificate struct {
	*x509.Certificate
	serialNo    string
	from, until time.Time
}

func newPlatformCertificate(c *x509.Certificate) platformCertificate {
	return platformCertificate{c, serialNo(c), c.NotBefore, c.NotAfter}
}

// serialNo is in whole bytes, as the platform counts: a leading zero stays.
func serialNo(c *x509.Certificate) string { return fmt.Sprintf("%X", c.SerialNumber.Bytes()) }

func (c platformCertificate) inForce(now time.Time) bool {
	return !now.Before(c.from) && !now.After(c.until)
}

// mayHaveSigned reports whether a message that arrives now may be signed with c.
// Clocks differ, and messages take time to arrive.
func (c platformCertificate) mayHaveSigned(now time.Time) bool {
	return !now.Add(signer.MaxSkew).Before(c.from) && !now.Add(-signer.MaxSkew).After(c.until)
}

func (c platformCertificate) isNamed(serial string) bool {
	return strings.EqualFold(c.serialNo, serial)
}

// inForce returns those of certs that are good at an instant.
func inForce(certs []platformCertificate, now time.Time) []platformCertificate {
	return slices.DeleteFunc(slices.Clone(certs), func(c platformCertificate) bool { return !c.inForce(now) })
}

// merge returns certs and others, newest first and without those that have run
// out. Of several with one serial it is the first.
func merge(certs, others []platformCertificate, now time.Time) []platformCertificate {
	var merged []platformCertificate
	for _, c := range slices.Concat(certs, others) {
		if !slices.ContainsFunc(merged, func(m platformCertificate) bool { return m.isNamed(c.serialNo) }) {
			merged = append(merged, c)
		}
	}
	merged = slices.DeleteFunc(merged, func(c platformCertificate) bool { return now.Add(-signer.MaxSkew).After(c.until) })
	slices.SortStableFunc(merged, func(a, b platformCertificate) int { return b.from.Compare(a.from) })
	return merged
}

// static has the keys of those of certs that may have signed what arrives now.
func static(certs []platformCertificate, now time.Time) Static {
	s := make(Static, len(certs))
	for _, c := range certs {
		if c.mayHaveSigned(now) {
			s[c.serialNo] = c.PublicKey
		}
	}
	return s
}
