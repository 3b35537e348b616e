package catalog_test

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/goccy/go-yaml"
	"github.com/shopspring/decimal"

	"github.com/floorwalker/floorwalker/catalog"
)

func TestAmountsKeepTheirDecimals(t *testing.T) {
	for _, c := range []struct {
		record any
		want   string
	}{
		{catalog.Money{Amount: decimal.RequireFromString("19.90"), Currency: "USD"}, `{"amount":"19.90","currency":"USD"}`},
		{catalog.Payment{Kind: "refund", Amount: decimal.RequireFromString("5.00"), Method: "m"}, `{"kind":"refund","method":"m","amount":"5.00"}`},
		{catalog.PaymentMethod{ID: "m", Kind: "paypal"}, `{"id":"m","kind":"paypal"}`},
		{catalog.Variant{SKU: "<S&T>", Price: decimal.New(12, 2)}, `{"sku":"\u003cS\u0026T\u003e","options":null,"available":false,"price":"1200"}`},
	} {
		got, err := json.Marshal(c.record)
		if err != nil || string(got) != c.want {
			t.Errorf("got %s, %v; want %s", got, err, c.want)
		}
	}
	var v catalog.Variant
	if err := json.Unmarshal([]byte(`{"sku":"S","price":"19.90","stock":0}`), &v); err != nil || !v.Price.Equal(decimal.RequireFromString("19.9")) || v.SKU != "S" || *v.Stock != 0 {
		t.Errorf("%+v, %v", v, err)
	}
}

func TestTextIsOneOrByLanguage(t *testing.T) {
	var texts struct{ A, B catalog.Text }
	if err := yaml.Unmarshal([]byte("a: 灯巷\nb: {en: Lane, zh: 灯巷}\n"), &texts); err != nil || texts.A[""] != "灯巷" || texts.B["en"] != "Lane" || len(texts.B) != 2 {
		t.Errorf("%+v, %v", texts, err)
	}
	if err := yaml.Unmarshal([]byte("a: [Lane]\n"), &texts); err == nil {
		t.Error("a list was taken for text")
	}
}

func TestOpen(t *testing.T) {
	s := catalog.Settings{TimeZone: "America/New_York", Hours: map[string]string{"mon": "09:00-17:30"}, Holidays: []catalog.Holiday{{Date: "2026-01-12"}}}
	for at, want := range map[string]bool{
		"2026-01-05T13:59:00Z": false, "2026-01-05T14:00:00Z": true, "2026-01-05T22:29:59Z": true, "2026-01-05T22:30:00Z": false,
		"2026-01-06T15:00:00Z": false, // Tuesday
		"2026-01-12T15:00:00Z": false, // holiday
		"2026-07-06T13:00:00Z": true,  // summer time
	} {
		when, err := time.Parse(time.RFC3339, at)
		if err != nil {
			t.Fatal(err)
		}
		if got := s.Open(when); got != want {
			t.Errorf("open at %s: %t", at, got)
		}
	}
}
