package feed

import "strings"

// openMerchantRows reads a feed in rows, one item each.
func openMerchantRows(t text, o Options) (reader, error) {
	tb, err := merchantHeading.open(t)
	if err != nil {
		return nil, err
	}
	order := detailOrder("")
	p := &cellParser{separator: tb.rows.separator}
	p.line(tb.first)
	for _, c := range p.cells {
		if merchantHeading.fold(c) == "product_detail" {
			order = detailOrder(c)
		}
	}
	item := merchantItem{now: o.Now, currency: o.Currency, changes: o.changes}
	return &parts{told: tb.told, size: func() int { return tb.size }, row: func() (part, error) {
		values, line, done, err := tb.next()
		if err != nil {
			return part{}, err
		}
		if values == nil {
			return part{line: line, remarks: done.remarks(line, "")}, nil
		}
		details, _ := values["product_detail"].(string)
		return item.part(values, line, detailsOf(strings.ToValidUTF8(details, ""), order), done), nil
	}}, nil
}
