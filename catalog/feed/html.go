package feed

import (
	"html"
	"regexp"
	"strings"
)

var (
	hidden    = regexp.MustCompile(`(?is)<!--.*?-->|<(script|style|head|template)\b[^>]*>.*?</(script|style|head|template)\s*>`)
	tag       = regexp.MustCompile(`(?s)<(/?)([A-Za-z][A-Za-z0-9]*)\b[^<>]*>|<!--.*?-->|<![A-Za-z][^<>]*>`)
	spaces    = regexp.MustCompile(`[ \t\r\n\f]+`)
	doubled   = regexp.MustCompile(` {2,}`)
	lineSpace = regexp.MustCompile(` *\n *`)
	blank     = regexp.MustCompile(`\n{3,}`)
)

// breaks are the elements that begin on a line of their own, and what stands before them;
// after them a line ends.
var breaks = map[string]string{
	"p": "\n\n", "h1": "\n\n", "h2": "\n\n", "h3": "\n\n", "h4": "\n\n", "h5": "\n\n", "h6": "\n\n",
	"ul": "\n", "ol": "\n", "table": "\n\n", "blockquote": "\n\n", "div": "\n", "section": "\n", "tr": "\n", "li": "\n• ", "br": "\n", "hr": "\n",
	"dt": "\n", "dd": "\n", "td": " ", "th": " ",
}

// plain makes text of HTML: paragraphs and list items become lines, entities characters,
// script and style nothing. Text without tags keeps its lines; only its entities change.
func plain(s string) string {
	if !strings.ContainsAny(s, "<&") {
		return s
	}
	if !tag.MatchString(s) {
		return html.UnescapeString(s)
	}
	s = hidden.ReplaceAllString(s, " ")
	if hasBlocks(s) { // else the lines are the writer's
		s = spaces.ReplaceAllString(s, " ")
	}
	s = tag.ReplaceAllStringFunc(s, func(t string) string {
		m := tag.FindStringSubmatch(t)
		name := strings.ToLower(m[2])
		mark, known := breaks[name]
		switch {
		case !known:
			return ""
		case m[1] == "/" && strings.HasPrefix(mark, "\n") && name != "li" && name != "br":
			return strings.TrimRight(mark, "• ")
		case m[1] == "/":
			return ""
		}
		return mark
	})
	s = strings.ReplaceAll(html.UnescapeString(s), "\u00a0", " ")
	s = lineSpace.ReplaceAllString(doubled.ReplaceAllString(s, " "), "\n")
	return strings.TrimSpace(blank.ReplaceAllString(s, "\n\n"))
}

func hasBlocks(s string) bool {
	for _, m := range tag.FindAllStringSubmatch(s, -1) {
		if _, ok := breaks[strings.ToLower(m[2])]; ok {
			return true
		}
	}
	return false
}

// words is text in which HTML entities stand for characters.
func (o object) words(key string) string {
	s := o.text(key)
	if out := html.UnescapeString(s); strings.Contains(s, "&") && out != s {
		o.row.clean("%s: HTML entities made text", quoted(o.path+key))
		return o.row.tidy(out, o.path+key)
	}
	return s
}

// prose is a description, which may be HTML.
func (o object) prose(key string) string {
	s := o.text(key)
	out := plain(s)
	if out != s {
		o.row.clean("%s: HTML made text", quoted(o.path+key))
		return o.row.tidy(out, o.path+key)
	}
	return s
}

// escaped is text written so that prose and words read the same text again.
func escaped(s string) string {
	if plain(s) == s {
		return s
	}
	return strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;").Replace(s)
}

// paragraphs is text as HTML, for plain to make the same text of.
func paragraphs(s string) string {
	if s == "" {
		return ""
	}
	s = strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;").Replace(s)
	s = strings.ReplaceAll(s, "\n\n", "</p><p>")
	return "<p>" + strings.ReplaceAll(s, "\n", "<br>") + "</p>"
}
