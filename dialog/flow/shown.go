package flow

import (
	"reflect"
	"slices"
	"strings"

	"github.com/floorwalker/floorwalker/catalog"
)

// Bounds on what is remembered of things shown.
const (
	mostGroups = 6
	mostShown  = 10 // of a group
)

// shown is the records of the things that were shown, with those that the turn's replies show: of
// each its cards, else its choices, else the one thing that it is about. "The second one" means
// one of them later.
func (m *machine) shown() [][]string {
	all := m.st.Shown
	for _, s := range m.out.Says {
		records := recordsOf(s.Cards)
		for _, o := range s.Choices {
			if len(records) == 0 || s.Cards == nil {
				records = add(records, recordOf(o.View))
			}
		}
		if len(records) == 0 {
			records = add(records, recordOf(s.Env["record"]))
		}
		if len(records) == 0 {
			continue
		}
		records = records[:min(mostShown, len(records))]
		groups := [][]string{records}
		for _, g := range all {
			if !slices.Equal(g, records) {
				groups = append(groups, g)
			}
		}
		all = groups[:min(mostGroups, len(groups))]
	}
	return all
}

// recordsOf are the records of a view, or of each view in a list, each once.
func recordsOf(views any) []string {
	var records []string
	r := reflect.ValueOf(views)
	if r.Kind() != reflect.Slice {
		return add(nil, recordOf(views))
	}
	for i := range r.Len() {
		records = add(records, recordOf(r.Index(i).Interface()))
	}
	return records
}

// recordOf is the record that a view or a fact was read from, "" where it is of many.
func recordOf(view any) string {
	record := ""
	if f, ok := view.(catalog.Fact); ok {
		record = f.Record
	} else if s, ok := sourceOf(view); ok {
		record = s.Record
	}
	if !strings.Contains(record, "/") {
		return ""
	}
	return record
}

func add(records []string, record string) []string {
	if record == "" || slices.Contains(records, record) {
		return records
	}
	return append(records, record)
}
