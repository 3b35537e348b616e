package rest_test

import (
	"fmt"
	"io"
	"net"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/floorwalker/floorwalker/channels"
	"github.com/floorwalker/floorwalker/channels/rest"
)

func TestConversationByHTTP(t *testing.T) {
	s := serve(t)
	c := s.begin()
	if got := c.events("0"); len(got) != 0 {
		t.Errorf("before anything was said: %+v", got)
	}
	offset := c.say("m1", "Do you have a kettle?")
	reply := c.follow().until(kind("reply"))
	if offset != 1 || !slices.Equal(reply.InReplyTo, []int64{1}) || reply.Text == "" || reply.id != c.epoch+"/2" {
		t.Errorf("%+v", reply)
	}
	all := c.events("0")
	if len(all) != 2 || all[0].Kind != "utterance" || all[0].ID != "m1" || all[0].Text != "Do you have a kettle?" || all[0].Role != "shopper" ||
		all[1].Text != reply.Text || all[1].Type != "event" || all[1].Epoch != c.epoch {
		t.Errorf("%+v", all)
	}
	if a := c.do(http.MethodGet, c.path("events"), "", "Authorization", "Bearer "+c.secret); !strings.HasPrefix(a.raw, `[{"type":"event","epoch":"`+c.epoch+`","offset":1,`) {
		t.Errorf("without a place: %.100s", a.raw)
	}
	for after, want := range map[string]int{"0": 2, "1": 1, "2": 0, c.epoch + "/1": 1, "3": 2, "another-epoch/2": 2, "999999999999999999": 2} {
		if got := c.events(after); len(got) != want {
			t.Errorf("after %s: %d events, want %d", after, len(got), want)
		}
	}
}

func TestSameIDAgainIsAcceptedAgainAndNothingMore(t *testing.T) {
	c := serve(t).begin()
	first := c.say("m1", "Hello.")
	c.follow().until(kind("reply"))
	for range 3 {
		if again := c.say("m1", "Something else altogether."); again != first {
			t.Errorf("again: %d, want %d", again, first)
		}
	}
	if n := c.say("m2", "Hello again."); n != 3 {
		t.Errorf("the next one is at %d, want 3: nothing else was journalled", n)
	}
}

func TestChoicesAreTaken(t *testing.T) {
	c := serve(t).begin()
	if a := c.post(`{"id":"m1","choice":"yes"}`); a.status != http.StatusAccepted {
		t.Fatalf("%d %s", a.status, a.raw)
	}
	if e := c.events("0")[0]; e.Choice != "yes" || e.Text != "" {
		t.Errorf("%+v", e)
	}
}

// A list of any length comes whole.
func TestLongListsComeWhole(t *testing.T) {
	c := serve(t).begin()
	for n := range 130 {
		c.say(fmt.Sprint("m", n), "and another thing")
	}
	last := int64(0)
	for _, e := range c.events("0") {
		if e.Offset != last+1 {
			t.Fatalf("event %d after %d", e.Offset, last)
		}
		last = e.Offset
	}
	if last < 130 {
		t.Errorf("the list ends at %d", last)
	}
}

