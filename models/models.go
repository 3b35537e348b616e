// Package models is the contract for what a neural model does here: an [Encoder] turns
// texts into vectors. How a model runs (in process, on a worker) is a child's matter.
package models

import "context"

// Purpose says what a text is to the encoder. Retrieval models embed a question and the
// passage that answers it differently (the E5 family by the prefixes "query: " and
// "passage: "); texts that are compared with each other have the same purpose.
type Purpose string

const (
	Query   Purpose = "query"
	Passage Purpose = "passage"
)

// Encoder turns texts into vectors whose dot product is their similarity.
// It is safe for concurrent use.
type Encoder interface {
	// Encode returns one vector per text, each of Dim floats and Euclidean length 1.
	// Long texts are cut to what the model reads, invalid UTF-8 is replaced; neither is an
	// error. When ctx ends, so does the work, and the error is ctx's.
	Encode(ctx context.Context, purpose Purpose, texts []string) ([][]float32, error)

	// Dim is the length of each vector.
	Dim() int

	// Version names the weights and the tokeniser by content. Vectors of different
	// versions don't compare, and whatever was learned from them is keyed by it.
	Version() string
}
