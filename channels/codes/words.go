package codes

import (
	_ "embed"
	"fmt"
	"math"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/goccy/go-yaml"

	"github.com/floorwalker/floorwalker/catalog"
	"github.com/floorwalker/floorwalker/dialog/skill"
)

//go:embed words.yaml
var wordsFile []byte

// builtin is words.yaml: the wording of shops that give none in their notices.
var builtin = sync.OnceValue(func() map[string]catalog.Text {
	var all map[string]catalog.Text
	if err := yaml.UnmarshalWithOptions(wordsFile, &all, yaml.Strict()); err != nil {
		panic(fmt.Errorf("words.yaml: %w", err)) // the file is part of the program, and tests load it
	}
	return all
})

// Worded is a letter in words.
type Worded struct {
	skill.Letter
	From    string // the shop's name, in the letter's language
	Subject string
	Text    string // plain text
}

// word words a letter: with the shop's notices code_subject and code_text, or the built-in ones.
func word(l skill.Letter, s catalog.Settings, now time.Time) Worded {
	in := append(append([]string{l.Locale}, s.Locales...), "en")
	w := Worded{Letter: l, From: s.Name.In(in...)}
	fill := strings.NewReplacer("{shop}", w.From, "{code}", l.Code,
		"{minutes}", strconv.Itoa(max(1, int(math.Round(l.Expires.Sub(now).Minutes())))))
	say := func(notice string) string {
		text := s.Notices[notice]
		if len(text) == 0 {
			text = builtin()[notice]
		}
		return fill.Replace(text.In(in...))
	}
	w.Subject, w.Text = say("code_subject"), say("code_text")
	return w
}