func TestWhoMayNotIsTold(t *testing.T) {
	s := serve(t)
	c, other := s.begin(), s.begin()
	signed := func(shop, who, role string) string {
		token, err := town.keys.Sign(shop, who, role, time.Now().Add(time.Hour))
		if err != nil {
			t.Fatal(err)
		}
		return "Bearer " + token
	}
	for _, path := range []string{c.path("messages"), c.path("events")} {
		method, body := http.MethodPost, `{"id":"m1","text":"hello"}`
		if strings.HasSuffix(path, "events") {
			method, body = http.MethodGet, ""
		}
		for name, try := range map[string]struct {
			authorization string
			status        int
			code          string
		}{
			"nothing":                {"", 401, "unauthorized"},
			"another scheme":         {"Basic " + c.secret, 401, "unauthorized"},
			"an empty secret":        {"Bearer ", 401, "unauthorized"},
			"another's secret":       {"Bearer " + other.secret, 403, "forbidden"},
			"a secret cut short":     {"Bearer " + c.secret[:len(c.secret)-1], 403, "forbidden"},
			"no token":               {"Bearer a.b.c", 401, "unauthorized"},
			"another's token":        {signed("corner", "C2", ""), 403, "forbidden"},
			"a token of other shops": {signed("other", "C1", ""), 403, "forbidden"},
			"an agent's token":       {signed("corner", "Mei", channels.RoleAgent), 403, "forbidden"},
		} {
			a := s.do(method, path, body, "Authorization", try.authorization)
			a.refuses(t, name, try.status, try.code)
			if (a.header.Get("WWW-Authenticate") != "") != (try.status == 401) {
				t.Errorf("%s: WWW-Authenticate %q", name, a.header.Get("WWW-Authenticate"))
			}
		}
		// A conversation that isn't there looks like one that is somebody else's.
		there := s.do(method, path, body, "Authorization", "Bearer "+other.secret)
		for _, id := range []string{strings.Repeat("a", len(c.id)), "%00", "a%2Fb", "%FF", strings.Repeat("x", 1000), "..%2F.."} {
			a := s.do(method, strings.Replace(path, c.id, id, 1), body, "Authorization", "Bearer "+other.secret)
			if a.raw != there.raw || a.status != there.status {
				t.Errorf("id %.20q: %d %s; one that is there: %d %s", id, a.status, a.raw, there.status, there.raw)
			}
		}
	}
	if n := len(c.events("0")); n != 0 {
		t.Errorf("%d events came of it", n)
	}
}

func TestSignedInCustomersNeedNoSecret(t *testing.T) {
	s := serve(t)
	token := func(shop string) string {
		token, err := town.keys.Sign(shop, "C1", channels.RoleCustomer, time.Now().Add(time.Hour))
		if err != nil {
			t.Fatal(err)
		}
		return token
	}
	for _, shop := range []string{"corner", "other"} {
		a := s.do(http.MethodPost, "/v1/conversations", `{"shop":"`+shop+`","locale":"zh"}`, "Authorization", "Bearer "+token(shop))
		if a.status != http.StatusCreated || a.Locale != "zh" {
			t.Fatalf("%d %s", a.status, a.raw)
		}
		mine := talk{s, a.Conversation, token(shop), a.Epoch}
		mine.say("m1", "你好")
		mine.secret = a.Secret
		mine.say("m2", "你们有水壶吗？")
	}
	a := s.do(http.MethodPost, "/v1/conversations", `{"shop":"other"}`, "Authorization", "Bearer "+token("corner"))
	a.refuses(t, "another shop's token", 401, "unauthorized")
}

func TestWhatCannotBeBegun(t *testing.T) {
	s := serve(t)
	for name, try := range map[string]struct {
		body   string
		status int
		code   string
	}{
		"an unknown shop":        {`{"shop":"none"}`, 404, "not_found"},
		"a shop elsewhere":       {`{"shop":"../keys"}`, 404, "not_found"},
		"no shop":                {`{}`, 404, "not_found"},
		"a locale as a book":     {`{"shop":"corner","locale":"` + strings.Repeat("x", 1000) + `"}`, 400, "bad_frame"},
		"a locale that is none":  {`{"shop":"corner","locale":7}`, 400, "bad_frame"},
		"nothing":                {``, 400, "bad_frame"},
		"no object":              {`["corner"]`, 400, "bad_frame"},
		"null":                   {`null`, 400, "bad_frame"},
		"half an object":         {`{"shop":"corner"`, 400, "bad_frame"},
		"two objects":            {`{"shop":"corner"}{}`, 400, "bad_frame"},
		"bytes that aren't text": {"{\"shop\":\"corner\",\"locale\":\"\xff\"}", 400, "bad_frame"},
		"too much":               {`{"shop":"corner","more":"` + strings.Repeat("x", 64<<10) + `"}`, 413, "too_large"},
	} {
		s.do(http.MethodPost, "/v1/conversations", try.body).refuses(t, name, try.status, try.code)
	}
	a := s.do(http.MethodPost, "/v1/conversations", `{"shop":"corner","locale":"tlh","new_field":{"a":[1]}}`)
	if a.status != http.StatusCreated || a.Locale != "en" {
		t.Errorf("unknown fields are ignored: %d %s", a.status, a.raw)
	}
}

