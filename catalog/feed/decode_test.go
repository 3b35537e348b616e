package feed

import (
	"errors"
	"io"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"
)

// FuzzDecode puts strange lines to every decoder, without a database: each is refused with a
// reason or has an id that may be kept.
func FuzzDecode(f *testing.F) {
	for _, seed := range []string{
		`{"id":"p","title":"P","category":["a",1],"attributes":{"w":1},"translations":{"zh":{"options":{"c":{"r":true}}}},"variants":[{"sku":"S","price":1.5,"available":"true","stock":-1}]}`,
		`{"id":"c","email":" A@b ","address":{"line1":1},"payment_methods":[{"id":"g","kind":"gift_card","balance":"1e9"}]}`,
		`{"id":"#W1","customer":"c","status":"x","placed_at":"2026-01-01","items":[{"sku":"S","price":"1","quantity":"2"}],"shipments":[{}],"exchanged":[{"from":"a"}]}`,
		"sku,on_hand\nS,1\n\"S,2\nS,\"2\"\n", "customer,product,kind,time,price\na,b,view,2026-01-01,\n", "\ufeff{\"id\":\"a\nb\"}\n{", "{\"id\":\"\\ud800\"}", "\xff\n[]\nnull",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, content string) {
		for _, src := range formats()["floorwalker"] {
			in, d := newLines(strings.NewReader(content)), src.open()
			for first := true; ; first = false {
				l, err := in.next()
				if errors.Is(err, io.EOF) {
					break
				}
				if err != nil {
					t.Fatal(err)
				}
				if first {
					if isHead, err := d.head(l.text); err != nil {
						break
					} else if isHead {
						continue
					}
				}
				r := &row{refused: l.problem}
				if r.refused != "" {
					continue
				}
				id, put := d.decode(l.text, r)
				if r.refused == "" && (put == nil || id == "" || !utf8.ValidString(id) ||
					src.table != "activity" && (utf8.RuneCountInString(id) > idLimit || strings.ContainsFunc(id, unicode.IsControl))) {
					t.Errorf("%s: %q was taken with the id %q", src.name, l.text, id)
				}
				if !utf8.ValidString(shown(id)) || !utf8.ValidString(r.refused) {
					t.Errorf("%s: a note that isn't text: %q", src.name, r.refused)
				}
			}
		}
	})
}
