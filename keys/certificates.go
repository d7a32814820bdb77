package keys

import (
	"crypto/x509"
	"fmt"
	"slices"
	"time"
)

// serialNo is in whole bytes, as the platform counts: a leading zero stays.
func serialNo(cert *x509.Certificate) string { return fmt.Sprintf("%X", cert.SerialNumber.Bytes()) }

// static has the keys of lists of certificates.
func static(lists ...[]*x509.Certificate) Static {
	s := make(Static)
	for _, certs := range lists {
		for _, cert := range certs {
			s[serialNo(cert)] = cert.PublicKey
		}
	}
	return s
}

// inForce returns those of certs that are good at an instant, newest first,
// each once.
func inForce(certs []*x509.Certificate, now time.Time) []*x509.Certificate {
	good := slices.DeleteFunc(slices.Clone(certs), func(c *x509.Certificate) bool {
		return now.Before(c.NotBefore) || now.After(c.NotAfter)
	})
	return slices.CompactFunc(newestFirst(good), (*x509.Certificate).Equal)
}

func newestFirst(certs []*x509.Certificate) []*x509.Certificate {
	return slices.SortedStableFunc(slices.Values(certs), func(a, b *x509.Certificate) int {
		if c := b.NotBefore.Compare(a.NotBefore); c != 0 {
			return c
		}
		return b.SerialNumber.Cmp(a.SerialNumber)
	})
}
