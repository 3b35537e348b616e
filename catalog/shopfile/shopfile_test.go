package shopfile_test

import (
	"os"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/floorwalker/floorwalker/catalog"
	"github.com/floorwalker/floorwalker/catalog/shopfile"
)

type menu struct {
	Title  catalog.Text      `yaml:"title"`
	Open   bool              `yaml:"open"`
	Seats  int               `yaml:"seats"`
	Dishes []dish            `yaml:"dishes"`
	Prices map[string]string `yaml:"prices"`
	Free   map[string]any    `yaml:"free"`
}

type dish struct {
	Name string `yaml:"name"`
	Hot  *bool  `yaml:"hot"`
}

func file(content string) fstest.MapFS { return fstest.MapFS{"menu.yaml": {Data: []byte(content)}} }

func TestDecode(t *testing.T) {
	var m menu
	faults := shopfile.Decode(file("\ufeff# ours\ntitle: 菜单\nopen: true\nseats: 12\ndishes:\n  - name: soup\n    hot: true\n  - {name: \"7\"}\n"+
		"prices: {soup: 4.5}\nfree: {anything: [1, {goes: here}]}\n"), "menu.yaml", &m)
	if len(faults) > 0 {
		t.Fatal(faults)
	}
	if m.Title[""] != "菜单" || !m.Open || m.Seats != 12 || len(m.Dishes) != 2 || !*m.Dishes[0].Hot || m.Dishes[1].Name != "7" || m.Prices["soup"] != "4.5" {
		t.Errorf("decoded %+v", m)
	}
}

func TestFaults(t *testing.T) {
	for name, c := range map[string]struct{ content, want string }{
		"unknown key":   {"title: x\nseets: 3\n", `menu.yaml:2:1: unknown key "seets": did you mean "seats"? allowed are dishes, free, open, prices, seats, title`},
		"inner key":     {"dishes:\n  - name: soup\n    hott: true\n", `menu.yaml:3:5: unknown key "hott": did you mean "hot"? allowed are hot, name`},
		"word for int":  {"seats: many\n", `menu.yaml:1:8: "many" stands here: write a whole number`},
		"text for list": {"dishes: soup\n", `menu.yaml:1:9: "soup" stands here: write a list: [one, two], or lines that begin with '- '`},
		"list for text": {"title: [a]\n", `menu.yaml:1:8: neither text nor a mapping of languages`},
		"yes for bool":  {"open: yes\n", `menu.yaml:1:7: "yes" stands here: write true or false`},
		"twice":         {"seats: 1\ntitle: x\nseats: 2\n", `menu.yaml:3:1: key "seats" stands in line 1 already: keep one`},
		"empty":         {"", "menu.yaml: the file is empty"},
		"comments only": {"# nothing yet\n", "menu.yaml: the file is empty"},
		"not UTF-8":     {"title: x\nseats: \xff\n", "menu.yaml:2:8: byte 0xff is not UTF-8 text"},
		"bare price":    {"prices:\n  soup: 4.50\n", `menu.yaml:2:9: "4.50" stands here: write it in quotes`},
		"NUL":           {"title: \x00\n", "menu.yaml:1:8: a NUL character"},
		"broken":        {"title: x\n  seats: [1\n", "menu.yaml:1:8: mapping value is not allowed"},
		"two documents": {"seats: 1\n---\nseats: 2\n", "menu.yaml:3:1: a second document"},
		"not a mapping": {"- a\n", "menu.yaml:1:1: a list stands here: write a mapping"},
	} {
		t.Run(name, func(t *testing.T) {
			var m menu
			if got := shopfile.Decode(file(c.content), "menu.yaml", &m).Error(); !strings.HasPrefix(got, c.want) {
				t.Errorf("got  %s\nwant %s", got, c.want)
			}
		})
	}
	var m menu
	if got := shopfile.Decode(file("seets: 1\nopen: 7\ndishes: [{nam: x}]\n"), "menu.yaml", &m); len(got) != 3 {
		t.Errorf("not every fault is told: %v", got)
	}
	if got := shopfile.Decode(file(""), "none.yaml", &m).Error(); got != "none.yaml: the file is missing" {
		t.Error(got)
	}
}

const tau2 = `id: tau2
name: tau2
locales: [en]
currency: USD
time_zone: America/New_York
identity:
  verified: [token, code, email, name_postal_code]
`

