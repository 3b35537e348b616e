package main

import (
	"fmt"
	"strconv"
	"strings"
)

type card struct {
	Title     string
	Price     struct{ Amount, Currency string }
	URL       string
	Available bool
}

type choice struct{ Label, Value string }

// plain is a reply as a text: cards are lines, choices are numbered.
func plain(e event) string {
	var b strings.Builder
	b.WriteString(e.Text)
	for _, c := range e.Cards {
		fmt.Fprintf(&b, "\n• %s · %s %s", c.Title, c.Price.Amount, c.Price.Currency)
		if c.URL != "" {
			b.WriteString(" · " + c.URL)
		}
	}
	for i, c := range e.Choices {
		fmt.Fprintf(&b, "\n%d) %s", i+1, c.Label)
	}
	return b.String()
}

// narrow are the digits and brackets of Chinese keyboards.
var narrow = strings.NewReplacer("０", "0", "１", "1", "２", "2", "３", "3", "４", "4", "５", "5", "６", "6", "７", "7", "８", "8", "９", "9")

// picked is the choice whose number a text is, such as 2, 2) or ２。
func picked(text string, choices []choice) (choice, bool) {
	n, err := strconv.Atoi(strings.Trim(narrow.Replace(text), " ().（）。、"))
	if err != nil || n < 1 || n > len(choices) {
		return choice{}, false
	}
	return choices[n-1], true
}

// longest is how many characters the platform takes as one text.
const longest = 4096

// split parts a text that is too long, after a line or a word if it can.
func split(text string) (parts []string) {
	for runes := []rune(strings.TrimSpace(text)); len(runes) > 0; {
		n := min(longest, len(runes))
		if n < len(runes) {
			if at := strings.LastIndexAny(string(runes[:n]), "\n 。"); at > 0 {
				n = len([]rune(string(runes[:n])[:at])) + 1
			}
		}
		parts = append(parts, strings.TrimSpace(string(runes[:n])))
		runes = runes[n:]
	}
	return parts
}
