package lexical

import (
	"math"

	index "github.com/blevesearch/bleve_index_api"
)

type termFrequencies = index.TokenFrequencies

// termFrequency makes bleve see the weighted frequency: its scorer takes the square root of
// what is stored, so the square is stored.
func termFrequency(term string, weight float64) *index.TokenFreq {
	tf := &index.TokenFreq{Term: []byte(term)}
	tf.SetFrequency(max(1, int(math.Round(weight*weight))))
	return tf
}

func (f *field) Name() string                                     { return f.name }
func (f *field) Value() []byte                                    { return nil }
func (f *field) ArrayPositions() []uint64                         { return nil }
func (f *field) EncodedFieldType() byte                           { return 't' }
func (f *field) Analyze()                                         {} // done already
func (f *field) Options() index.FieldIndexingOptions              { return index.IndexField }
func (f *field) AnalyzedLength() int                              { return f.length }
func (f *field) AnalyzedTokenFrequencies() index.TokenFrequencies { return f.terms }
func (f *field) NumPlainTextBytes() uint64                        { return 0 }
func (f *field) Size() int                                        { return f.terms.Size() }
