// Package dense ranks documents by what they mean, with an encoder. What was encoded is kept
// in a file and used again by the next start; what is new is encoded by a goroutine that the
// index owns, so that a large shop needn't be waited for: until then words alone find it.
package dense

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"strings"
	"sync"
	"time"

	"github.com/floorwalker/floorwalker/models"
	"github.com/floorwalker/floorwalker/models/vector"
)

// Document is what is found: an id, and the texts that say what it is, one for each language.
type Document struct {
	ID    string
	Texts []string
}

// Hit is a document and how near it is: the cosine of its nearest text.
type Hit struct {
	ID    string
	Score float64
}

const (
	batch   = 16               // texts encoded at once: a shutdown waits for no more
	longest = 1000             // bytes of a text that are encoded
	patient = 30 * time.Second // before what had an error is tried again
)

// Index ranks documents. It is safe for concurrent use.
type Index struct {
	encoder models.Encoder
	report  func(error)
	kept    *file
	scan    *vector.Scan

	mu      sync.Mutex
	has     map[string][]key // document → its texts
	of      map[key][]string // text → its documents
	known   map[key]bool     // texts that have a vector
	pending []pending
	settled chan struct{} // closed when nothing is pending

	wake    chan struct{} // holds one: there is work
	stop    context.CancelFunc
	stopped sync.WaitGroup
}

type pending struct {
	key  key
	text string
}

// key is the hash of a text.
type key [16]byte

func keyOf(text string) (k key) {
	sum := sha256.Sum256([]byte(text))
	copy(k[:], sum[:])
	return k
}

// Open opens an empty index whose vectors are kept in dir, in a file that is named for the
// encoder and for what they are of. Report is told of errors of the encoder and of the file;
// they cost the ranking of some documents, nothing else. Close ends it.
func Open(dir, name string, encoder models.Encoder, report func(error)) (*Index, error) {
	kept, err := openFile(dir, name, encoder)
	if err != nil {
		return nil, err
	}
	ctx, stop := context.WithCancel(context.Background())
	x := &Index{encoder: encoder, report: report, kept: kept, scan: vector.New(encoder.Dim()),
		has: map[string][]key{}, of: map[key][]string{}, known: map[key]bool{},
		settled: make(chan struct{}), wake: make(chan struct{}, 1), stop: stop}
	close(x.settled)
	x.stopped.Go(func() { x.encodeAll(ctx) })
	return x, nil
}

// Close ends the work and waits for it. The encoder stays the caller's.
func (x *Index) Close() error {
	x.stop()
	x.stopped.Wait()
	return x.kept.close()
}

// Put takes documents over, in place of those of the same ids. It returns at once.
func (x *Index) Put(documents []Document) {
	x.mu.Lock()
	defer x.mu.Unlock()
	for _, d := range documents {
		x.forget(d.ID)
		for _, t := range d.Texts {
			t = strings.ToValidUTF8(t[:min(len(t), longest)], "")
			k := keyOf(t)
			x.has[d.ID] = append(x.has[d.ID], k)
			x.of[k] = append(x.of[k], d.ID)
			if x.known[k] || len(x.of[k]) > 1 {
				continue
			}
			if v, ok := x.kept.vectors[k]; ok && x.scan.Add(string(k[:]), v) == nil {
				x.known[k] = true
				delete(x.kept.vectors, k)
				continue
			}
			x.pending = append(x.pending, pending{k, t})
		}
	}
	x.begin()
}

// begin wakes the goroutine if something is pending.
func (x *Index) begin() {
	if len(x.pending) == 0 {
		return
	}
	select {
	case <-x.settled:
		x.settled = make(chan struct{})
	default:
	}
	select {
	case x.wake <- struct{}{}:
	default:
	}
}

// Remove forgets documents.
func (x *Index) Remove(ids []string) {
	x.mu.Lock()
	defer x.mu.Unlock()
	for _, id := range ids {
		x.forget(id)
	}
}

func (x *Index) forget(id string) {
	for _, k := range x.has[id] {
		left := x.of[k][:0:0]
		for _, other := range x.of[k] {
			if other != id {
				left = append(left, other)
			}
		}
		if x.of[k] = left; len(left) == 0 {
			delete(x.of, k)
		}
	}
	delete(x.has, id)
}

// Pending is how many texts have no vector yet.
func (x *Index) Pending() int {
	x.mu.Lock()
	defer x.mu.Unlock()
	return len(x.pending)
}

// Wait waits until nothing is pending, or for ctx.
func (x *Index) Wait(ctx context.Context) error {
	x.mu.Lock()
	settled := x.settled
	x.mu.Unlock()
	select {
	case <-settled:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// encodeAll encodes what is pending until ctx ends.
func (x *Index) encodeAll(ctx context.Context) {
	for {
		select {
		case <-ctx.Done():
			return
		case <-x.wake:
		}
		for x.encodeSome(ctx) {
		}
	}
}

// encodeSome encodes a batch and reports whether more is to be done at once.
func (x *Index) encodeSome(ctx context.Context) bool {
	x.mu.Lock()
	some := x.pending[:min(batch, len(x.pending))]
	x.mu.Unlock()
	if len(some) == 0 { // it was woken for what was encoded with the rest
		return false
	}
	texts := make([]string, len(some))
	for i, p := range some {
		texts[i] = p.text
	}
	vectors, err := x.encoder.Encode(ctx, models.Passage, texts)
	if err == nil && len(vectors) != len(texts) {
		err = errors.New("the encoder gave too few vectors")
	}
	if err != nil {
		if ctx.Err() != nil {
			return false
		}
		x.report(fmt.Errorf("encoding %d products, tried again in %s: %w", len(texts), patient, err))
		select {
		case <-ctx.Done():
			return false
		case <-time.After(patient):
			return true
		}
	}
	if err := x.kept.add(some, vectors); err != nil {
		x.report(err)
	}
	x.mu.Lock()
	defer x.mu.Unlock()
	for i, p := range some {
		if err := x.scan.Add(string(p.key[:]), vectors[i]); err != nil {
			x.report(err)
			continue
		}
		x.known[p.key] = true
	}
	if x.pending = x.pending[len(some):]; len(x.pending) == 0 {
		close(x.settled)
	}
	return len(x.pending) > 0
}

// Rank gives the documents nearest to a question, best first, at most limit: of large sets only
// those among the nearest few hundred that keep keeps. keep may be nil.
func (x *Index) Rank(ctx context.Context, question string, limit int, keep func(id string) bool) ([]Hit, error) {
	const deep = 500
	vectors, err := x.encoder.Encode(ctx, models.Query, []string{question})
	if err != nil || len(vectors) == 0 {
		return nil, err
	}
	seen := map[string]bool{}
	var hits []Hit
	for _, near := range x.scan.Search(vectors[0], deep) {
		for _, id := range x.documentsOf(near.ID) {
			if seen[id] || keep != nil && !keep(id) {
				continue
			}
			seen[id] = true
			if hits = append(hits, Hit{id, float64(near.Score)}); len(hits) == limit {
				return hits, nil
			}
		}
	}
	return hits, nil
}

func (x *Index) documentsOf(id string) []string {
	x.mu.Lock()
	defer x.mu.Unlock()
	return x.of[key([]byte(id))]
}
