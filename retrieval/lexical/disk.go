package lexical

import (
	"context"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"math"
	"os"
	"path/filepath"
	"runtime/debug"
	"strings"
	"time"

	"github.com/blevesearch/bleve/v2"
	"github.com/blevesearch/bleve/v2/document"
	"github.com/blevesearch/bleve/v2/index/scorch"
	bolt "go.etcd.io/bbolt"
	bolterrors "go.etcd.io/bbolt/errors"

	"github.com/floorwalker/floorwalker/retrieval/text"
)

// The folder of an index holds one folder per build and the file "current" with the name of
// the one in use. A build is written to a folder of its own and becomes current by a rename.
const (
	currentFile = "current"
	buildPrefix = "build-"
	bleveFolder = "index"
	batchSize   = 1000
	layout      = "1" // of fields and weights; change it when what is written changes
)

var errInUse = errors.New("another process has it open; stop that one or give this one another data folder")

// state is kept inside the index, so that it changes with the documents or not at all.
type state struct {
	Key    string              `json:"key"`
	Made   string              `json:"made"` // versions of analysis and layout
	Totals map[string]fieldSum `json:"totals"`
}

// fieldSum is what average length is worked out from.
type fieldSum struct {
	Documents int     `json:"documents"`
	Length    float64 `json:"length"`
}

func stateKey() []byte { return []byte("floorwalker") }

func made() string { return text.Version + "/" + layout }

func copyTotals(m map[string]fieldSum) map[string]fieldSum {
	c := make(map[string]fieldSum, len(m))
	for k, v := range m {
		c[k] = v
	}
	return c
}

// add puts a document into the batch.
func (s *state) add(batch *bleve.Batch, d Document) error {
	doc := document.NewDocument(d.ID)
	for _, f := range fields(d) {
		doc.AddField(f)
		sum := s.Totals[f.name]
		s.Totals[f.name] = fieldSum{sum.Documents + 1, sum.Length + float64(f.length)}
	}
	if err := batch.IndexAdvanced(doc); err != nil {
		return fmt.Errorf("indexing %q: %w", d.ID, err)
	}
	return nil
}

func (s *state) save(batch *bleve.Batch) error {
	b, err := json.Marshal(s)
	if err != nil {
		return err
	}
	batch.SetInternal(stateKey(), b)
	return nil
}

// reopen opens the current build if it is whole and was made from key.
func (x *Index) reopen(key string) (err error) {
	name, err := os.ReadFile(filepath.Join(x.dir, currentFile))
	if err != nil {
		return err
	}
	path := filepath.Join(x.dir, filepath.Base(strings.TrimSpace(string(name))), bleveFolder)
	defer debug.SetPanicOnFault(debug.SetPanicOnFault(true)) // a mapped file may be shorter than it says
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("%w: %v", ErrCorrupt, p)
		}
	}()
	if err := verify(path); err != nil {
		return err
	}
	b, err := bleve.OpenUsing(path, map[string]any{"bolt_timeout": "1s"})
	if err != nil {
		return err
	}
	raw, err := b.GetInternal(stateKey())
	if err == nil {
		err = json.Unmarshal(raw, &x.state)
	}
	if err == nil && (x.state.Key != key || x.state.Made != made()) {
		err = errors.New("made from something else")
	}
	if err != nil {
		return errors.Join(err, b.Close())
	}
	x.bleve = b
	return nil
}

// verify checks what scorch would trust: the database that lists the segments, page by page,
// and each segment's checksum (its last four bytes, big-endian, over all before).
func verify(path string) error {
	store := filepath.Join(path, "store")
	if err := verifyRoot(filepath.Join(store, "root.bolt")); err != nil {
		return err
	}
	segments, err := filepath.Glob(filepath.Join(store, "*.zap"))
	if err != nil {
		return err
	}
	for _, s := range segments {
		if err := verifySegment(s); err != nil {
			return fmt.Errorf("%s: %w", s, err)
		}
	}
	return nil
}

// verifyRoot reads everything in the database. It panics where bolt does on damage.
func verifyRoot(path string) (err error) {
	if _, err := os.Stat(path); err != nil {
		return err // bolt would make a new one
	}
	db, err := bolt.Open(path, 0o600, &bolt.Options{ReadOnly: true, PreLoadFreelist: true, Timeout: time.Second})
	if errors.Is(err, bolterrors.ErrTimeout) {
		return errInUse
	}
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	return db.View(func(tx *bolt.Tx) error {
		return tx.ForEach(func(_ []byte, b *bolt.Bucket) error { return readAll(b) })
	})
}

