package feed

import "strings"

// optionSection is the section of product details that are options of the variants.
const optionSection = "options"

// detail is one product_detail of the specification: sub-attributes section_name,
// attribute_name and attribute_value.
type detail struct{ section, name, value string }

// detailOrder reads from a heading like product_detail(section_name:attribute_name:attribute_value)
// in which order the sub-attributes stand.
func detailOrder(column string) []string {
	_, list, ok := strings.Cut(column, "(")
	if !ok {
		return []string{"section_name", "attribute_name", "attribute_value"}
	}
	order := strings.Split(strings.ToLower(strings.TrimSuffix(strings.TrimSpace(list), ")")), ":")
	for i := range order {
		order[i] = strings.TrimSpace(order[i])
	}
	return order
}

// detailsOf reads General:Width:10 cm,General:Height:20 cm. A value with a comma or colon
// stands in quotes or has \ before it.
func detailsOf(s string, order []string) []detail {
	var out []detail
	for _, one := range splitOutside(s, ',') {
		fields := splitOutside(one, ':')
		if len(fields) == 2 && len(order) == 3 {
			fields = append([]string{""}, fields...) // the section may be left out
		}
		var d detail
		for i, f := range fields {
			if i >= len(order) {
				d.value += ":" + unquoted(f) // a value with a colon that isn't quoted
				continue
			}
			switch order[i] {
			case "section_name":
				d.section = unquoted(f)
			case "attribute_name":
				d.name = unquoted(f)
			case "attribute_value":
				d.value = unquoted(f)
			}
		}
		if d.name != "" && d.value != "" {
			out = append(out, d)
		}
	}
	return out
}

// splitOutside splits at a mark that is neither quoted nor escaped.
func splitOutside(s string, mark byte) []string {
	var out []string
	begin, open := 0, false
	for i := 0; i < len(s); i++ {
		switch {
		case s[i] == '\\':
			i++
		case s[i] == '"':
			open = !open
		case s[i] == mark && !open:
			out = append(out, s[begin:i])
			begin = i + 1
		}
	}
	return append(out, s[begin:])
}

func unquoted(s string) string {
	s = strings.TrimSpace(s)
	if len(s) >= 2 && s[0] == '"' && s[len(s)-1] == '"' {
		s = strings.ReplaceAll(s[1:len(s)-1], `""`, `"`)
	}
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		if s[i] == '\\' && i+1 < len(s) {
			i++
		}
		b.WriteByte(s[i])
	}
	return strings.TrimSpace(b.String())
}

// detailText writes a detail for detailsOf.
func (d detail) String() string {
	escape := strings.NewReplacer(`\`, `\\`, `,`, `\,`, `:`, `\:`, `"`, `\"`)
	return escape.Replace(d.section) + ":" + escape.Replace(d.name) + ":" + escape.Replace(d.value)
}
