package dense

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"path/filepath"
	"sync"

	"github.com/floorwalker/floorwalker/models"
)

// file keeps vectors. It is a row of records of one length, each a key, a scale (float32,
// little-endian) and dim numbers of 8 bits, and is only ever added to, whole records at a
// time: what a crash leaves of one at the end is cut off. Several processes may add to it.
type file struct {
	dim     int
	vectors map[key][]float32 // read when it was opened, and not used yet

	mu   sync.Mutex
	file *os.File
}

func (f *file) length() int { return len(key{}) + 4 + f.dim }

func openFile(dir, name string, encoder models.Encoder) (*file, error) {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return nil, fmt.Errorf("making the folder for products' vectors: %w", err)
	}
	version := sha256.Sum256([]byte(encoder.Version()))
	path := filepath.Join(dir, name+"-"+hex.EncodeToString(version[:8])+".vectors")
	opened, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE|os.O_APPEND, 0o644)
	if err != nil {
		return nil, fmt.Errorf("opening products' vectors: %w", err)
	}
	f := &file{dim: encoder.Dim(), vectors: map[key][]float32{}, file: opened}
	if err := f.read(); err != nil {
		return nil, errors.Join(err, opened.Close())
	}
	return f, nil
}

func (f *file) read() error {
	all, err := io.ReadAll(f.file)
	if err != nil {
		return fmt.Errorf("reading products' vectors: %w", err)
	}
	if rest := len(all) % f.length(); rest > 0 {
		all = all[:len(all)-rest]
		if err := f.file.Truncate(int64(len(all))); err != nil {
			return fmt.Errorf("mending products' vectors: %w", err)
		}
	}
	for ; len(all) > 0; all = all[f.length():] {
		k := key(all[:len(key{})])
		scale := math.Float32frombits(binary.LittleEndian.Uint32(all[len(k):]))
		if scale <= 0 || scale > 1 || scale != scale { // damaged: it is encoded again
			continue
		}
		v := make([]float32, f.dim)
		for i, b := range all[len(k)+4 : f.length()] {
			v[i] = float32(int8(b)) * scale
		}
		f.vectors[k] = v
	}
	return nil
}

// add writes vectors at the end.
func (f *file) add(of []pending, vectors [][]float32) error {
	var b bytes.Buffer
	for i, p := range of {
		var largest float32
		for _, x := range vectors[i] {
			largest = max(largest, x, -x)
		}
		scale := largest / math.MaxInt8
		if scale == 0 || len(vectors[i]) != f.dim {
			continue
		}
		b.Write(p.key[:])
		b.Write(binary.LittleEndian.AppendUint32(nil, math.Float32bits(scale)))
		for _, x := range vectors[i] {
			b.WriteByte(byte(int8(math.RoundToEven(float64(x / scale)))))
		}
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	if _, err := f.file.Write(b.Bytes()); err != nil {
		return fmt.Errorf("keeping products' vectors: %w", err)
	}
	return nil
}

func (f *file) close() error {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.file.Close()
}
