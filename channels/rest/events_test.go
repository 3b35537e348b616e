package rest_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/floorwalker/floorwalker/channels/rest"
)

func TestStreamTellsWhatIsAndWhatComes(t *testing.T) {
	c := serve(t).begin()
	c.say("m1", "Hello.")
	f := c.follow()
	first, err := f.next()
	if err != nil || first.name != "welcome" || first.Type != "welcome" || first.retry != "2000" || first.id != "" {
		t.Errorf("first comes %+v (%v)", first, err)
	}
	f.until(kind("reply"))
	c.say("m2", "Do you have a kettle?")
	said := f.until(kind("utterance"))
	if said.ID != "m2" || said.Offset != 3 || said.id != c.epoch+"/3" || said.name != "" {
		t.Errorf("%+v", said)
	}
	if f.resp.Header.Get("Cache-Control") != "no-store" || f.resp.Header.Get("X-Accel-Buffering") != "no" {
		t.Errorf("%v", f.resp.Header)
	}
}

// Wherever a stream is resumed, what comes is what came, once and in order.
func TestStreamsResumeAnywhere(t *testing.T) {
	c := serve(t).begin()
	var whole []event
	for n, text := range []string{"Hello.", "Do you have a kettle?", "Where is my order?"} {
		c.say(fmt.Sprint("m", n), text)
		f := c.follow()
		f.until(func(p piece) bool { return p.Kind == "reply" && slices.Contains(p.InReplyTo, int64(2*n+1)) })
		f.close()
	}
	whole = c.events("0")
	for n := range len(whole) + 1 {
		id := fmt.Sprintf("%s/%d", c.epoch, n)
		f := c.follow("Last-Event-ID", id)
		for _, want := range whole[n:] {
			if got := f.until(func(p piece) bool { return p.Type == "event" }); got.Offset != want.Offset || got.Text != want.Text {
				t.Errorf("after %s came %+v, want %+v", id, got.event, want)
			}
		}
		f.close()
	}
	for _, gone := range []string{c.epoch + "/99", "another/2"} {
		f := c.follow("Last-Event-ID", gone)
		if w := f.until(called("welcome")); !w.Reset {
			t.Errorf("resumed at %s: %+v", gone, w)
		}
		if e := f.until(func(p piece) bool { return p.Type == "event" }); e.Offset != 1 {
			t.Errorf("resumed at %s begins with %d", gone, e.Offset)
		}
		f.close()
	}
	c.do(http.MethodGet, c.path("events"), "", "Authorization", "Bearer "+c.secret, "Accept", "text/event-stream", "Last-Event-ID", "x\ty").
		refuses(t, "a place that is none", 400, "bad_frame")
}

func TestSilentStreamsBeat(t *testing.T) {
	c := serve(t, func(o *rest.Options) { o.BeatEvery = 30 * time.Millisecond }).begin()
	f := c.follow()
	f.until(called("welcome"))
	for range 3 {
		if p, err := f.next(); err != nil || !p.comment || p.Type != "" {
			t.Errorf("in silence comes %+v (%v)", p, err)
		}
	}
	c.say("m1", "Hello.")
	f.until(kind("reply"))
}

// streams is how many streams are open, as it is measured.
func streams(t *testing.T, r *prometheus.Registry) float64 {
	t.Helper()
	families, err := r.Gather()
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range families {
		if f.GetName() == "floorwalker_rest_streams" {
			return f.GetMetric()[0].GetGauge().GetValue()
		}
	}
	t.Fatal("streams aren't measured")
	return 0
}

func eventually(t *testing.T, what string, is func() bool) {
	t.Helper()
	for end := time.Now().Add(patience); !is(); time.Sleep(5 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatal(what)
		}
	}
}

// A client that goes in the middle leaves nothing behind.
func TestClientsThatGo(t *testing.T) {
	metrics := prometheus.NewRegistry()
	c := serve(t, func(o *rest.Options) { o.Metrics = metrics }).begin()
	var open []*flow
	for range 5 {
		f := c.follow()
		f.until(called("welcome"))
		open = append(open, f)
	}
	if n := streams(t, metrics); n != 5 {
		t.Fatalf("%v streams", n)
	}
	c.say("m1", "Hello.")
	for _, f := range open {
		f.close() // while it is answered
	}
	eventually(t, "a stream stays that nobody reads", func() bool { return streams(t, metrics) == 0 })
	c.follow().until(kind("reply"))
}

// A client that takes nothing is cut off, and keeps nobody else from reading.
func TestSlowClientsAreCutOff(t *testing.T) {
	metrics := prometheus.NewRegistry()
	s := serve(t, func(o *rest.Options) { o.Metrics, o.WriteWait = metrics, 200*time.Millisecond })
	c := s.begin()
	long := strings.Repeat("文", 9_999) + "。"
	conn, err := net.Dial("tcp", strings.TrimPrefix(s.url, "http://"))
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	if err := conn.(*net.TCPConn).SetReadBuffer(4 << 10); err != nil {
		t.Fatal(err)
	}
	for n := range 30 {
		c.say(fmt.Sprint("m", n), long)
	}
	fmt.Fprintf(conn, "GET %s HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer %s\r\nAccept: text/event-stream\r\n\r\n", c.path("events"), c.secret)
	eventually(t, "the stream never began", func() bool { return streams(t, metrics) == 1 })
	eventually(t, "the slow client is never cut off", func() bool { return streams(t, metrics) == 0 })
	if all := c.events("0"); len(all) < 30 {
		t.Errorf("others read %d events", len(all))
	}

	conn, err = net.Dial("tcp", strings.TrimPrefix(s.url, "http://")) // and so with lists
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	if err := conn.(*net.TCPConn).SetReadBuffer(4 << 10); err != nil {
		t.Fatal(err)
	}
	fmt.Fprintf(conn, "GET %s HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer %s\r\n\r\n", c.path("events"), c.secret)
	ended := make(chan struct{})
	go func() { s.Shutdown(context.Background()); close(ended) }() // waits for it
	select {
	case <-ended:
	case <-time.After(patience):
		t.Error("the slow reader of a list holds the server")
	}
}

func TestStreamsEndWhenTheServerGoes(t *testing.T) {
	s := serve(t)
	c := s.begin()
	f := c.follow()
	f.until(called("welcome"))
	ended := make(chan struct{})
	go func() { s.Shutdown(t.Context()); close(ended) }()
	last := f.until(called("error"))
	if last.Code != "shutting_down" || last.Type != "error" {
		t.Errorf("%+v", last)
	}
	if p, err := f.next(); !errors.Is(err, io.EOF) {
		t.Errorf("after the last comes %+v (%v)", p, err)
	}
	<-ended
	c.do(http.MethodGet, c.path("events"), "", "Authorization", "Bearer "+c.secret).refuses(t, "too late", 503, "shutting_down")
}
