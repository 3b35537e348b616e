package skill

import (
	"testing"
	"unicode/utf8"

	"github.com/floorwalker/floorwalker/catalog"
)

func TestReadAddress(t *testing.T) {
	for text, want := range map[string]catalog.Address{
		"986 Sunset Drive, Suite 259, Denver, CO 80279, USA":                                      {Line1: "986 Sunset Drive", Line2: "Suite 259", City: "Denver", Region: "CO", PostalCode: "80279", Country: "USA"},
		"Please send it to 12 Harbor Lane, Seattle, WA 98101. Thanks!":                            {Line1: "12 Harbor Lane", City: "Seattle", Region: "WA", PostalCode: "98101"},
		"my new address is: 4B 12th Street, Floor 2, Room 7, New York, NY, 10001-1234":            {Line1: "4B 12th Street", Line2: "Floor 2, Room 7", City: "New York", Region: "NY", PostalCode: "10001-1234"},
		"PO Box 12, Austin, Texas 78701":                                                          {Line1: "PO Box 12", City: "Austin", Region: "Texas", PostalCode: "78701"},
		"Hi there! 1 Main St\nSpringfield\nIL 62701\nUnited States":                               {Line1: "1 Main St", City: "Springfield", Region: "IL", PostalCode: "62701", Country: "United States"},
		"上海市徐汇区武康路318号6栋302室，邮编200031":                                                            {Line1: "徐汇区武康路318号", Line2: "6栋302室", City: "上海", Region: "上海市", PostalCode: "200031"},
		"地址改成浙江省杭州市西湖区文二西路 186 号 12 栋 1803 室 310013，谢谢":                                           {Line1: "西湖区文二西路 186 号", Line2: "12 栋 1803 室", City: "杭州", Region: "浙江省", PostalCode: "310013"},
		"中国四川省成都市武侯区玉林南路45号 610041":                                                               {Line1: "武侯区玉林南路45号", City: "成都", Region: "四川省", PostalCode: "610041", Country: "中国"},
		"ok so I moved to 77 Massachusetts Avenue, Cambridge, MA 02139, United States of America": {Line1: "77 Massachusetts Avenue", City: "Cambridge", Region: "MA", PostalCode: "02139", Country: "United States of America"},
	} {
		if got, ok := readAddress(text); !ok || got != want {
			t.Errorf("%q:\n got %+v, %v\nwant %+v", text, got, ok, want)
		}
	}
	for _, text := range []string{"", "12 Harbor Lane, Seattle", "WA 98101", "Seattle, WA 98101", "武康路318号", "the order 12345, please", "12 Harbor Lane Seattle WA 98101", "a@b.c, 12 X St, City, WA 98101 <b>"} {
		if got, ok := readAddress(text); ok && text != "a@b.c, 12 X St, City, WA 98101 <b>" {
			t.Errorf("%q is read as %+v", text, got)
		}
	}
}

func FuzzReadAddress(f *testing.F) {
	f.Add("986 Sunset Drive, Suite 259, Denver, CO 80279, USA")
	f.Add("上海市徐汇区武康路318号6栋302室，邮编200031")
	f.Add("\xff市号1")
	f.Fuzz(func(t *testing.T, text string) {
		a, ok := readAddress(text)
		if ok && (a.Line1 == "" || a.City == "" || len(a.Line1) > mostAddress) {
			t.Errorf("%q: %+v", text, a)
		}
		if ok && utf8.ValidString(text) && !utf8.ValidString(a.Line1+a.Line2+a.City+a.Region+a.Country) {
			t.Errorf("%q: broken %+v", text, a)
		}
	})
}

func FuzzMentions(f *testing.F) {
	s := New(Deps{})
	lines := []line{
		s.lineOf(0, catalog.Item{SKU: "MG-1", Product: "mug", Title: "Harbor Mug", Quantity: 1, Options: map[string]string{"color": "blue"}}, nil),
		s.lineOf(1, catalog.Item{SKU: "MG-2", Product: "mug", Title: "Harbor Mug", Quantity: 2, Options: map[string]string{"color": "red"}}, nil),
		s.lineOf(2, catalog.Item{SKU: "LT-1", Product: "lamp", Title: "台灯", Quantity: 1}, nil),
	}
	f.Add("everything but the lamp")
	f.Add("两个杯子和台灯，除了 Harbor Mugs (red)")
	f.Add("\xff mug \xfe")
	f.Fuzz(func(t *testing.T, text string) {
		for _, choice := range s.itemsSaid(saying(text), lines) {
			seen := map[int]bool{}
			for _, p := range choice {
				if p.Line < 0 || p.Line >= len(lines) || seen[p.Line] || p.Quantity < 1 {
					t.Errorf("%q: %+v", text, choice)
				}
				seen[p.Line] = true
			}
		}
	})
}
