package feed

import (
	"io/fs"
	"regexp"
	"strings"
)

// sample is how a file begins.
type sample struct {
	text  string
	first string // its first line that isn't empty
}

func sampleOf(from fs.FS, name string) (sample, error) {
	f, err := from.Open(name)
	if err != nil {
		return sample{}, err
	}
	defer f.Close()
	t, _, err := decoded(f)
	if err != nil {
		return sample{}, err
	}
	head, err := t.sample()
	if err != nil {
		return sample{}, err
	}
	s := sample{text: strings.TrimSpace(head)}
	s.first, _, _ = strings.Cut(s.text, "\n")
	s.first = strings.TrimSpace(s.first)
	return s, nil
}

var feedElement = regexp.MustCompile(`<(rss|feed|channel|item|entry|rdf:RDF)[\s>/]`)

func (s sample) xmlFeed() bool {
	return strings.HasPrefix(s.text, "<") && feedElement.MatchString(s.text)
}

// has makes a test whether a file's first line is such a heading.
func (h heading) has(s sample) bool {
	columns, _ := h.split(s.first)
	return columns != nil
}
