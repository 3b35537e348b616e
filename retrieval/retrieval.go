// Package retrieval finds products and passages for a question.
package retrieval

import (
	"context"

	"github.com/shopspring/decimal"
)

// Query asks for products. A zero filter excludes nothing.
type Query struct {
	Text     string
	Locale   string
	Category string            // any level of a product's category path, in any of its languages
	Options  map[string]string // canonical values a variant must have
	Min, Max *decimal.Decimal  // price bounds, inclusive, in the shop's currency
	InStock  bool              // only variants available now
	Limit    int               // 0: 5
}

// Hit is a product that answers a query, best first.
type Hit struct {
	Product string   // id
	SKUs    []string // its variants that pass the filters
	Score   float64
	Why     []string // words of the question that matched, for people
	Lacks   []string // words of the question that the product doesn't have; empty: all that was asked for
	Named   []string // of Why, those that a title has, itself or by a synonym
}

// Word is a part of what a text asks for, and how far the products know it.
type Word struct {
	Typed  string
	Named  int     // products in whose titles it is, itself or by a synonym
	Known  int     // about how many products have it anywhere
	Weight float64 // how much it tells: its inverse document frequency, 0 to about 12
}

// Products finds products. Price and stock used for filtering follow the store; what is told
// of a hit is read from the store again.
type Products interface {
	Search(ctx context.Context, q Query) ([]Hit, error)

	// Near ranks products by meaning: all that pass the filters, the nearest first, with the
	// cosine as Score and without Why and Lacks. Without an encoder it finds nothing.
	Near(ctx context.Context, q Query) ([]Hit, error)

	// Words are the parts of a text, as Search cuts it, in their order. Of what is written without
	// spaces, the longest parts that products have are told apart.
	Words(ctx context.Context, text string) ([]Word, error)
}

// Passage is a piece of the shop's knowledge that may ground an answer: one heading of a
// knowledge file.
type Passage struct {
	ID       string   `json:"id"` // file name without extension, "#", heading slug
	Title    string   `json:"title"`
	Heading  string   `json:"heading"`
	Locale   string   `json:"locale"`
	Asked    []string `json:"asked,omitempty"` // other ways of asking for the heading
	Text     string   `json:"text"`
	Products []string `json:"products,omitempty"`
	Version  string   `json:"version"` // hash of the text
}

// Found is a passage for a question, best first.
type Found struct {
	Passage
	Answer  string  // the sentences of Text that answer, as written; all of Text when it is short
	Nub     string  // those of Answer that answer most of all, for whoever has heard the rest
	Score   float64 // 0 to 1
	Answers bool    // good enough to answer with; otherwise only the nearest
}

// Passages finds passages that answer a question.
type Passages interface {
	Find(ctx context.Context, question, locale string, limit int) ([]Found, error)

	// Passage is the passage with an id, false where there is none.
	Passage(id string) (Passage, bool)
}
