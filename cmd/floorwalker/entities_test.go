package main

import (
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/floorwalker/floorwalker/nlu/entity"
)

// TestEntitiesAreDocumented holds the table of docs/entities.md to the types that are found.
func TestEntitiesAreDocumented(t *testing.T) {
	text, err := os.ReadFile("../../docs/entities.md")
	if err != nil {
		t.Fatal(err)
	}
	table, _, _ := strings.Cut(string(text), "\n## ")
	var documented []string
	for _, row := range regexp.MustCompile("(?m)^\\| (`[a-z_]+`(?:, `[a-z_]+`)*) \\|").FindAllStringSubmatch(table, -1) {
		documented = append(documented, regexp.MustCompile("[a-z_]+").FindAllString(row[1], -1)...)
	}
	found := entity.Types()
	slices.Sort(documented)
	slices.Sort(found)
	if !slices.Equal(documented, found) {
		t.Errorf("docs/entities.md lists\n%v\nand these are found:\n%v", documented, found)
	}
}
