package catalog

import (
	"cmp"
	"fmt"
	"strings"
)

// UnmarshalYAML takes a mapping of languages to wording, or one text for every language,
// which is kept under "".
func (t *Text) UnmarshalYAML(unmarshal func(any) error) error {
	var one string
	if err := unmarshal(&one); err == nil {
		*t = Text{"": one}
		return nil
	}
	var many map[string]string
	if err := unmarshal(&many); err != nil {
		return fmt.Errorf("neither text nor a mapping of languages to text: write one text, or {en: …, zh: …}: %w", err)
	}
	*t = many
	return nil
}

// In is the wording for the first of the locales that has one: its own, its language's ("zh" for
// "zh-CN"), or the one for every language; "" if there is none.
func (t Text) In(locales ...string) string {
	for _, l := range locales {
		base, _, _ := strings.Cut(l, "-")
		if text := cmp.Or(t[l], t[base]); text != "" {
			return text
		}
	}
	return t[""]
}
