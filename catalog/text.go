package catalog

import "fmt"

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