func TestWhatCannotBeSaid(t *testing.T) {
	c := serve(t).begin()
	for name, try := range map[string]struct {
		body, id string
		status   int
		code     string
	}{
		"no id":                  {`{"text":"hello"}`, "", 400, "bad_frame"},
		"an id with a space":     {`{"id":"m 1","text":"hello"}`, "m 1", 400, "bad_frame"},
		"an id of 65":            {`{"id":"` + strings.Repeat("m", 65) + `","text":"hello"}`, strings.Repeat("m", 65), 400, "bad_frame"},
		"nothing in it":          {`{"id":"m1"}`, "m1", 400, "bad_frame"},
		"a number for text":      {`{"id":"m1","text":7}`, "m1", 400, "bad_frame"},
		"bytes that aren't text": {"{\"id\":\"m1\",\"text\":\"\xc3\x28\"}", "", 400, "bad_frame"},
		"too long a text":        {`{"id":"m1","text":"` + strings.Repeat("长", 10_001) + `"}`, "m1", 413, "too_large"},
		"too large a body":       {`{"id":"m1","text":"` + strings.Repeat("x", 1<<20) + `"}`, "", 413, "too_large"},
		"no JSON":                {`id=m1&text=hello`, "", 400, "bad_frame"},
	} {
		a := c.post(try.body)
		a.refuses(t, name, try.status, try.code)
		if a.ID != try.id {
			t.Errorf("%s: the error is about %q, want %q", name, a.ID, try.id)
		}
	}
	if n := len(c.events("0")); n != 0 {
		t.Errorf("%d events came of it", n)
	}
	for _, after := range []string{"", "-1", "x", "1.5", "%20", "1/2/3", "99999999999999999999", "a%2Fb", "%FF"} {
		c.do(http.MethodGet, c.path("events?after="+after), "", "Authorization", "Bearer "+c.secret).refuses(t, "after "+after, 400, "bad_frame")
	}
	if a := c.post(`{"id":"m1","text":"` + strings.Repeat("长", 10_000) + `","unknown":null}`); a.status != http.StatusAccepted {
		t.Errorf("as long as may be: %d %s", a.status, a.raw)
	}
}

func TestTooManyMessages(t *testing.T) {
	c := serve(t).begin()
	for n := range 1000 {
		a := c.post(fmt.Sprintf(`{"id":"m%d","text":"and"}`, n))
		if a.status == http.StatusAccepted {
			continue
		}
		a.refuses(t, "a message too many", 429, "rate_limited")
		if n < 200 || a.RetryAfterMS == 0 || a.header.Get("Retry-After") != "1" || a.ID != fmt.Sprint("m", n) {
			t.Errorf("after %d: %s %v", n, a.raw, a.header)
		}
		return
	}
	t.Error("nothing is too many")
}

func TestUnknownPathsAndMethods(t *testing.T) {
	s := serve(t)
	c := s.begin()
	for _, path := range []string{"/v1", "/v1/", "/v1/conversations/" + c.id, c.path(""), "/v1/conversations/" + c.id + "/messages/m1", "/webhooks/none"} {
		s.do(http.MethodGet, path, "").refuses(t, path, 404, "not_found")
	}
	for path, allow := range map[string]string{"/v1/conversations": "OPTIONS, POST", c.path("messages"): "OPTIONS, POST", c.path("events"): "GET, OPTIONS", "/webhooks/rest/webhook": "GET, OPTIONS, POST"} {
		a := s.do(http.MethodDelete, path, "", "Authorization", "Bearer "+c.secret)
		a.refuses(t, path, 405, "bad_frame")
		if a.header.Get("Allow") != allow {
			t.Errorf("%s allows %q, want %q", path, a.header.Get("Allow"), allow)
		}
	}
}

