package feed

import (
	"bufio"
	"errors"
	"io"
	"strings"
	"testing"
	"time"
	"unicode"
	"unicode/utf8"
)

// FuzzDecode puts strange files to every reader, without a database: each row is refused with a
// reason or has an id that may be kept, every row counts once, and none is read twice.
func FuzzDecode(f *testing.F) {
	for _, seed := range []string{
		`{"id":"p","title":"P","category":["a",1],"attributes":{"w":1},"translations":{"zh":{"options":{"c":{"r":true}}}},"variants":[{"sku":"S","price":1.5,"available":"true","stock":-1}]}`,
		`{"id":"c","email":" A@b ","address":{"line1":1},"payment_methods":[{"id":"g","kind":"gift_card","balance":"1e9"}]}`,
		`{"id":"#W1","customer":"c","status":"x","placed_at":"2026-01-01","items":[{"sku":"S","price":"1","quantity":"2"}],"shipments":[{}],"exchanged":[{"from":"a"}]}`,
		"sku,on_hand\nS,1\n\"S,2\nS,\"2\"\n", "customer,product,kind,time,price\na,b,view,2026-01-01,\n", "\ufeff{\"id\":\"a\nb\"}\n{", "{\"id\":\"\\ud800\"}", "\xff\n[]\nnull",
		"id\ttitle\tprice\tavailability\titem_group_id\tcolor\na\tLamp - red\t1,299.00 USD\tin stock\tg\tred\nb\t\"Lamp\nblue\t19,90\tin_stock\tg\tblue\n",
		"<?xml version=\"1.0\"?><rss><channel><item><g:id>a</g:id><title>A & B</title><g:price>1 USD</g:price><g:availability>InStock</g:availability></item><item><!-- <item> --><g:id><![CDATA[</item>]]></g:id><item>",
		"<feed><entry><id>1</id><g:product_detail><g:attribute_name>w</g:attribute_name><g:attribute_value>4</g:attribute_value></g:product_detail><link href='u'/></entry>",
		"Handle,Title,Option1 Name,Option1 Value,Variant SKU,Variant Price,Variant Inventory Qty,Status\nl,Lamp,Color,red,,19.90,-1,active\nl,,,blue,'1,\"5\",3,\nm,,,,,,,\n",
		"Name,Email,Financial Status,Lineitem quantity,Lineitem name,Lineitem price,Lineitem discount,Created at,Cancelled at\n#1,a@b,paid,2,Lamp,10.00,0.01,2024-03-05 10:22:33 -0500,x\n#1,,,0,Rug,1,,,\n",
		"\xff\xfei\x00d\x00", "a\tb\"\n\"\"\"",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, content string) {
		for _, l := range layouts() {
			in, err := l.open(text{bufio.NewReaderSize(strings.NewReader(content), 16)}, Options{Now: time.Unix(0, 0), Currency: "USD", changes: &changes{}})
			if err != nil {
				continue
			}
			for entries := 0; ; entries++ {
				e, err := in.next()
				if errors.Is(err, io.EOF) {
					break
				}
				if err != nil {
					break // a heading that can't be read
				}
				if entries > len(content)+10 {
					t.Fatalf("%s: it doesn't end", l.title)
				}
				check(t, l, e)
			}
		}
	})
}

func check(t *testing.T, l layout, e entry) {
	t.Helper()
	if e.put != nil && (e.id == "" || !utf8.ValidString(e.id) ||
		l.table != "activity" && (utf8.RuneCountInString(e.id) > idLimit || strings.ContainsFunc(e.id, unicode.IsControl))) {
		t.Errorf("%s: a record with the id %q", l.title, e.id)
	}
	gone := 0
	for _, r := range e.remarks {
		if !utf8.ValidString(r.message) || !utf8.ValidString(r.id) || r.message == "" || r.line < 1 && e.rows > 0 {
			t.Errorf("%s: a note that isn't one: %+v", l.title, r)
		}
		if r.kind != Cleaned {
			gone += max(1, r.rows)
		}
	}
	if gone > e.rows || e.put == nil && gone < e.rows {
		t.Errorf("%s: %d of %d rows were refused, and the record is there: %t: %+v", l.title, gone, e.rows, e.put != nil, e.remarks)
	}
}
