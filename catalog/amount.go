package catalog

import (
	"bytes"
	"encoding/json"

	"github.com/shopspring/decimal"
)

// amount is written with the decimals that it was read with: 19.90 stays "19.90".
type amount decimal.Decimal

func (a amount) MarshalJSON() ([]byte, error) {
	d := decimal.Decimal(a)
	return []byte(`"` + d.StringFixed(max(0, -d.Exponent())) + `"`), nil
}

// encode is json.Marshal that leaves <, > and & as they are.
func encode(v any) ([]byte, error) {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	err := e.Encode(v)
	return b.Bytes(), err
}

// MarshalJSON keeps the decimals of the amount.
func (m Money) MarshalJSON() ([]byte, error) {
	return encode(struct {
		Amount   amount `json:"amount"`
		Currency string `json:"currency"`
	}{amount(m.Amount), m.Currency})
}

// MarshalJSON keeps the decimals of the price.
func (v Variant) MarshalJSON() ([]byte, error) {
	type plain Variant
	return encode(struct {
		plain
		Price amount `json:"price"`
	}{plain(v), amount(v.Price)})
}

// MarshalJSON keeps the decimals of the price.
func (i Item) MarshalJSON() ([]byte, error) {
	type plain Item
	return encode(struct {
		plain
		Price amount `json:"price"`
	}{plain(i), amount(i.Price)})
}

// MarshalJSON keeps the decimals of the amount.
func (p Payment) MarshalJSON() ([]byte, error) {
	type plain Payment
	return encode(struct {
		plain
		Amount amount `json:"amount"`
	}{plain(p), amount(p.Amount)})
}

// MarshalJSON keeps the decimals of the balance.
func (m PaymentMethod) MarshalJSON() ([]byte, error) {
	type plain PaymentMethod
	return encode(struct {
		plain
		Balance *amount `json:"balance,omitempty"`
	}{plain(m), (*amount)(m.Balance)})
}
