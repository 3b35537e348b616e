package skill_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/floorwalker/floorwalker/catalog"
	"github.com/floorwalker/floorwalker/catalog/store"
	"github.com/floorwalker/floorwalker/dialog/flow"
	"github.com/floorwalker/floorwalker/dialog/skill"
	"github.com/floorwalker/floorwalker/nlu"
)

// identity takes what proves each level, as in shop.yaml.
func identity(claimed, verified []string) func(*skill.Deps) {
	return func(d *skill.Deps) { d.Settings.Identity = catalog.Proofs{Claimed: claimed, Verified: verified} }
}

func TestProofs(t *testing.T) {
	order := []any{"order", "W10234"}
	for _, c := range []struct {
		name     string
		claimed  []string
		verified []string
		needs    catalog.Level
		text     string
		args     []any
		want     catalog.Identity
		refused  string
	}{
		{"name and postal code", nil, []string{"name_postal_code"}, catalog.Verified, "Maya Okafor, 97214", nil, verified("C1001"), ""},
		{"in a sentence, any case", nil, []string{"name_postal_code"}, catalog.Verified, "hi, i'm maya okafor and my zip code is 97214.", nil, verified("C1001"), ""},
		{"last name first", nil, []string{"name_postal_code"}, catalog.Verified, "Okafor Maya 97214", nil, verified("C1001"), ""},
		{"in Chinese", nil, []string{"name_postal_code"}, catalog.Verified, "我叫林晓雯，邮编200031", nil, verified("C1011"), ""},
		{"two characters of a family name", nil, []string{"name_postal_code"}, catalog.Verified, "欧阳静 310013", nil, verified("C1013"), ""},
		{"full width", nil, []string{"name_postal_code"}, catalog.Verified, "林晓雯　２０００３１", nil, verified("C1011"), ""},
		{"a Latin name within Chinese", nil, []string{"name_postal_code"}, catalog.Verified, "我是Wei Zhang，邮编是95125", nil, verified("C1015"), ""},
		{"accents", nil, []string{"name_postal_code"}, catalog.Verified, "Hannah Líndqvist 55407", nil, verified("C1003"), ""},
		{"wrong postal code", nil, []string{"name_postal_code"}, catalog.Verified, "Maya Okafor, 97215", nil, nobody, "not_proven"},
		{"wrong name", nil, []string{"name_postal_code"}, catalog.Verified, "Maya Smith, 97214", nil, nobody, "not_proven"},
		{"part of a word is no name", nil, []string{"name_postal_code"}, catalog.Verified, "Mayamaya Okafor, 97214", nil, nobody, "not_proven"},
		{"a name alone", nil, []string{"name_postal_code"}, catalog.Verified, "Maya Okafor", nil, nobody, "need_postal_code"},
		{"a postal code alone", nil, []string{"name_postal_code"}, catalog.Verified, "97214", nil, nobody, "need_name"},
		{"not taken by the shop", nil, []string{"email"}, catalog.Verified, "Maya Okafor, 97214", nil, nobody, ""},

		{"e-mail", nil, []string{"email"}, catalog.Verified, "It's Maya.Okafor@Example.com.", nil, verified("C1001"), ""},
		{"e-mail within Chinese", nil, []string{"email"}, catalog.Verified, "我的邮箱是maya.okafor@example.com谢谢", nil, verified("C1001"), ""},
		{"unknown e-mail", nil, []string{"email"}, catalog.Verified, "maya@example.org", nil, nobody, "not_proven"},

		{"order and e-mail", []string{"order_email"}, nil, catalog.Claimed, "W10234, maya.okafor@example.com", nil, claimed("C1001"), ""},
		{"the order asked about and e-mail", []string{"order_email"}, nil, catalog.Claimed, "maya.okafor@example.com", order, claimed("C1001"), ""},
		{"order and somebody else's e-mail", []string{"order_email"}, nil, catalog.Claimed, "W10234, daniel.reyes@example.com", nil, nobody, "not_proven"},
		{"no such order and an e-mail", []string{"order_email"}, nil, catalog.Claimed, "W99999, maya.okafor@example.com", nil, nobody, "not_proven"},
		{"order and postal code", []string{"order_postal_code"}, nil, catalog.Claimed, "#W10234 and 97214", nil, claimed("C1001"), ""},
		{"the order asked about and postal code", []string{"order_postal_code"}, nil, catalog.Claimed, "97214", order, claimed("C1001"), ""},
		{"order and another postal code", []string{"order_postal_code"}, nil, catalog.Claimed, "97215", order, nobody, "not_proven"},
		{"order alone", []string{"order_postal_code"}, nil, catalog.Claimed, "W10234", nil, nobody, "need_order_postal_code"},
		{"not enough for the level", []string{"order_email"}, []string{"name_postal_code"}, catalog.Verified, "W10234, maya.okafor@example.com", nil, nobody, ""},
		{"more than needed", []string{"order_email"}, []string{"name_postal_code"}, catalog.Claimed, "Maya Okafor 97214", nil, verified("C1001"), ""},
		{"two customers in one text", []string{"order_email"}, []string{"email"}, catalog.Claimed, "maya.okafor@example.com daniel.reyes@example.com", nil, nobody, "not_proven"},
		{"nothing", []string{"order_email"}, []string{"email"}, catalog.Claimed, "why do you want to know?", nil, nobody, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			if c.claimed == nil {
				c.claimed = []string{}
			}
			if c.verified == nil {
				c.verified = []string{}
			}
			d := open(t, identity(c.claimed, c.verified))
			r := d.prove(c.needs, c.text, c.args...)
			got := nobody
			if r.Identity != nil {
				got = *r.Identity
			}
			if got != c.want || r.Refused != c.refused || (len(r.Values) == 1) != (got != nobody) {
				t.Errorf("got %+v, refused %q, %d values; want %+v, refused %q", got, r.Refused, len(r.Values), c.want, c.refused)
			}
		})
	}
}

