package knowledge_test

import (
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/floorwalker/floorwalker/retrieval/knowledge"
)

const head = "---\ntitle: Shipping\nlocale: en\n---\n"

func folder(files map[string]string) fstest.MapFS {
	fsys := fstest.MapFS{}
	for name, content := range files {
		fsys["knowledge/"+name] = &fstest.MapFile{Data: []byte(content)}
	}
	return fsys
}

func TestLoadCutsAtHeadings(t *testing.T) {
	passages, faults := knowledge.Load(folder(map[string]string{
		"shipping.en.md": "\uFEFF---\r\ntitle: Shipping\r\nlocale: en\r\nproducts: [lamp, 7]\r\n---\r\n\r\n## What does it cost?\r\n\r\nFree over $50.00.\r\n\r\n```\n# no heading\n```\n### Where to? ###\nEverywhere.\n",
		"shipping.zh.md": "---\ntitle: 配送\nlocale: zh\n---\n## 运费多少钱？\n全场包邮。\n",
		"notes.txt":      "not knowledge",
	}), []string{"en", "zh"})
	if err := faults.Err(); err != nil {
		t.Fatal(err)
	}
	if len(passages) != 3 {
		t.Fatalf("got %d passages: %+v", len(passages), passages)
	}
	p := passages[0]
	if p.ID != "shipping.en#what-does-it-cost" || p.Title != "Shipping" || p.Heading != "What does it cost?" || p.Locale != "en" ||
		p.Text != "Free over $50.00.\n\n```\n# no heading\n```" || !slices.Equal(p.Products, []string{"lamp", "7"}) || p.Version == "" {
		t.Errorf("got %+v", p)
	}
	if passages[1].Heading != "Where to?" || passages[2].ID != "shipping.zh#运费多少钱" {
		t.Errorf("got %+v", passages[1:])
	}
}

func TestLoadReadsOtherWaysOfAsking(t *testing.T) {
	ps := passages(t, map[string]string{"f.md": head + "## A\n\nasked: b? | c d\nasked: 邮费｜运费\n\nasked and answered.\nasked: nothing\n"})
	if p := ps[0]; !slices.Equal(p.Asked, []string{"b?", "c d", "邮费", "运费"}) || p.Text != "asked and answered.\nasked: nothing" {
		t.Errorf("got %q, %q", p.Asked, p.Text)
	}
}

func TestLoadWithoutAFolder(t *testing.T) {
	if passages, faults := knowledge.Load(fstest.MapFS{}, []string{"en"}); passages != nil || faults != nil {
		t.Errorf("got %v, %v", passages, faults)
	}
}

func TestFaultsHaveTheirPlace(t *testing.T) {
	for name, c := range map[string]struct{ content, want string }{
		"no front matter":    {"## A\ntext\n", "knowledge/f.md:1: the front matter is missing"},
		"empty file":         {"", "knowledge/f.md:1: the front matter is missing"},
		"not closed":         {"---\ntitle: A\n", "knowledge/f.md:1: the front matter has no end"},
		"no title":           {"---\nlocale: en\n---\n## A\ntext\n", "knowledge/f.md:1: the title is missing"},
		"no locale":          {"---\ntitle: A\n---\n## A\ntext\n", "knowledge/f.md:1: the locale is missing"},
		"nothing":            {"---\n---\n## A\ntext\n", "knowledge/f.md:1: the title is missing"},
		"unknown locale":     {"---\ntitle: A\nlocale: de\n---\n## A\ntext\n", `knowledge/f.md:3: the shop doesn't speak "de"; use one of its locales: en, zh`},
		"unknown key":        {"---\ntitle: A\nlocale: en\nauthor: me\n---\n## A\ntext\n", `knowledge/f.md:4: "author" is no key`},
		"title a list":       {"---\ntitle: [a]\nlocale: en\n---\n## A\ntext\n", "knowledge/f.md:2: title must be a text"},
		"products no list":   {"---\ntitle: A\nlocale: en\nproducts: lamp\n---\n## A\ntext\n", "knowledge/f.md:4: products must be a list"},
		"front matter text":  {"---\nhello\n---\n## A\ntext\n", "knowledge/f.md:2: the front matter must be keys"},
		"front matter bad":   {"---\ntitle: [\n---\n## A\ntext\n", "knowledge/f.md:1: the front matter is no YAML"},
		"no heading":         {head, "knowledge/f.md: there is no heading"},
		"text before":        {head + "text\n## A\ntext\n", "knowledge/f.md:5: the text before the first heading"},
		"empty passage":      {head + "## A\n\n## B\ntext\n", `knowledge/f.md:5: nothing stands below the heading "A"`},
		"last passage empty": {head + "## A\ntext\n## B\n", `knowledge/f.md:7: nothing stands below the heading "B"`},
		"same heading":       {head + "## A b\ntext\n## a B?\ntext\n", `knowledge/f.md:7: the heading "a B?" stands in line 5 already`},
		"heading of nothing": {head + "## ???\ntext\n", "knowledge/f.md:5: the heading has no words"},
		"asked nothing":      {head + "## A\nasked: |\ntext\n", "knowledge/f.md:6: nothing stands after asked:"},
		"asked twice":        {head + "## A\nasked: b | c\ntext\n## D\nasked: B?\ntext\n", `knowledge/f.md:9: "B?" is asked in line 6 already`},
		"asked, not told":    {head + "## A\nasked: b\n", `knowledge/f.md:5: nothing stands below the heading "A"`},
		"not UTF-8":          {head + "## A\n\xff\n", "knowledge/f.md: the file is not UTF-8"},
		"key twice":          {"---\ntitle: A\ntitle: B\nlocale: en\n---\n## A\ntext\n", "knowledge/f.md:"},
	} {
		t.Run(name, func(t *testing.T) {
			_, faults := knowledge.Load(folder(map[string]string{"f.md": c.content}), []string{"en", "zh"})
			if len(faults) == 0 || !strings.HasPrefix(faults[0].String(), c.want) {
				t.Errorf("got %v, want %s…", faults, c.want)
			}
		})
	}
}

func FuzzLoad(f *testing.F) {
	for _, s := range []string{head + "## A\ntext\n", "---\n&a *a: {\n---\n# x", "---\n\t- : ? !!\n---\n", "---\n---\n#\n```\n#", "---\ntitle: |\n  x\nlocale: en\n---\n###### h\n0"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, content string) {
		passages, faults := knowledge.Load(folder(map[string]string{"f.md": content}), []string{"en"})
		if len(passages) == 0 && len(faults) == 0 {
			t.Error("neither a passage nor a fault")
		}
		for _, p := range passages {
			if p.ID == "" || p.Text == "" || p.Locale != "en" || p.Title == "" || !strings.Contains(strings.ReplaceAll(content, "\r\n", "\n"), p.Text) {
				t.Errorf("passage %+v of %q", p, content)
			}
			if joined := strings.Join(knowledge.Sentences(p.Text), ""); squeeze(joined) != squeeze(p.Text) {
				t.Errorf("the sentences of %q are %q", p.Text, joined)
			}
		}
	})
}

func squeeze(s string) string { return strings.Join(strings.Fields(s), "") }
