package reply_test

import (
	"reflect"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/floorwalker/floorwalker/dialog/flow"
	"github.com/floorwalker/floorwalker/dialog/reply"
)

func TestFaultsHaveTheirPlace(t *testing.T) {
	const blocked = "blocked: {en: no, zh: 不}\n"
	for _, c := range []struct{ name, yaml, want string }{
		{"no wording for a locale", "x: {en: a}", "replies/a.yaml:2: the reply x has no wording for zh"},
		{"unknown key", "x: {en: a, zh: 好, agian: {en: b}}", `replies/a.yaml:2: unknown key "agian"`},
		{"unknown kind", "x:\n  zh: 好\n  en: 'a {b, plurals, other {}}'", `replies/a.yaml:4:14: "plurals" is no kind of placeholder`},
		{"unclosed", "x:\n  zh: 好\n  en: a {b", "replies/a.yaml:4:11: expected , or } after {b"},
		{"unclosed in a list", "x:\n  zh: 好\n  en:\n    - fine\n    - \"a {b, if, {c}\"", "replies/a.yaml:6:21: expected }"},
		{"unclosed in a block", "x:\n  zh: 好\n  en: |\n    first\n    a } b", "replies/a.yaml:6:7: a } without its {"},
		{"no other", "x: {zh: 好, en: 'a {b, plural, one {#}}'}", "a plural needs other"},
		{"twice", "x: {zh: 好, en: 'a {b, select, c {} c {} other {}}'}", "c is there twice"},
		{"open quote", "x: {zh: 好, en: \"a '{ b\"}", "a quoted brace without its closing apostrophe"},
		{"digit", "x: {zh: 好, en: within 5 days}", `replies/a.yaml:2:23: a figure that no fact carries: "5"`},
		{"digit in quotes", "x: {zh: 好, en: \"'{5}' days\"}", "a figure that no fact carries"},
		{"digit in a branch", "x: {zh: 好, en: '{a, if, {in 24h}}'}", "a figure that no fact carries"},
		{"number in words", "x: {zh: 好, en: within two business days}", "a figure in words"},
		{"number in Chinese", "x: {zh: 三天内到, en: a}", "a figure in words"},
		{"promise", "x: {zh: 包邮哦, en: a}", `a promise that no fact carries: "包邮"`},
		{"promise in again", "x: {zh: 好, en: a, again: {en: shipping is free}}", `a promise that no fact carries: "free"`},
		{"unknown list of words", "x: {zh: 好, en: '{a, words, nope}'}", `replies/a.yaml:2: there is no list "nope"`},
		{"a word in one language", "words: {s: {a: {en: a}}}", `replies/a.yaml:2: words of s, "a", has no wording for zh`},
		{"a word with a figure", "words: {s: {a: {en: in 2 days, zh: 好}}}", "wording can't add to the value"},
		{"no variant", "x: {zh: 好, en: []}", "no wording"},
		{"empty", "x: {zh: 好, en: ' '}", "no wording"},
		{"a list of lists", "x: {zh: 好, en: [[a]]}", "expected a text"},
		{"a number", "x: {zh: 好, en: 5}", "expected a text"},
		{"not a map", "x: hello", "expected the wording by language"},
		{"not YAML", "x: {en: [", "replies/a.yaml:2"},
		{"reply twice", "x: {en: a, zh: 好}\nx: {en: a, zh: 好}", "replies/a.yaml:3"},
		{"choice", "x: {en: a, zh: 好, choices: [{label: {en: b}, value: c}]}", `the choice "c" of x has no wording for zh`},
		{"choice without value", "x: {en: a, zh: 好, choices: [{label: b}]}", "a choice needs label and value"},
		{"sep", "x: {zh: 好, en: '{a, each, as b {} last {}}'}", "last needs sep"},
		{"deep", "x: {zh: 好, en: '" + strings.Repeat("{a, if, {", 20) + strings.Repeat("}}", 20) + "'}", "nest deeper"},
	} {
		_, faults := reply.Load(fstest.MapFS{}, fstest.MapFS{"replies/a.yaml": {Data: []byte(blocked + c.yaml)}}, []string{"en", "zh"})
		if !strings.Contains(faults.Error(), c.want) {
			t.Errorf("%s: %s\nwant %s", c.name, faults.Error(), c.want)
		}
	}
	if _, faults := reply.Load(fstest.MapFS{}, nil, []string{"en"}); !strings.Contains(faults.Error(), "blocked is missing") {
		t.Error(faults)
	}
	if _, faults := reply.Load(fstest.MapFS{}, nil, nil); len(faults) != 1 {
		t.Error(faults)
	}
}

func TestShopOverridesByNameAndLocale(t *testing.T) {
	builtin := fstest.MapFS{"replies/b.yaml": {Data: []byte(words + "hi: {en: Hello., zh: 您好。}\n")}}
	shop := fstest.MapFS{"replies/mine.yaml": {Data: []byte("hi: {en: Howdy.}\nwords: {order_state: {pending: {en: packed soon, zh: 待发}}}\nstate: {en: '{order.status}', zh: '{order.status}'}")}}
	b, faults := reply.Load(builtin, shop, []string{"en", "zh-CN"})
	if err := faults.Err(); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ name, locale, want string }{
		{"hi", "en", "Howdy."}, {"hi", "zh", "您好。"}, {"hi", "zh-TW", "您好。"}, {"hi", "xx", "Howdy."}, {"hi", "", "Howdy."},
		{"state", "en-GB", "packed soon"}, {"state", "zh-CN", "待发"},
	} {
		w, _, err := b.Compose([]flow.Saying{{Reply: c.name, Env: env()}}, reply.Context{Locale: c.locale, Now: now})
		if err != nil || w.Text != c.want {
			t.Errorf("%s in %s: %q %q %v", c.name, c.locale, w.Text, w.Blocked, err)
		}
	}
	if !b.Names()["hi"] || b.Names()["bye"] || b.Names()["words"] {
		t.Error(b.Names())
	}
}

func TestPathsAreKnownAndTyped(t *testing.T) {
	b := bank(t, "{order.id} {order.items, each, as item {{item.title}{item.options.color}{item.hidden}{order.total}}}{order.secret, if, {}}{policy.a.b}{order.left, plural, other {#}}{order.secret, plural, other {#}}{gone}{order.items.title}{order.left, each, as x {}}")
	want := []string{"gone", "order.id", "order.items", "order.items.[].hidden", "order.items.[].options.color", "order.items.[].title", "order.items.title", "order.left", "order.secret", "order.total", "policy.a.b"}
	if got := b.Paths("x"); !slices.Equal(got, want) {
		t.Errorf("%q", got)
	}
	faults := b.CheckEnv("x", map[string]reflect.Type{"order": reflect.TypeFor[*order](), "policy": reflect.TypeFor[map[string]any]()})
	wanted := []string{"{order.items.[].hidden}: not a fact", "{order.secret}: not a fact", "{gone}: there is no gone", "{order.items.title}: []reply_test.item is a list", "{order.left}: int is no list"}
	for _, w := range wanted {
		if !strings.Contains(faults.Error(), w) {
			t.Errorf("no %q in\n%s", w, faults.Error())
		}
	}
	if len(faults) != len(wanted) { // not once a language: both are on one line
		t.Errorf("%d faults:\n%s", len(faults), faults.Error())
	}
}
