package codes

import (
	"context"
	"crypto/sha256"
	"crypto/tls"
	"encoding/hex"
	"errors"
	"fmt"
	"net"
	netmail "net/mail"
	"net/url"
	"slices"
	"strconv"

	"github.com/wneessen/go-mail"
)

// SMTP sends letters as e-mail.
type SMTP struct {
	host    string
	from    *netmail.Address
	tls     *tls.Config // TLS from the first byte; nil: not so
	options []mail.Option
}

// NewSMTP makes the way to a mail server: smtp://user@host:587 asks for STARTTLS,
// smtps://user@host:465 speaks TLS from the first byte, and ?tls=off after either speaks none,
// for a relay on this machine. From is the sender, "care@shop.example" or "Shop <care@…>";
// without a name, the shop's is written. Password is of the URL's user.
func NewSMTP(address, from, password string) (*SMTP, error) {
	u, err := url.Parse(address)
	if err != nil || u.Scheme != "smtp" && u.Scheme != "smtps" {
		return nil, errors.New("not a mail server's URL: write smtp://user@mail.example:587 or smtps://user@mail.example:465")
	}
	if _, inURL := u.User.Password(); inURL {
		return nil, errors.New("the password stands in the URL, where logs show it: put it into the variable that key_env names")
	}
	s := &SMTP{host: u.Hostname()}
	if s.from, err = netmail.ParseAddress(from); err != nil {
		return nil, fmt.Errorf("from %q is no e-mail address: write care@shop.example or Shop <care@shop.example>", from)
	}
	port, policy := 587, mail.TLSMandatory
	if u.Scheme == "smtps" {
		port, policy, s.tls = 465, mail.NoTLS, &tls.Config{ServerName: s.host} // no more than there is from the start
	}
	switch off := u.Query().Get("tls"); {
	case off == "off" && u.User != nil:
		return nil, errors.New("tls=off would send the password in the clear: leave it away")
	case off == "off":
		port, policy, s.tls = 25, mail.NoTLS, nil
	case off != "":
		return nil, fmt.Errorf("tls=%s: only tls=off is known", off)
	}
	if u.Port() != "" {
		if port, err = strconv.Atoi(u.Port()); err != nil {
			return nil, fmt.Errorf("port %q is no number", u.Port())
		}
	}
	s.options = append(s.options, mail.WithPort(port), mail.WithTLSPolicy(policy), mail.WithTimeout(tryTime))
	if name := u.User.Username(); name != "" {
		if password == "" {
			return nil, fmt.Errorf("user %s has no password: put it into the variable that key_env names", name)
		}
		s.options = append(s.options, mail.WithSMTPAuth(mail.SMTPAuthAutoDiscover), mail.WithUsername(name), mail.WithPassword(password))
	}
	if s.host == "" {
		return nil, errors.New("no host: write smtp://user@mail.example:587")
	}
	_, err = mail.NewClient(s.host, s.options...) // what is wrong with them is to be told now
	return s, err
}

// Deliver sends the letter in a connection of its own.
func (s *SMTP) Deliver(ctx context.Context, l Worded) error {
	m, err := s.message(l)
	if err != nil {
		return fmt.Errorf("%w: %w", ErrRefused, err)
	}
	client, err := mail.NewClient(s.host, append(slices.Clip(s.options), mail.WithDialContextFunc(s.dial(ctx)))...)
	if err != nil {
		return err
	}
	err = client.DialAndSendWithContext(ctx, m)
	var sending *mail.SendError
	var network net.Error
	switch {
	case err == nil:
		return nil
	case errors.As(err, &sending) && !sending.IsTemp() && sending.Reason == mail.ErrSMTPRcptTo:
		return fmt.Errorf("%w: %w", ErrRefused, err)
	case errors.As(err, &sending) && !sending.IsTemp() && sending.ErrorCode() >= 500:
		return fmt.Errorf("%w: %w", errFinal, err)
	case errors.As(err, &network):
		return fmt.Errorf("mail server %s can't be reached: %w", s.host, err)
	}
	return fmt.Errorf("mail server %s: %w", s.host, err)
}

// dial connects, and hangs up when whole ends: the client itself would wait for a server that says
// nothing.
func (s *SMTP) dial(whole context.Context) mail.DialContextFunc {
	return func(ctx context.Context, network, address string) (net.Conn, error) {
		connect := new(net.Dialer).DialContext
		if s.tls != nil {
			connect = (&tls.Dialer{Config: s.tls}).DialContext
		}
		conn, err := connect(ctx, network, address)
		if err == nil {
			context.AfterFunc(whole, func() { conn.Close() })
		}
		return conn, err
	}
}

func (s *SMTP) message(l Worded) (*mail.Msg, error) {
	m := mail.NewMsg()
	name := s.from.Name
	if name == "" {
		name = l.From
	}
	if err := errors.Join(m.FromFormat(name, s.from.Address), m.To(l.To)); err != nil {
		return nil, err
	}
	m.Subject(l.Subject)
	m.SetBodyString(mail.TypeTextPlain, l.Text)
	m.SetDate()
	sum := sha256.Sum256([]byte(l.ID + l.Code))
	m.SetMessageIDWithValue(hex.EncodeToString(sum[:16]) + "@" + s.host) // the same for a letter tried again
	m.SetGenHeader("Auto-Submitted", "auto-generated")                   // no out-of-office answers, please
	return m, nil
}
