package codes_test

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"mime"
	"mime/quotedprintable"
	"net"
	"net/http"
	"net/http/httptest"
	"net/mail"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/emersion/go-smtp"

	"github.com/floorwalker/floorwalker/catalog"
	"github.com/floorwalker/floorwalker/channels/codes"
	"github.com/floorwalker/floorwalker/dialog/skill"
)

// bound is how long a test waits for a letter.
const bound = 10 * time.Second

var lane = catalog.Settings{Name: catalog.Text{"en": "Lantern Lane", "zh": "灯巷家居"}, Locales: []string{"en", "zh"}}

func letter(to, locale string) skill.Letter {
	return skill.Letter{ID: "c1/3", Shop: "demo", To: to, Locale: locale, Code: "042917", Expires: time.Now().Add(10 * time.Minute)}
}

// open makes a Post that runs until the test ends, and the log it writes.
func open(t *testing.T, way codes.Way, settings catalog.Settings) (*codes.Post, *log) {
	t.Helper()
	l := &log{}
	p := codes.New(codes.Options{Way: way, Logger: slog.New(slog.NewTextHandler(l, nil)), Pause: time.Millisecond, Rest: time.Hour,
		Settings: func(id string) (catalog.Settings, bool) { return settings, id == "demo" }})
	ctx, stop := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- p.Run(ctx) }()
	t.Cleanup(func() {
		stop()
		if err := <-done; err != nil {
			t.Error(err)
		}
	})
	return p, l
}

type log struct {
	mu sync.Mutex
	bytes.Buffer
}

func (l *log) Write(b []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.Buffer.Write(b)
}

func (l *log) text() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.String()
}

// server is a mail server that keeps what it gets.
type server struct {
	letters chan []byte
	refuse  func(to string) error
}

func (s *server) NewSession(*smtp.Conn) (smtp.Session, error) { return s, nil }
func (s *server) Mail(string, *smtp.MailOptions) error        { return nil }
func (s *server) Reset()                                      {}
func (s *server) Logout() error                               { return nil }
func (s *server) Rcpt(to string, _ *smtp.RcptOptions) error {
	if s.refuse != nil {
		return s.refuse(to)
	}
	return nil
}
func (s *server) Data(r io.Reader) error {
	data, err := io.ReadAll(r)
	s.letters <- data
	return err
}

// listen starts a mail server on this machine.
func listen(t *testing.T, s *server) (address string) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	return s.serve(t, l)
}

func (s *server) serve(t *testing.T, l net.Listener) (address string) {
	t.Helper()
	s.letters = make(chan []byte, 20)
	srv := smtp.NewServer(s)
	srv.Domain = "localhost"
	go srv.Serve(l)
	t.Cleanup(func() { srv.Close() })
	return l.Addr().String()
}

func got[T any](t *testing.T, from <-chan T) T {
	t.Helper()
	select {
	case v := <-from:
		return v
	case <-time.After(bound):
		t.Fatal("nothing came")
		panic("unreachable")
	}
}

func TestMailComesInTheShoppersLanguage(t *testing.T) {
	s := &server{}
	way, err := codes.NewSMTP("smtp://"+listen(t, s)+"?tls=off", "care@lanternlane.example", "")
	if err != nil {
		t.Fatal(err)
	}
	p, log := open(t, way, lane)
	for _, c := range []struct{ locale, subject, name, text string }{
		{"en", "042917 is your code for Lantern Lane", "Lantern Lane", "good for 10 minutes"},
		{"zh-CN", "灯巷家居验证码：042917", "灯巷家居", "10 分钟内有效"},
		{"fr", "042917 is your code for Lantern Lane", "Lantern Lane", "nobody from Lantern Lane"},
	} {
		if err := p.Send(t.Context(), letter("ada@shopper.example", c.locale)); err != nil {
			t.Fatal(err)
		}
		m, err := mail.ReadMessage(bytes.NewReader(got(t, s.letters)))
		if err != nil {
			t.Fatal(err)
		}
		var words mime.WordDecoder
		subject, err := words.DecodeHeader(m.Header.Get("Subject"))
		if err != nil || subject != c.subject {
			t.Errorf("%s: subject %q, %v", c.locale, subject, err)
		}
		from, err := m.Header.AddressList("From")
		if err != nil || from[0].Address != "care@lanternlane.example" || from[0].Name != c.name {
			t.Errorf("%s: from %v, %v", c.locale, from, err)
		}
		if to := m.Header.Get("To"); to != "<ada@shopper.example>" || m.Header.Get("Auto-Submitted") != "auto-generated" {
			t.Errorf("%s: to %q, %v", c.locale, to, m.Header)
		}
		body := decoded(t, m)
		if !strings.Contains(body, "042917") || !strings.Contains(body, c.text) {
			t.Errorf("%s:\n%s", c.locale, body)
		}
	}
	if strings.Contains(log.text(), "042917") || strings.Contains(log.text(), "ada@") {
		t.Errorf("the log holds a code or an address:\n%s", log.text())
	}
}

