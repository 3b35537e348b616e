package natsbus_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/nats-io/jwt/v2"
	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go"
	"github.com/nats-io/nkeys"

	"github.com/floorwalker/floorwalker/channels/natsbus"
)

func TestCheckRefusesWhatLetsStrangersIn(t *testing.T) {
	for _, c := range []struct{ listen, url, credentials, want string }{
		{"", "", "", ""},
		{"127.0.0.1:4222", "", "", ""},
		{"127.7.7.7:4222", "", "", ""},
		{"[::1]:4222", "", "", ""},
		{"localhost:4222", "", "", ""},
		{"0.0.0.0:4222", "", "me:secret", ""},
		{":4222", "", "a-token", ""},
		{"", "nats://nats.example:4222", "", ""},
		{"", "tls://a.example:4222, tls://b.example:4222", "x.creds", ""},
		{"0.0.0.0:4222", "", "", "other machines"},
		{":4222", "", "", "other machines"},
		{"192.168.1.7:4222", "", "", "other machines"},
		{"nats.example:4222", "", "", "other machines"},
		{"localhost.evil.example:4222", "", "", "other machines"},
		{"here", "", "", "want HOST:PORT"},
		{"127.0.0.1:4222", "", "x.creds", "takes user:password or a token"},
		{"127.0.0.1:4222", "nats://nats.example:4222", "", "want one of them"},
		{"", "", "me:secret", "want one of them"},
		{"", "http://nats.example", "", "want nats://"},
		{"", "nats.example:4222", "", "want nats://"},
		{"", "http://me:secret@nats.example", "", "want nats://"},
		{"", "nats://me:sec ret@[", "", "want nats://"},
	} {
		err := natsbus.Check(c.listen, c.url, c.credentials)
		switch {
		case c.want == "" && err != nil:
			t.Errorf("%+v: %v", c, err)
		case c.want != "" && (err == nil || !strings.Contains(err.Error(), c.want)):
			t.Errorf("%+v: %v", c, err)
		case err != nil && strings.Contains(err.Error(), "sec"):
			t.Errorf("%v shows a password", err)
		}
	}
}

func TestServerHereWantsCredentials(t *testing.T) {
	c := open(t)
	for credentials, as := range map[string]nats.Option{"me:sec:ret": nats.UserInfo("me", "sec:ret"), "a-token": nats.Token("a-token")} {
		o := c.options()
		o.Credentials = credentials
		b, l := c.serve(o, as)
		if a := l.ask("ask.stock", `{"sku":"K-1"}`); a.Text == "" {
			t.Errorf("%s: %s", credentials, a.raw)
		}
		for _, wrong := range []nats.Option{nats.Name("nobody"), nats.UserInfo("me", "wrong"), nats.Token("wrong")} {
			if nc, err := nats.Connect("nats://"+b.Address(), wrong); !errors.Is(err, nats.ErrAuthorization) {
				t.Errorf("%s: a stranger gets in: %v", credentials, err)
				nc.Close()
			}
		}
	}
}

func TestTakenAddressIsTold(t *testing.T) {
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer taken.Close()
	o := natsbus.Options{Listen: taken.Addr().String(), Dir: t.TempDir()}
	if _, err := natsbus.New(o); err == nil || !strings.Contains(err.Error(), o.Listen) || !strings.Contains(err.Error(), "--nats-listen") {
		t.Errorf("%v", err)
	}
	for _, o := range []natsbus.Options{{Listen: "0.0.0.0:0", Dir: t.TempDir()}, {URL: "nats://127.0.0.1:1", Credentials: filepath.Join(t.TempDir(), "none.creds")}} {
		if _, err := natsbus.New(o); err == nil {
			t.Errorf("%+v is opened", o)
		}
	}
}

