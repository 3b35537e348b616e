package catalog

import "time"

// Fact is a value bound to the record and the version it was read from, and when. Only
// facts carry figures, names, dates and states into a reply.
type Fact struct {
	Kind        Kind      `json:"kind"`
	Value       string    `json:"value"`          // canonical: "226.11", "2026-11-03", "pending"
	Unit        string    `json:"unit,omitempty"` // currency or unit of measure
	Record      string    `json:"record"`         // "order/W10234", "variant/FL-0007-BLU", "passage/returns"
	Version     string    `json:"version"`
	ReadAt      time.Time `json:"read_at"`
	DerivedFrom []string  `json:"derived_from,omitempty"` // records a worked-out amount rests on
}

// Kind is what sort of value a fact is; it decides how the value is worded.
type Kind string

// The kinds of facts, as the protocol names them.
const (
	KindPrice      Kind = "price"
	KindAmount     Kind = "amount"
	KindStock      Kind = "stock"
	KindDate       Kind = "date"
	KindOrderState Kind = "order_state"
	KindQuantity   Kind = "quantity"
	KindPercent    Kind = "percent"
	KindAddress    Kind = "address"
	KindTracking   Kind = "tracking"
	KindPolicy     Kind = "policy"
	KindName       Kind = "name"
	KindCount      Kind = "count"
	KindSaid       Kind = "said" // what the shopper wrote; record utterance/<offset>
)

// Source says which record a view was read from. A view is a struct that skills return and
// that flow conditions and reply templates read: it embeds Source, names its fields for
// them with the tag `expr:"name"`, and marks what may be told with `fact:"kind"`:
//
//	type OrderView struct {
//		catalog.Source
//		Status string        `expr:"status" fact:"order_state"`
//		Total  catalog.Money `expr:"total" fact:"amount"`
//	}
//
// A field without the tag fact can be tested in a condition but never worded. Field types
// that can be facts: string, int, Money, time.Time, Address, and lists of strings. A nested
// view with a Source of its own has its own facts; without one it shares its parent's.
type Source struct {
	Record      string    `expr:"-"`
	Version     string    `expr:"-"`
	ReadAt      time.Time `expr:"-"`
	DerivedFrom []string  `expr:"-"`
}

// Level is how well it is known who writes.
type Level int

const (
	Anonymous Level = iota
	Claimed         // said something only the customer is likely to know
	Verified        // proved it
)

// Identity is who writes in a conversation.
type Identity struct {
	Customer string `json:"customer,omitempty"`
	Level    Level  `json:"level"`
}