func TestShopsWordTheirLetters(t *testing.T) {
	s := &server{}
	way, err := codes.NewSMTP("smtp://"+listen(t, s)+"?tls=off", "Post <post@lanternlane.example>", "")
	if err != nil {
		t.Fatal(err)
	}
	settings := lane
	settings.Notices = map[string]catalog.Text{"code_subject": {"": "Code {code}"}, "code_text": {"": "{shop}: {code}, {minutes} min"}}
	p, _ := open(t, way, settings)
	if err := p.Send(t.Context(), letter("ada@shopper.example", "en")); err != nil {
		t.Fatal(err)
	}
	m, err := mail.ReadMessage(bytes.NewReader(got(t, s.letters)))
	if err != nil {
		t.Fatal(err)
	}
	if body := decoded(t, m); strings.TrimSpace(body) != "Lantern Lane: 042917, 10 min" || m.Header.Get("Subject") != "Code 042917" ||
		!strings.Contains(m.Header.Get("From"), "Post") {
		t.Errorf("%v\n%s", m.Header, body)
	}
}

func TestTemporaryFaultsAreTriedAgainAndOneAddressIsNot(t *testing.T) {
	busy, tried := 2, 0
	s := &server{refuse: func(to string) error {
		if strings.HasPrefix(to, "nobody@") {
			tried++
			return &smtp.SMTPError{Code: 550, EnhancedCode: smtp.EnhancedCode{5, 1, 1}, Message: "no such user"}
		}
		if busy--; busy >= 0 {
			return &smtp.SMTPError{Code: 451, EnhancedCode: smtp.EnhancedCode{4, 3, 0}, Message: "try later"}
		}
		return nil
	}}
	way, err := codes.NewSMTP("smtp://"+listen(t, s)+"?tls=off", "care@lanternlane.example", "")
	if err != nil {
		t.Fatal(err)
	}
	p, log := open(t, way, lane)
	for range 5 { // more than the breaker would stand if they counted
		if err := p.Send(t.Context(), letter("nobody@shopper.example", "en")); err != nil {
			t.Fatal(err)
		}
	}
	if err := p.Send(t.Context(), letter("ada@shopper.example", "en")); err != nil {
		t.Fatal(err)
	}
	got(t, s.letters)
	waitFor(t, func() bool { return strings.Count(log.text(), "one-time code refused") == 5 })
	if tried != 5 {
		t.Errorf("an address that is refused was tried %d times in 5 letters", tried)
	}
}

func TestWhenNothingCanBeSentItIsSaidAtOnce(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	l.Close() // nobody listens there
	way, err := codes.NewSMTP("smtp://"+l.Addr().String()+"?tls=off", "care@lanternlane.example", "")
	if err != nil {
		t.Fatal(err)
	}
	p, log := open(t, way, lane)
	if err := p.Send(t.Context(), letter("ada@shopper.example", "en")); err != nil {
		t.Fatalf("the first letter is taken: %v", err)
	}
	waitFor(t, func() bool { return strings.Contains(log.text(), "one-time code not sent") })
	if err := p.Send(t.Context(), letter("ada@shopper.example", "en")); err == nil || !strings.Contains(err.Error(), "connection refused") {
		t.Errorf("the next is refused with the reason; got %v", err)
	}
}