func TestFigureInRequestIsNoFailedProof(t *testing.T) {
	d := open(t)
	said := d.say("where is order 10234 with 3 flasks")
	said.Requests = []nlu.Request{{Intent: "order_status", P: 1, End: len(said.Text)}}
	if r := d.proveAs(nobody, catalog.Verified, said); r.Refused != "" || r.Identity != nil {
		t.Errorf("got %+v", r)
	}
	said = d.say("I'm Maya Okafor, 97214, please cancel my order W10234")
	said.Requests = []nlu.Request{{Intent: "cancel_order", P: 1, End: len(said.Text)}}
	if r := d.proveAs(nobody, catalog.Verified, said); r.Identity == nil || *r.Identity != verified("C1001") {
		t.Errorf("a proof within a request: %+v", r)
	}
}

func TestGuessesAreLimitedInConversation(t *testing.T) {
	d := open(t)
	for i := range 4 {
		if r := d.prove(catalog.Verified, fmt.Sprintf("Maya Okafor 9720%d", i)); r.Refused != "not_proven" {
			t.Fatalf("guess %d: %+v", i, r)
		}
	}
	last := d.say("Maya Okafor 97299", "postal_code")
	for range 3 { // a turn that is run again counts once
		if r := d.proveAs(nobody, catalog.Verified, last); r.Refused != "too_many_proofs" {
			t.Fatalf("fifth guess: %+v", r)
		}
	}
	if r := d.prove(catalog.Verified, "Maya Okafor 97214"); r.Refused != "too_many_proofs" || r.Identity != nil {
		t.Errorf("the right one after five wrong ones: %+v", r)
	}
	if r := d.prove(catalog.Verified, "thank you"); r.Refused != "" {
		t.Errorf("no proof at all: %+v", r)
	}
	d.talk = "another"
	if r := d.prove(catalog.Verified, "Maya Okafor 97214"); r.Identity == nil {
		t.Errorf("in another conversation: %+v", r)
	}
}

func TestManyGuessesInOneMessageAreFew(t *testing.T) {
	d := open(t)
	text := "Maya Okafor"
	for code := 97204; code < 97224; code++ {
		text += fmt.Sprint(" ", code)
	}
	if r := d.prove(catalog.Verified, text); r.Identity != nil {
		t.Errorf("twenty postal codes in one message proved %+v", r.Identity)
	}
}