// A server elsewhere is reached over TLS, with a user whom it gets to know only later.
func TestServerElsewhereOverTLS(t *testing.T) {
	pair, authorities := certificate(t)
	options := &server.Options{Host: "127.0.0.1", Port: server.RANDOM_PORT, JetStream: true, StoreDir: t.TempDir(), NoSigs: true, NoLog: true,
		TLS: true, TLSConfig: &tls.Config{Certificates: []tls.Certificate{pair}, MinVersion: tls.VersionTLS12}, TLSTimeout: 5,
		Username: "shop", Password: "old"}
	s, err := server.NewServer(options)
	if err != nil {
		t.Fatal(err)
	}
	s.Start()
	defer s.Shutdown()
	if !s.ReadyForConnections(patience) {
		t.Fatal("it doesn't start")
	}
	c := open(t)
	o := c.options()
	o.Listen, o.URL, o.Credentials, o.TLS = "", "tls://"+s.Addr().String(), "shop:new", &tls.Config{RootCAs: authorities, MinVersion: tls.VersionTLS12}
	b, err := natsbus.New(o)
	if err != nil {
		t.Fatal(err) // a refusal is no end: somebody may put it right there
	}
	c.runs(b.Run)
	changed := options.Clone()
	changed.Password = "new"
	if err := s.ReloadOptions(changed); err != nil {
		t.Fatal(err)
	}
	l := dial(t, o.URL, nats.Secure(o.TLS), nats.UserInfo("shop", "new"))
	if a := l.ask("ask.stock", `{"sku":"K-1"}`); a.Text == "" {
		t.Errorf("%s", a.raw)
	}
	if !l.TLSRequired() {
		t.Error("it isn't TLS")
	}
	o.TLS = nil // the system's authorities don't know the certificate
	stranger, err := natsbus.New(o)
	if err != nil {
		t.Fatal(err)
	}
	if err := stranger.Close(); err != nil {
		t.Error(err)
	}
}

// certificate makes one for 127.0.0.1 that signs itself.
func certificate(t *testing.T) (tls.Certificate, *x509.CertPool) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(1), NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
		IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}, IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	parsed, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	pool := x509.NewCertPool()
	pool.AddCert(parsed)
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}, pool
}

// A credentials file is shown to a server that knows its account.
func TestCredentialsFile(t *testing.T) {
	options, creds := operated(t)
	s, err := server.NewServer(options)
	if err != nil {
		t.Fatal(err)
	}
	s.Start()
	defer s.Shutdown()
	if !s.ReadyForConnections(patience) {
		t.Fatal("it doesn't start")
	}
	file := filepath.Join(t.TempDir(), "shop.creds")
	if err := os.WriteFile(file, creds, 0o600); err != nil {
		t.Fatal(err)
	}
	c := open(t)
	o := c.options()
	o.Listen, o.URL, o.Credentials = "", "nats://"+s.Addr().String(), file
	_, l := c.serve(o, nats.UserCredentials(file))
	id := c.talk(1)
	eventually(t, "all is passed on", c.passed)
	c.whole(l, id)
}

// operated is a server whose users have credentials of an account, and those of one.
func operated(t *testing.T) (*server.Options, []byte) {
	t.Helper()
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	make := func(prefix nkeys.PrefixByte) (nkeys.KeyPair, string) {
		key, err := nkeys.CreatePair(prefix)
		must(err)
		public, err := key.PublicKey()
		must(err)
		return key, public
	}
	operator, operatorID := make(nkeys.PrefixByteOperator)
	account, accountID := make(nkeys.PrefixByteAccount)
	_, systemID := make(nkeys.PrefixByteAccount)
	user, userID := make(nkeys.PrefixByteUser)
	resolver := &server.MemAccResolver{}
	for _, id := range []string{accountID, systemID} {
		claims := jwt.NewAccountClaims(id)
		if id == accountID {
			claims.Limits.JetStreamLimits = jwt.JetStreamLimits{MemoryStorage: -1, DiskStorage: -1, Streams: -1, Consumer: -1}
		}
		token, err := claims.Encode(operator)
		must(err)
		must(resolver.Store(id, token))
	}
	token, err := jwt.NewUserClaims(userID).Encode(account)
	must(err)
	seed, err := user.Seed()
	must(err)
	creds, err := jwt.FormatUserConfig(token, seed)
	must(err)
	return &server.Options{Host: "127.0.0.1", Port: server.RANDOM_PORT, JetStream: true, StoreDir: t.TempDir(), NoSigs: true, NoLog: true,
		TrustedOperators: []*jwt.OperatorClaims{jwt.NewOperatorClaims(operatorID)}, AccountResolver: resolver, SystemAccount: systemID}, creds
}
