package store

import (
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"golang.org/x/text/unicode/norm"
)

// column is a value kept beside the document, to be found by.
type column struct {
	name  string
	value any
}

// save writes a record of a versioned table and returns its new version.
func (r Records) save(table, id string, version int64, record any, columns ...column) (int64, error) {
	doc, err := json.Marshal(record)
	if err != nil {
		return 0, fmt.Errorf("encoding %s %q: %w", table, id, err)
	}
	columns = append(columns, column{"doc", string(doc)}, column{"version", version + 1})
	if version == 0 {
		err = r.insert(table, id, columns)
	} else {
		err = r.replace(table, id, version, columns)
	}
	if err != nil {
		return 0, fmt.Errorf("saving %s %q: %w", table, id, err)
	}
	return version + 1, nil
}

func (r Records) insert(table, id string, columns []column) error {
	names, args := []string{"shop", "id"}, []any{r.shop, id}
	for _, c := range columns {
		names, args = append(names, c.name), append(args, c.value)
	}
	return r.changeOne(`INSERT INTO `+table+` (`+strings.Join(names, ", ")+`) VALUES (?`+
		strings.Repeat(", ?", len(names)-1)+`) ON CONFLICT (shop, id) DO NOTHING`, args...)
}

func (r Records) replace(table, id string, version int64, columns []column) error {
	var sets []string
	var args []any
	for _, c := range columns {
		sets, args = append(sets, c.name+" = ?"), append(args, c.value)
	}
	return r.changeOne(`UPDATE `+table+` SET `+strings.Join(sets, ", ")+
		` WHERE shop = ? AND id = ? AND version = ?`, append(args, r.shop, id, version)...)
}

// changeOne runs a statement that must change a row; if it doesn't, another version is stored.
func (r Records) changeOne(query string, args ...any) error {
	result, err := r.tx.Exec(query, args...)
	if err != nil {
		return err
	}
	n, err := result.RowsAffected()
	if err == nil && n == 0 {
		return ErrConflict
	}
	return err
}

// stamp writes a time so that text order is time order; nothing for no time.
func stamp(t *time.Time) string {
	if t == nil || t.IsZero() {
		return ""
	}
	return t.UTC().Format("2006-01-02T15:04:05.000000000Z")
}

// looseID is an order id without what people leave out or change when they type it.
func looseID(id string) string {
	id = strings.TrimSpace(norm.NFKC.String(id))
	return strings.ToLower(strings.TrimSpace(strings.TrimLeft(id, "#")))
}

func foldEmail(s string) string { return strings.ToLower(strings.TrimSpace(s)) }

func foldPostalCode(s string) string {
	return strings.ToUpper(strings.Join(strings.Fields(norm.NFKC.String(s)), ""))
}
