// Package reply turns a turn's plan into words: templates by locale with typed facts, variants
// without repetition, and the check on everything that leaves.
package reply

import "github.com/floorwalker/floorwalker/dialog/journal"

// Worded is a reply before it becomes an event.
type Worded struct {
	Text    string
	Facts   []journal.Fact
	Cards   []journal.Card
	Choices []journal.Choice
}