func TestGuessesAreLimitedByCustomerAndForNobodyAlike(t *testing.T) {
	for _, order := range []string{"W10234", "W99999"} { // one that is somebody's, one that isn't
		t.Run(order, func(t *testing.T) {
			d := open(t, identity([]string{"order_email"}, []string{}))
			for i := range 20 {
				d.talk = fmt.Sprint("talk", i)
				if r := d.prove(catalog.Claimed, fmt.Sprintf("%s, someone%d@example.org", order, i)); r.Refused != "not_proven" {
					t.Fatalf("guess %d: %+v", i, r)
				}
			}
			d.talk = "one more"
			if r := d.prove(catalog.Claimed, order+", maya.okafor@example.com"); r.Refused != "too_many_proofs" || r.Identity != nil {
				t.Errorf("after twenty in an hour: %+v", r)
			}
			d.now = d.now.Add(61 * time.Minute)
			r := d.prove(catalog.Claimed, order+", maya.okafor@example.com")
			if order == "W10234" && r.Identity == nil || order != "W10234" && r.Refused != "not_proven" {
				t.Errorf("an hour later: %+v", r)
			}
		})
	}
}

func TestGuessesAreLimitedByAddress(t *testing.T) {
	d := open(t, func(d *skill.Deps) { d.Address = func(string) string { return "192.0.2.7" } })
	for i := range 50 {
		d.talk = fmt.Sprint("talk", i)
		if r := d.prove(catalog.Verified, fmt.Sprintf("Ann Other%d 1%04d", i, i)); r.Refused != "not_proven" {
			t.Fatalf("guess %d: %+v", i, r)
		}
	}
	d.talk = "one more"
	if r := d.prove(catalog.Verified, "Maya Okafor 97214"); r.Refused != "too_many_proofs" {
		t.Errorf("after fifty: %+v", r)
	}
}

func TestOneTimeCode(t *testing.T) {
	codeOnly := identity(nil, []string{"token", "code"})
	t.Run("sent, typed, and good for once", func(t *testing.T) {
		d := open(t, codeOnly)
		asked := d.say("maya.okafor@example.com")
		for range 2 { // the turn is run again: no second code
			if r := d.proveAs(nobody, catalog.Verified, asked); r.Refused != "code_sent" || r.Identity != nil {
				t.Fatalf("got %+v", r)
			}
		}
		if len(d.inbox.mails) != 1 || d.inbox.mails[0][0] != "maya.okafor@example.com" || len(d.inbox.mails[0][1]) != 6 {
			t.Fatalf("sent %v", d.inbox.mails)
		}
		code := d.inbox.mails[0][1]
		typed := d.say("it's "+code, "code")
		for range 2 {
			if r := d.proveAs(nobody, catalog.Verified, typed); r.Identity == nil || *r.Identity != verified("C1001") {
				t.Fatalf("the code proves %+v", r)
			}
		}
		if r := d.prove(catalog.Verified, code); r.Identity != nil {
			t.Errorf("the same code again proves %+v", r.Identity)
		}
	})
	t.Run("wrong five times", func(t *testing.T) {
		d := open(t, codeOnly)
		d.prove(catalog.Verified, "maya.okafor@example.com")
		code := d.inbox.mails[0][1]
		wrong := "000000"
		if code == wrong {
			wrong = "111111"
		}
		for i := range 4 {
			if r := d.prove(catalog.Verified, wrong); r.Refused != "not_proven" {
				t.Fatalf("try %d: %+v", i, r)
			}
		}
		if r := d.prove(catalog.Verified, wrong); r.Refused != "too_many_proofs" {
			t.Errorf("fifth: %+v", r)
		}
		if r := d.prove(catalog.Verified, code); r.Identity != nil {
			t.Errorf("the right one after five wrong ones: %+v", r)
		}
	})
	t.Run("after ten minutes", func(t *testing.T) {
		d := open(t, codeOnly)
		d.prove(catalog.Verified, "maya.okafor@example.com")
		d.now = d.now.Add(10 * time.Minute)
		if r := d.prove(catalog.Verified, d.inbox.mails[0][1]); r.Identity != nil {
			t.Errorf("proves %+v", r.Identity)
		}
	})
	t.Run("of another conversation", func(t *testing.T) {
		d := open(t, codeOnly)
		d.prove(catalog.Verified, "maya.okafor@example.com")
		d.talk = "another"
		if r := d.prove(catalog.Verified, d.inbox.mails[0][1]); r.Identity != nil {
			t.Errorf("proves %+v", r.Identity)
		}
	})
	t.Run("an unknown address gets the same answers", func(t *testing.T) {
		d := open(t, codeOnly)
		var answers [2][]string
		for i, email := range []string{"maya.okafor@example.com", "nobody@example.com"} {
			d.talk = email
			for _, text := range []string{email, "12345", "000000", "000000", email, "000000", email, email, email, email, "000000", "000000"} {
				answers[i] = append(answers[i], d.prove(catalog.Verified, text).Refused)
			}
		}
		if !slices.Equal(answers[0], answers[1]) {
			t.Errorf("known:   %q\nunknown: %q", answers[0], answers[1])
		}
		for _, mail := range d.inbox.mails {
			if mail[0] != "maya.okafor@example.com" {
				t.Errorf("sent to %q", mail[0])
			}
		}
	})
	t.Run("a mailbox isn't flooded", func(t *testing.T) {
		d := open(t, codeOnly)
		for i := range 30 {
			d.talk = fmt.Sprint("talk", i/3)
			d.prove(catalog.Verified, "maya.okafor@example.com")
		}
		if len(d.inbox.mails) != 5 {
			t.Errorf("%d mails in an hour", len(d.inbox.mails))
		}
	})
	t.Run("only its hash is kept", func(t *testing.T) {
		d := open(t, codeOnly)
		d.prove(catalog.Verified, "maya.okafor@example.com")
		d.update(func(tx *store.Tx) error {
			var hash string
			if err := tx.QueryRow(`SELECT hash FROM codes`).Scan(&hash); err != nil {
				return err
			}
			if hash == d.inbox.mails[0][1] || len(hash) != 64 {
				t.Errorf("kept %q", hash)
			}
			return nil
		})
	})
}