// Pages of the shop's own origins may talk to it, those of others may not; whoever is no browser may.
func TestOrigins(t *testing.T) {
	s := serve(t)
	for _, try := range []struct {
		shop, origin string
		may, reads   bool
	}{
		{"corner", "", true, false}, {"corner", "https://corner.example", true, true}, {"corner", s.url, true, true},
		{"corner", "https://other.example", false, true}, // it may read why
		{"corner", "https://evil.example", false, false}, {"corner", "null", false, false}, {"other", "https://other.example", true, true},
	} {
		headers := []string{}
		if try.origin != "" {
			headers = []string{"Origin", try.origin}
		}
		begin := s.do(http.MethodPost, "/v1/conversations", `{"shop":"`+try.shop+`"}`, headers...)
		if allowed := begin.header.Get("Access-Control-Allow-Origin"); (allowed != "") != try.reads || try.reads && allowed != try.origin || begin.header.Get("Vary") != "Origin" {
			t.Errorf("%+v: %v", try, begin.header)
		}
		if !try.may {
			begin.refuses(t, try.origin, 403, "forbidden")
			c := s.begin()
			for _, path := range []string{"events", "messages"} {
				method := map[string]string{"events": http.MethodGet, "messages": http.MethodPost}[path]
				s.do(method, c.path(path), `{"id":"m1","text":"hello"}`, "Authorization", "Bearer "+c.secret, "Origin", try.origin).refuses(t, try.origin+" "+path, 403, "forbidden")
			}
		} else if begin.status != http.StatusCreated {
			t.Errorf("%+v: %d %s", try, begin.status, begin.raw)
		}
		if try.origin == "" {
			continue
		}
		preflight := s.do(http.MethodOptions, "/v1/conversations", "", append(headers, "Access-Control-Request-Method", "POST")...)
		if preflight.status != http.StatusNoContent || (preflight.header.Get("Access-Control-Allow-Headers") != "") != try.reads {
			t.Errorf("preflight of %+v: %d %v", try, preflight.status, preflight.header)
		}
	}
}

func TestTooManyConnections(t *testing.T) {
	room := channels.NewRoom(2)
	s := serve(t, func(o *rest.Options) { o.Room = room })
	c := s.begin()
	one, two := c.follow(), c.follow()
	one.until(called("welcome"))
	two.until(called("welcome"))
	a := c.post(`{"id":"m1","text":"hello"}`)
	a.refuses(t, "a third", 503, "unavailable")
	if a.header.Get("Retry-After") != "5" {
		t.Errorf("%v", a.header)
	}
	one.close()
	for end := time.Now().Add(patience); ; time.Sleep(5 * time.Millisecond) {
		if c.post(`{"id":"m1","text":"hello"}`).status == http.StatusAccepted {
			break
		} else if time.Now().After(end) {
			t.Fatal("there is no room though one has left")
		}
	}
}

// A body that comes too slowly, or never wholly, holds nothing for long.
func TestSlowBodies(t *testing.T) {
	s := serve(t, func(o *rest.Options) { o.BodyWait = 100 * time.Millisecond })
	conn, err := net.Dial("tcp", strings.TrimPrefix(s.url, "http://"))
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	fmt.Fprintf(conn, "POST /v1/conversations HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n{\"shop\":")
	conn.SetReadDeadline(time.Now().Add(patience))
	got, err := io.ReadAll(conn)
	if err != nil || !strings.HasPrefix(string(got), "HTTP/1.1 400") || !strings.Contains(string(got), "took too long") {
		t.Errorf("%s (%v)", got, err)
	}
}
