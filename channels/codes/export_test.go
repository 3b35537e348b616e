package codes

import "crypto/x509"

// Trust has the server of an smtps address be known by these certificates.
func (s *SMTP) Trust(roots *x509.CertPool) { s.tls.RootCAs = roots }