func TestVerifiedShopperCannotGuessOthers(t *testing.T) {
	d := open(t)
	r := d.proveAs(verified("C1002"), catalog.Verified, d.say("Maya Okafor 97214", "postal_code"))
	if r.Identity != nil || r.Refused != "not_proven" {
		t.Errorf("got %+v", r)
	}
}

func TestDatabaseThatDoesNotAnswer(t *testing.T) {
	d := open(t)
	d.db.Close()
	for _, name := range []string{"order", "order_history", "me", "own_orders", "own_order", "proof", "product"} {
		r, err := d.Run(t.Context(), flow.Call{Skill: name, Identity: verified("C1001"), Said: d.say("Maya Okafor 97214"),
			Args: map[string]any{"order": "W10234"}})
		if err != nil || !r.Down || r.View != nil || r.Refused != "" {
			t.Errorf("%s: %+v, %v; want Down", name, r, err)
		}
	}
}

func FuzzProof(f *testing.F) {
	d := open(f)
	for _, text := range []string{"Maya Okafor 97214", "林晓雯 200031", "a@b.co W10234", "#1 \xff 12-34 ٣", "SW1A 1AA x"} {
		f.Add(text, "name", 0, 4)
	}
	f.Fuzz(func(t *testing.T, text, kind string, start, end int) {
		d.said++
		d.talk = fmt.Sprint("fuzz", d.said)
		said := &flow.Said{Offsets: []int64{d.said}}
		said.Text, said.Entities = text, []nlu.Entity{{Type: kind, Text: text, Value: text, Start: start, End: end}}
		r, err := d.Run(t.Context(), flow.Call{Skill: "proof", Conversation: d.talk, Said: said, Needs: catalog.Verified, Args: map[string]any{}})
		if err != nil || r.Down {
			t.Fatalf("%+v, %v", r, err)
		}
		if r.Identity != nil && r.Identity.Level != catalog.Verified {
			t.Errorf("%q proves %+v", text, r.Identity)
		}
	})
}

func FuzzSearchWords(f *testing.F) {
	d := open(f)
	for _, text := range []string{"do you have kettles", "有没有保温杯", "\xff blue under $5", "请问请问吗？"} {
		f.Add(text, "option", "color=blue", 3, 7)
	}
	f.Add("\xf0\x81\x90M6\x00|olor", "option", "c=\xf0\x81\x90M6", 0, 9)
	f.Fuzz(func(t *testing.T, text, kind, value string, start, end int) {
		said := &flow.Said{}
		said.Text, said.Entities = text, []nlu.Entity{{Type: kind, Text: text, Value: value, Start: start, End: end}}
		said.Requests = []nlu.Request{{Intent: "find_product", Start: start, End: end}, {Act: nlu.Filler, Start: end, End: start}}
		r, err := d.Run(t.Context(), flow.Call{Skill: "search_words", Said: said})
		if err != nil || r.Down {
			t.Fatalf("%+v, %v", r, err)
		}
		for _, v := range r.Values {
			if len(v.V.(map[string]any)) == 0 {
				t.Errorf("%q makes an empty query", text)
			}
		}
	})
}