func TestTheMailServerMustSpeakTLS(t *testing.T) {
	s := &server{}
	way, err := codes.NewSMTP("smtp://"+listen(t, s), "care@lanternlane.example", "")
	if err != nil {
		t.Fatal(err)
	}
	err = way.Deliver(t.Context(), codes.Worded{Letter: letter("ada@shopper.example", "en"), Subject: "s", Text: "t"})
	if err == nil || !strings.Contains(err.Error(), "STARTTLS") {
		t.Errorf("a code would have gone in the clear: %v", err)
	}
}

func TestTLSFromTheFirstByte(t *testing.T) {
	known := httptest.NewTLSServer(nil) // for its certificate
	defer known.Close()
	l, err := tls.Listen("tcp", "127.0.0.1:0", &tls.Config{Certificates: known.TLS.Certificates})
	if err != nil {
		t.Fatal(err)
	}
	s := &server{}
	way, err := codes.NewSMTP("smtps://"+s.serve(t, l), "care@lanternlane.example", "")
	if err != nil {
		t.Fatal(err)
	}
	w := codes.Worded{Letter: letter("ada@shopper.example", "en"), From: "Lantern Lane", Subject: "s", Text: "t"}
	if err := way.Deliver(t.Context(), w); err == nil || !strings.Contains(err.Error(), "certificate") {
		t.Errorf("a server that nobody knows gets the code: %v", err)
	}
	roots := x509.NewCertPool()
	roots.AddCert(known.Certificate())
	way.Trust(roots)
	if err := way.Deliver(t.Context(), w); err != nil {
		t.Fatal(err)
	}
	got(t, s.letters)
}

func TestCodesGoByHTTP(t *testing.T) {
	type call struct {
		request codes.Request
		header  http.Header
	}
	calls := make(chan call, 20)
	answers := []int{503, 429, 200}
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var c call
		if err := json.NewDecoder(r.Body).Decode(&c.request); err != nil {
			t.Error(err)
		}
		c.header = r.Header
		calls <- c
		w.WriteHeader(answers[0])
		answers = answers[1:]
	}))
	defer srv.Close()
	way, err := codes.NewHTTP(srv.URL, "a-key")
	if err != nil {
		t.Fatal(err)
	}
	p, log := open(t, way, lane)
	if err := p.Send(t.Context(), letter("ada@shopper.example", "zh")); err != nil {
		t.Fatal(err)
	}
	for range 3 {
		c := got(t, calls)
		if c.header.Get("Idempotency-Key") != "c1/3" || c.header.Get("Authorization") != "Bearer a-key" || c.request.Code != "042917" ||
			c.request.To != "ada@shopper.example" || c.request.Subject != "灯巷家居验证码：042917" || c.request.ExpiresAt.Before(time.Now()) {
			t.Errorf("%+v", c)
		}
	}
	waitFor(t, func() bool { return strings.Contains(log.text(), "one-time code sent") })
}

func TestWhatHTTPAnswersDecides(t *testing.T) {
	for status, want := range map[int]struct {
		tries int
		log   string
	}{422: {1, "refused"}, 401: {1, "not sent"}, 302: {1, "not sent"}, 500: {3, "not sent"}} {
		t.Run(fmt.Sprint(status), func(t *testing.T) {
			var mu sync.Mutex
			n := 0
			srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				mu.Lock()
				defer mu.Unlock()
				n++
				w.Header().Set("Location", "/elsewhere")
				w.WriteHeader(status)
			}))
			defer srv.Close()
			way, err := codes.NewHTTP(srv.URL, "")
			if err != nil {
				t.Fatal(err)
			}
			p, log := open(t, way, lane)
			if err := p.Send(t.Context(), letter("ada@shopper.example", "en")); err != nil {
				t.Fatal(err)
			}
			waitFor(t, func() bool { return strings.Contains(log.text(), "one-time code "+want.log) })
			mu.Lock()
			defer mu.Unlock()
			if n != want.tries {
				t.Errorf("tried %d times, not %d", n, want.tries)
			}
		})
	}
}

