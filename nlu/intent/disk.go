package intent

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/gob"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/floorwalker/floorwalker/models"
	"github.com/floorwalker/floorwalker/models/linear"
)

// folder keeps vectors and heads in files that are replaced as a whole. The zero folder keeps
// nothing. A file that can't be read counts as absent: it is made again.
type folder struct {
	path string
}

var errAbsent = errors.New("intent: nothing kept")

func hash(parts ...string) string {
	h := sha256.New()
	for _, p := range parts {
		io.WriteString(h, p)
		h.Write([]byte{0})
	}
	return hex.EncodeToString(h.Sum(nil)[:16])
}

// encode returns the vectors of texts; those kept are not made again.
func (f folder) encode(ctx context.Context, e models.Encoder, texts []string) ([][]float32, error) {
	file := "vectors-" + hash(e.Version())
	kept := map[string][]float32{}
	if f.read(file, &kept) != nil {
		kept = map[string][]float32{}
	}
	var missing []string
	for _, t := range texts {
		if len(kept[t]) != e.Dim() {
			missing = append(missing, t)
		}
	}
	for i := 0; i < len(missing); i += encodeBatch {
		batch := missing[i:min(len(missing), i+encodeBatch)]
		vectors, err := e.Encode(ctx, models.Query, batch)
		if err != nil {
			return nil, fmt.Errorf("intent: encoding %d examples: %w", len(batch), err)
		}
		for j, v := range vectors {
			kept[batch[j]] = v
		}
	}
	now := make(map[string][]float32, len(texts))
	out := make([][]float32, len(texts))
	for i, t := range texts {
		out[i] = kept[t]
		now[t] = kept[t]
	}
	if len(missing) > 0 && f.path != "" {
		// That they aren't kept is no reason to do without them; keeping the heads, which comes
		// next, tells of a folder that can't be written.
		_ = f.write(file, now)
	}
	return out, nil
}

// stored is a head as it lies on the disk.
type stored struct {
	Model, Other []byte
	Weights      weights
	Center       []float32
	Vectors      [][]float32
	Sparse       [][]linear.Feature // the examples, of a head without vectors
	Cloud        *cloud
	Mean, Spread []float64
	Edge, Soft   float64
}

func (f folder) saveHeads(name string, lexical, full *head) error {
	if f.path == "" {
		return nil
	}
	var out []stored
	for _, h := range []*head{lexical, full} {
		if h == nil {
			continue
		}
		model, err := h.model.MarshalBinary()
		if err != nil {
			return err
		}
		other, err := h.scope.other.MarshalBinary()
		if err != nil {
			return err
		}
		s := h.scope
		out = append(out, stored{model, other, h.weights, s.near.Center, s.near.Vectors, s.near.rows(), s.cloud, s.mean, s.spread, s.edge, s.softest})
	}
	return f.write("head-"+name, out)
}

func (f folder) heads(name string) (lexical, full *head, err error) {
	var in []stored
	if err := f.read("head-"+name, &in); err != nil {
		return nil, nil, err
	}
	var heads [2]*head
	if len(in) == 0 || len(in) > len(heads) {
		return nil, nil, errAbsent
	}
	for i, s := range in {
		h := &head{model: &linear.Softmax{}, weights: s.Weights, scope: &scope{other: &linear.Softmax{}, cloud: s.Cloud, mean: s.Mean, spread: s.Spread, edge: s.Edge, softest: s.Soft}}
		if err := errors.Join(h.model.UnmarshalBinary(s.Model), h.scope.other.UnmarshalBinary(s.Other)); err != nil {
			return nil, nil, err
		}
		h.scope.near = newNeighbours(rows{sparse: s.Sparse})
		if s.Vectors != nil {
			h.scope.near = &neighbours{Center: s.Center, Vectors: s.Vectors, count: len(s.Vectors)}
		}
		heads[i] = h
	}
	return heads[0], heads[1], nil
}

// rows are the n-grams of each example, from the postings.
func (n *neighbours) rows() [][]linear.Feature {
	if n.Vectors != nil {
		return nil
	}
	out := make([][]linear.Feature, n.count)
	for index, list := range n.postings {
		for _, p := range list {
			out[p.example] = append(out[p.example], linear.Feature{Index: index, Value: p.value})
		}
	}
	return out
}

// A file holds the hash of the rest first: what a full disk or a crash left half is noticed.
func (f folder) write(name string, value any) error {
	var body bytes.Buffer
	if err := gob.NewEncoder(&body).Encode(value); err != nil {
		return fmt.Errorf("intent: writing %s: %w", name, err)
	}
	if err := os.MkdirAll(f.path, 0o755); err != nil {
		return fmt.Errorf("intent: keeping what was learned: %w", err)
	}
	tmp, err := os.CreateTemp(f.path, name+".*")
	if err != nil {
		return fmt.Errorf("intent: keeping what was learned: %w", err)
	}
	sum := sha256.Sum256(body.Bytes())
	_, err1 := tmp.Write(sum[:])
	_, err2 := tmp.Write(body.Bytes())
	if err := errors.Join(err1, err2, tmp.Sync(), tmp.Close()); err != nil {
		return fmt.Errorf("intent: keeping what was learned: %w", errors.Join(err, os.Remove(tmp.Name())))
	}
	if err := os.Rename(tmp.Name(), filepath.Join(f.path, name)); err != nil {
		return fmt.Errorf("intent: keeping what was learned: %w", errors.Join(err, os.Remove(tmp.Name())))
	}
	return nil
}

func (f folder) read(name string, value any) error {
	if f.path == "" {
		return errAbsent
	}
	content, err := os.ReadFile(filepath.Join(f.path, name))
	if err != nil {
		return err
	}
	if len(content) < sha256.Size || sha256.Sum256(content[sha256.Size:]) != [sha256.Size]byte(content[:sha256.Size]) {
		return errAbsent
	}
	return gob.NewDecoder(bytes.NewReader(content[sha256.Size:])).Decode(value)
}
