package natsbus

import (
	"errors"
	"fmt"
	"net"
	"net/netip"
	"net/url"
	"os"
	"strings"
	"time"

	"github.com/nats-io/nats.go"
)

// Check says what is impossible about where NATS is to be, and why.
func Check(listen, address, credentials string) error {
	switch {
	case listen != "" && address != "":
		return errors.New("nats.listen opens a server here and nats.url joins another: want one of them")
	case listen == "" && address == "" && credentials != "":
		return errors.New("nats.credentials are for nats.listen or nats.url: want one of them too")
	case listen != "":
		return checkListen(listen, credentials)
	case address != "":
		return checkURL(address)
	}
	return nil
}

// checkListen refuses what would let strangers in.
func checkListen(listen, credentials string) error {
	host, _, err := net.SplitHostPort(listen)
	if err != nil {
		return fmt.Errorf("%w; want HOST:PORT, such as 127.0.0.1:4222", err)
	}
	if strings.HasSuffix(credentials, credentialsFile) {
		return errors.New("a credentials file is for nats.url; the server that nats.listen opens takes user:password or a token")
	}
	if credentials == "" && !loopback(host) {
		return fmt.Errorf("%s can be reached from other machines, and without nats.credentials whoever reaches it is trusted: "+
			"set nats.credentials, or listen on 127.0.0.1", listen)
	}
	return nil
}

func loopback(host string) bool {
	ip, err := netip.ParseAddr(host)
	return host == "localhost" || err == nil && ip.Unmap().IsLoopback()
}

func checkURL(address string) error {
	for _, one := range strings.Split(address, ",") {
		u, err := url.Parse(strings.TrimSpace(one))
		switch {
		case err != nil:
			return fmt.Errorf("nats.url can't be read; want nats://HOST:PORT or tls://HOST:PORT") // err shows the password
		case u.Scheme != "nats" && u.Scheme != "tls" && u.Scheme != "ws" && u.Scheme != "wss" || u.Host == "":
			return fmt.Errorf("nats.url %q; want nats://HOST:PORT or tls://HOST:PORT", u.Redacted())
		}
	}
	return nil
}

const credentialsFile = ".creds"

// credentials are one of a file, a user with a password, and a token, or nothing.
type credentials struct {
	file           string
	user, password string
	token          string
}

func readCredentials(text string) (credentials, error) {
	if text == "" {
		return credentials{}, nil
	}
	_, err := os.Stat(text)
	switch user, password, pair := strings.Cut(text, ":"); {
	case err == nil:
		return credentials{file: text}, nil
	case strings.HasSuffix(text, credentialsFile):
		return credentials{}, fmt.Errorf("credentials: %w", err)
	case pair:
		return credentials{user: user, password: password}, nil
	}
	return credentials{token: text}, nil
}

// options are those of a connection.
func (c credentials) options() []nats.Option {
	switch {
	case c.file != "":
		return []nats.Option{nats.UserCredentials(c.file)}
	case c.user != "":
		return []nats.Option{nats.UserInfo(c.user, c.password)}
	case c.token != "":
		return []nats.Option{nats.Token(c.token)}
	}
	return nil
}

// connect connects, now or as soon as it can, and again whenever the connection is lost.
func (b *Bus) connect(who credentials) (*nats.Conn, error) {
	address := b.URL
	o := append(who.options(), nats.Name("floorwalker"), nats.RetryOnFailedConnect(true), nats.MaxReconnects(-1),
		nats.IgnoreAuthErrorAbort(), nats.ReconnectWait(500*time.Millisecond), nats.ReconnectJitter(500*time.Millisecond, time.Second),
		nats.DrainTimeout(leave), nats.Timeout(5*time.Second), nats.PingInterval(20*time.Second), nats.MaxPingsOutstanding(2),
		nats.ConnectHandler(func(*nats.Conn) { b.connected() }),
		nats.ReconnectHandler(func(*nats.Conn) { b.connected() }),
		nats.DisconnectErrHandler(func(_ *nats.Conn, err error) {
			b.metrics.connected.Set(0)
			if err != nil {
				b.Logger.Warn("NATS: connection lost; chat goes on, and events follow when it is back", "error", err)
			}
		}),
		nats.ReconnectErrHandler(func(_ *nats.Conn, err error) { b.Logger.Debug("NATS: no connection yet", "error", err) }),
		nats.ErrorHandler(func(_ *nats.Conn, s *nats.Subscription, err error) {
			subject := ""
			if s != nil {
				subject = s.Subject
			}
			b.Logger.Error("NATS", "subject", subject, "error", err)
		}),
		nats.ClosedHandler(func(*nats.Conn) { close(b.closed) }))
	if b.TLS != nil {
		o = append(o, nats.Secure(b.TLS))
	}
	if b.server != nil {
		address = ""
		o = append(o, nats.InProcessServer(b.server))
	}
	nc, err := nats.Connect(address, o...)
	if err != nil {
		return nil, fmt.Errorf("connecting: %w", err)
	}
	if nc.IsConnected() {
		b.connected()
	} else {
		b.Logger.Warn("NATS: no connection yet; chat goes on, and this is tried again and again", "url", nc.ConnectedUrlRedacted(), "error", nc.LastError())
	}
	return nc, nil
}

// connected wakes those who pass events on.
func (b *Bus) connected() {
	b.metrics.connected.Set(1)
	for _, o := range b.outs {
		o.wake()
	}
}