func TestUnsafeAndWrongAddressesAreRefused(t *testing.T) {
	for address, want := range map[string]string{
		"smtp://me:secret@mail.example":      "password stands in the URL",
		"smtp://me@mail.example":             "no password",
		"smtp://me@mail.example?tls=off":     "in the clear",
		"smtp://mail.example?tls=maybe":      "only tls=off",
		"smtp://":                            "no host",
		"https://mail.example":               "write smtp://",
		"":                                   "write smtp://",
		"smtp://mail.example:587/%zz":        "write smtp://",
		"smtp://mail.example:99999999999999": "port",
	} {
		if _, err := codes.NewSMTP(address, "care@shop.example", ""); err == nil || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "secret") {
			t.Errorf("%q: %v, want %q", address, err, want)
		}
	}
	if _, err := codes.NewSMTP("smtp://mail.example", "not an address", ""); err == nil {
		t.Error("a sender that is no address was taken")
	}
	for _, address := range []string{"", "shop.example/codes", "ftp://shop.example", "https://"} {
		if _, err := codes.NewHTTP(address, ""); err == nil {
			t.Errorf("%q was taken", address)
		}
	}
}

func TestLettersThatWaitAreSentBeforeTheEnd(t *testing.T) {
	s := &server{}
	way, err := codes.NewSMTP("smtp://"+listen(t, s)+"?tls=off", "care@lanternlane.example", "")
	if err != nil {
		t.Fatal(err)
	}
	p := codes.New(codes.Options{Way: way, Logger: slog.New(slog.DiscardHandler), Settings: func(string) (catalog.Settings, bool) { return lane, true }})
	for range 6 {
		if err := p.Send(t.Context(), letter("ada@shopper.example", "en")); err != nil {
			t.Fatal(err)
		}
	}
	ctx, stop := context.WithCancel(t.Context())
	stop()
	if err := p.Run(ctx); err != nil || len(s.letters) != 6 {
		t.Errorf("%d of 6 letters were sent, %v", len(s.letters), err)
	}
	for range 300 {
		err = errors.Join(err, p.Send(t.Context(), letter("ada@shopper.example", "en")))
	}
	if err == nil {
		t.Error("letters pile up without bound")
	}
}

// A mail server that takes a connection and then says nothing doesn't keep a stopping server.
func TestAServerThatHangsIsNotWaitedFor(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	way, err := codes.NewSMTP("smtp://"+l.Addr().String()+"?tls=off", "care@lanternlane.example", "")
	if err != nil {
		t.Fatal(err)
	}
	var log log
	p := codes.New(codes.Options{Way: way, Logger: slog.New(slog.NewTextHandler(&log, nil)), Grace: 50 * time.Millisecond,
		Settings: func(string) (catalog.Settings, bool) { return lane, true }})
	for range 20 {
		if err := p.Send(t.Context(), letter("ada@shopper.example", "en")); err != nil {
			t.Fatal(err)
		}
	}
	ctx, stop := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- p.Run(ctx) }()
	stop()
	if err := got(t, done); err != nil {
		t.Error(err)
	}
	if n := strings.Count(log.text(), "one-time code not sent"); n != 20 {
		t.Errorf("of 20 letters that were lost the log tells %d", n)
	}
}

func waitFor(t *testing.T, is func() bool) {
	t.Helper()
	for end := time.Now().Add(bound); !is(); time.Sleep(5 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatal("it never came about")
		}
	}
}

// decoded is the text of a mail.
func decoded(t *testing.T, m *mail.Message) string {
	t.Helper()
	var r io.Reader = m.Body
	switch strings.ToLower(m.Header.Get("Content-Transfer-Encoding")) {
	case "quoted-printable":
		r = quotedprintable.NewReader(r)
	case "base64":
		r = base64.NewDecoder(base64.StdEncoding, r)
	}
	text, err := io.ReadAll(r)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}
