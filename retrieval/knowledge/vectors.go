package knowledge

import (
	"context"
	"crypto/sha256"
	"encoding/gob"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/floorwalker/floorwalker/models"
)

// wanted is a text to be encoded for a purpose.
type wanted struct {
	purpose models.Purpose
	text    string
}

func (w wanted) key() string {
	sum := sha256.Sum256([]byte(string(w.purpose) + "\x00" + w.text))
	return hex.EncodeToString(sum[:])
}

// remember gives the vector of each text: those of earlier starts from a file in dir named
// for the encoder's version, the others encoded now and written there. A file that can't be
// read is made anew.
func remember(ctx context.Context, dir string, encoder models.Encoder, texts []wanted) (map[wanted][]float32, error) {
	version := sha256.Sum256([]byte(encoder.Version()))
	path := filepath.Join(dir, "vectors-"+hex.EncodeToString(version[:8])+".gob")
	known, err := readVectors(path, encoder.Dim())
	if err != nil {
		return nil, err
	}
	out := make(map[wanted][]float32, len(texts))
	missing := map[models.Purpose][]wanted{}
	keep := make(map[string][]float32, len(texts))
	for _, w := range texts {
		if v, ok := known[w.key()]; ok {
			out[w], keep[w.key()] = v, v
		} else if _, asked := out[w]; !asked {
			out[w] = nil
			missing[w.purpose] = append(missing[w.purpose], w)
		}
	}
	if len(missing) == 0 && len(keep) == len(known) {
		return out, nil
	}
	for purpose, ws := range missing {
		plain := make([]string, len(ws))
		for i, w := range ws {
			plain[i] = w.text
		}
		vectors, err := encoder.Encode(ctx, purpose, plain)
		if err != nil {
			return nil, fmt.Errorf("encoding %d passages: %w", len(ws), err)
		}
		for i, w := range ws {
			out[w], keep[w.key()] = vectors[i], vectors[i]
		}
	}
	return out, writeVectors(path, keep)
}

func readVectors(path string, dim int) (map[string][]float32, error) {
	f, err := os.Open(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("reading the passages' vectors: %w", err)
	}
	defer f.Close()
	var known map[string][]float32
	if gob.NewDecoder(f).Decode(&known) != nil {
		return nil, nil // damaged: they are encoded again
	}
	for _, v := range known {
		if len(v) != dim {
			return nil, nil
		}
	}
	return known, nil
}

func writeVectors(path string, vectors map[string][]float32) (err error) {
	f, err := os.CreateTemp(filepath.Dir(path), "vectors-*.next")
	if err != nil {
		return fmt.Errorf("writing the passages' vectors: %w", err)
	}
	err = gob.NewEncoder(f).Encode(vectors)
	if err = errors.Join(err, f.Close()); err == nil {
		err = os.Rename(f.Name(), path)
	}
	if err != nil {
		return fmt.Errorf("writing the passages' vectors: %w", errors.Join(err, os.Remove(f.Name())))
	}
	return nil
}

func dot(a, b []float32) float64 {
	var sum float64
	for i := range a {
		sum += float64(a[i]) * float64(b[i])
	}
	return sum
}
