package main

import (
	"slices"
	"strings"
	"testing"
)

func TestNumbersPickChoices(t *testing.T) {
	choices := []choice{{"Yes", "yes"}, {"No", "no"}}
	for text, want := range map[string]string{"1": "yes", "2": "no", "2)": "no", " 1. ": "yes", "（２）": "no", "２。": "no"} {
		if c, ok := picked(text, choices); !ok || c.Value != want {
			t.Errorf("%q picks %q", text, c.Value)
		}
	}
	for _, text := range []string{"0", "3", "-1", "1 or 2", "yes", "", "12", "W10231", "１２３"} {
		if c, ok := picked(text, choices); ok {
			t.Errorf("%q picks %q", text, c.Value)
		}
	}
}

func TestRepliesAsText(t *testing.T) {
	e := event{Text: "Here is one:", Choices: []choice{{"Yes", "yes"}, {"No", "no"}}, Cards: []card{{Title: "Flask", URL: "https://shop.example/flask"}}}
	e.Cards[0].Price.Amount, e.Cards[0].Price.Currency = "24.90", "USD"
	if got, want := plain(e), "Here is one:\n• Flask · 24.90 USD · https://shop.example/flask\n1) Yes\n2) No"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestLongTextsAreSplit(t *testing.T) {
	for _, text := range []string{strings.Repeat("word ", 2000), strings.Repeat("一二三四。", 2000), strings.Repeat("x", 9000), "short", ""} {
		parts := split(text)
		for _, p := range parts {
			if n := len([]rune(p)); n == 0 || n > longest {
				t.Errorf("a part has %d characters", n)
			}
		}
		squeeze := func(s string) string { return strings.Join(strings.Fields(s), "") }
		if squeeze(strings.Join(parts, "")) != squeeze(text) {
			t.Errorf("%.20q…: parts make another text", text)
		}
	}
}

// The signature is that of openssl over the same bytes.
func TestSignature(t *testing.T) {
	const of = "sha256=7f1d2a4c0e9f1a55be0b1af3c9d5b5ab31f2c17bd1f4e9d7e8a3b7a5c9f0e1d2"
	if signed("secret", []byte("{}"), of) || signed("secret", []byte("{}"), "") || signed("secret", []byte("{}"), "sha256=zz") {
		t.Error("a wrong signature is taken")
	}
	const right = "sha256=77325902caca812dc259733aacd046b73817372c777b8d95b402647474516e13"
	if !signed("secret", []byte("{}"), right) || signed("secret", []byte("{} "), right) || signed("other", []byte("{}"), right) {
		t.Error("a signature is of one secret and one body")
	}
}

// Ids tell who wrote, and fit the protocol.
func TestIDs(t *testing.T) {
	id := messageID("15035550117", "wamid.HBgLMTY0NjcwNDM1OTUVAgARGBI1RjQyNUE3NEYxMzAzMzQ5MkEA")
	if from, ok := writer(id); !ok || from != "15035550117" || len(id) > 64 {
		t.Errorf("%s is of %q", id, from)
	}
	for _, other := range []string{"m1", "wa-", "wa-x-1", "", "wa-15035550117"} {
		if from, ok := writer(other); ok {
			t.Errorf("%q is of %q", other, from)
		}
	}
}

func TestWhatIsMissingIsNamed(t *testing.T) {
	_, err := fromEnvironment(func(name string) string { return map[string]string{"APP_SECRET": "x", "WINDOW": "a day"}[name] })
	for _, want := range []string{"PHONE_NUMBER_ID", "ACCESS_TOKEN", "VERIFY_TOKEN", "a day"} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v, want %s", err, want)
		}
	}
}

func TestOnlySoMuchIsHeld(t *testing.T) {
	var all thread
	for range most + 5 {
		all.hold("x")
		all.note(sent{"1", "x"})
	}
	all.note(sent{"2", "y"})
	if got := all.take("2"); got.Text != "y" || len(all.Held) != most || len(all.Sent) != most-1 || slices.ContainsFunc(all.Sent, func(s sent) bool { return s.ID == "2" }) {
		t.Errorf("taken %v, left %d and %d", got, len(all.Held), len(all.Sent))
	}
}