func settings(content string) (catalog.Settings, catalog.Faults) {
	return shopfile.Settings(fstest.MapFS{"shop.yaml": {Data: []byte(content)}}, "folder")
}

func TestSettings(t *testing.T) {
	s, faults := settings(tau2)
	if len(faults) > 0 {
		t.Fatal(faults)
	}
	if s.ID != "tau2" || s.Name[""] != "tau2" || s.Version == "" || strings.Join(s.Identity.Claimed, " ") != "order_email order_postal_code" ||
		len(s.Identity.Verified) != 4 || !s.Open(time.Date(2026, 1, 1, 3, 0, 0, 0, time.UTC)) {
		t.Errorf("settings %+v", s)
	}
	s, faults = settings("locales: [zh-CN, en]\ncurrency: CNY\ntime_zone: Asia/Shanghai\nname: {en: Lamp, zh: 灯}\nhours: {mon: \"09:00-24:00\"}\n")
	if len(faults) > 0 || s.ID != "folder" || s.Name["zh"] != "灯" || strings.Join(s.Identity.Verified, " ") != "token code" {
		t.Errorf("settings %+v, faults %v", s, faults)
	}
	if monday := time.Date(2026, 1, 5, 15, 59, 0, 0, time.UTC); !s.Open(monday) || s.Open(monday.Add(time.Minute)) {
		t.Error("open from 09:00 to 24:00 on Monday, in Shanghai")
	}
}

func TestSettingsFaults(t *testing.T) {
	for _, c := range []struct{ old, new, want string }{
		{"id: tau2", "id: my shop", `shop.yaml:1:5: id "my shop"`},
		{"[en]", "[en, englisch]", `shop.yaml:3:15: locale "englisch"`},
		{"[en]", "[en, en]", `shop.yaml:3:15: locale "en" stands twice`},
		{"locales: [en]", "", `shop.yaml:1:1: locales are missing`},
		{"USD", "dollars", `shop.yaml:4:11: currency "dollars"`},
		{"USD", "usd", `shop.yaml:4:11: currency "usd"`},
		{"America/New_York", "New York", `shop.yaml:5:12: time zone "New York"`},
		{"code, email", "code, emial", `shop.yaml:7:27: proof "emial" is unknown: did you mean "email"?`},
		{"identity", "hours: {mon: 9-18}\nidentity", `shop.yaml:6:14: hours "9-18": write from-to`},
		{"identity", "hours: {mon: \"18:00-09:00\"}\nidentity", `shop.yaml:6:14: hours "18:00-09:00"`},
		{"identity", "hours: {monday: \"09:00-18:00\"}\nidentity", `shop.yaml:6:9: unknown key "monday": allowed are fri`},
		{"identity", "holidays: [{date: 25.12.2026}]\nidentity", `shop.yaml:6:19: date "25.12.2026"`},
		{"identity", "understanding: {in_scope_loss: 3}\nidentity", `shop.yaml:6:32: in_scope_loss 3: write a part`},
		{"name: tau2", "name: {english: tau2}", `shop.yaml:2:`},
		{"id: tau2", "ID: tau2", `shop.yaml:1:1: unknown key "ID": did you mean "id"?`},
	} {
		if _, faults := settings(strings.Replace(tau2, c.old, c.new, 1)); !strings.HasPrefix(faults.Error(), c.want) {
			t.Errorf("%s:\n got %s\nwant %s", c.new, faults.Error(), c.want)
		}
	}
}

func TestDemoShopSettings(t *testing.T) {
	s, faults := shopfile.Settings(os.DirFS("../../shops/demo"), "demo")
	if len(faults) > 0 {
		t.Fatal(faults)
	}
	if len(s.Locales) < 2 || len(s.Hours) == 0 {
		t.Errorf("the demo shop speaks %v, hours %v", s.Locales, s.Hours)
	}
}

func FuzzDecode(f *testing.F) {
	for _, seed := range []string{tau2, "a: &x [1]\nb: *x\n<<: *x\n", "? [a]\n: b\n", "- !!str 1\n- |\n  x\n", "{a: {b: c}}", "title: {en: *y}", "\"\\", "seats: 1e9\nfree: {x: 0x1f}"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, content string) {
		var m menu
		shopfile.Decode(file(content), "menu.yaml", &m)
		settings(content)
	})
}