func readAll(b *bolt.Bucket) error {
	return b.ForEach(func(k, v []byte) error {
		if inner := b.Bucket(k); v == nil && inner != nil {
			return readAll(inner)
		}
		return nil
	})
}

func verifySegment(path string) error {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return err
	}
	if info.Size() < 4 {
		return ErrCorrupt
	}
	sum := crc32.NewIEEE()
	if _, err := io.CopyN(sum, f, info.Size()-4); err != nil {
		return err
	}
	var want [4]byte
	if _, err := io.ReadFull(f, want[:]); err != nil {
		return err
	}
	if binary.BigEndian.Uint32(want[:]) != sum.Sum32() {
		return ErrCorrupt
	}
	return nil
}

// build writes a new build and makes it current; older ones go.
func (x *Index) build(ctx context.Context, content Content) error {
	if err := os.MkdirAll(x.dir, 0o755); err != nil {
		return err
	}
	path, err := os.MkdirTemp(x.dir, buildPrefix)
	if err != nil {
		return err
	}
	store := filepath.Join(path, bleveFolder) // bleve wants to make its folder itself
	x.state = state{Key: content.Key, Made: made(), Totals: map[string]fieldSum{}}
	b, err := bleve.NewUsing(store, bleve.NewIndexMapping(), scorch.Name, scorch.Name, map[string]any{"bolt_timeout": "1s"})
	if err != nil {
		return errors.Join(err, os.RemoveAll(path))
	}
	if err := x.fill(ctx, b, content); err != nil {
		return errors.Join(err, b.Close(), os.RemoveAll(path))
	}
	if err := x.swap(filepath.Base(path)); err != nil {
		return errors.Join(err, b.Close(), os.RemoveAll(path))
	}
	x.bleve = b
	return nil
}

func (x *Index) fill(ctx context.Context, b bleve.Index, content Content) error {
	batch := b.NewBatch()
	for d, err := range content.Documents {
		if err == nil {
			err = ctx.Err()
		}
		if err == nil {
			err = x.state.add(batch, d)
		}
		if err == nil && batch.Size() >= batchSize {
			err = b.Batch(batch)
			batch.Reset()
		}
		if err != nil {
			return err
		}
	}
	if err := x.state.save(batch); err != nil {
		return err
	}
	return b.Batch(batch)
}

// swap makes the build current and removes the others.
func (x *Index) swap(name string) error {
	next := filepath.Join(x.dir, currentFile+".next")
	if err := os.WriteFile(next, []byte(name+"\n"), 0o644); err != nil {
		return err
	}
	if err := os.Rename(next, filepath.Join(x.dir, currentFile)); err != nil {
		return err
	}
	builds, err := filepath.Glob(filepath.Join(x.dir, buildPrefix+"*"))
	if err != nil {
		return err
	}
	for _, b := range builds {
		if filepath.Base(b) != name {
			if err := os.RemoveAll(b); err != nil {
				return err
			}
		}
	}
	return nil
}

// field is one language's texts of a document, analysed. It implements document.Field.
type field struct {
	name   string
	length int
	terms  termFrequencies
}

// fieldName is the field of a language.
func fieldName(language string) string { return "text:" + language }

// fields gives one field per language of the document's texts.
func fields(d Document) []*field {
	var languages []string
	weights := map[string]map[string]float64{}
	lengths := map[string]float64{}
	for _, t := range d.Texts {
		w, ok := weights[t.Language]
		if !ok {
			w = map[string]float64{}
			weights[t.Language] = w
			languages = append(languages, t.Language)
		}
		for _, term := range text.Terms(t.Value) {
			w[term] += t.Weight
			lengths[t.Language] += t.Weight
		}
	}
	out := make([]*field, 0, len(languages))
	for _, l := range languages {
		f := &field{name: fieldName(l), length: int(math.Ceil(lengths[l])), terms: make(termFrequencies, len(weights[l]))}
		for term, weight := range weights[l] {
			f.terms[term] = termFrequency(term, weight)
		}
		out = append(out, f)
	}
	return out
}
