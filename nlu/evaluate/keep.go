package evaluate

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"math"
	"os"
	"path/filepath"

	"github.com/floorwalker/floorwalker/models"
)

// Keeper is an encoder that keeps every vector in a file, so that measuring again doesn't encode
// again. It is for one goroutine, of one process at a time.
type Keeper struct {
	models.Encoder
	file    *os.File
	vectors map[textKey][]float32
}

// textKey is a hash of a text and its purpose.
type textKey [16]byte

// Keep opens the file of an encoder's vectors in a folder, which is made if need be. The file is named
// by the encoder's version. The caller closes it; the encoder stays open.
func Keep(e models.Encoder, dir string) (*Keeper, error) {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return nil, fmt.Errorf("evaluate: keeping vectors: %w", err)
	}
	f, err := os.OpenFile(filepath.Join(dir, filepath.Base(e.Version())+".vectors"), os.O_RDWR|os.O_CREATE, 0o644)
	if err != nil {
		return nil, fmt.Errorf("evaluate: keeping vectors: %w", err)
	}
	k := &Keeper{Encoder: e, file: f, vectors: map[textKey][]float32{}}
	if err := k.load(); err != nil {
		return nil, errors.Join(fmt.Errorf("evaluate: keeping vectors: %w", err), f.Close())
	}
	return k, nil
}

// A record is the key, the vector and a checksum of both; the file is records and nothing else.
func (k *Keeper) recordBytes() int { return len(textKey{}) + 4*k.Dim() + 4 }

// load reads the records up to the first that is damaged or cut short; the next is written there.
func (k *Keeper) load() error {
	content, err := os.ReadFile(k.file.Name())
	if err != nil {
		return err
	}
	size, at := k.recordBytes(), 0
	for ; at+size <= len(content); at += size {
		body := content[at : at+size-4]
		if crc32.ChecksumIEEE(body) != binary.LittleEndian.Uint32(content[at+size-4:]) {
			break
		}
		v := make([]float32, k.Dim())
		for i := range v {
			v[i] = math.Float32frombits(binary.LittleEndian.Uint32(body[len(textKey{})+4*i:]))
		}
		k.vectors[textKey(body)] = v
	}
	if err := k.file.Truncate(int64(at)); err != nil {
		return err
	}
	_, err = k.file.Seek(int64(at), 0)
	return err
}

// Close closes the file, not the encoder.
func (k *Keeper) Close() error { return k.file.Close() }

// Encode encodes what isn't kept.
func (k *Keeper) Encode(ctx context.Context, purpose models.Purpose, texts []string) ([][]float32, error) {
	out := make([][]float32, len(texts))
	var missing []string
	for i, t := range texts {
		if out[i] = k.vectors[keyOf(purpose, t)]; out[i] == nil {
			missing = append(missing, t)
		}
	}
	if len(missing) == 0 {
		return out, ctx.Err()
	}
	made, err := k.Encoder.Encode(ctx, purpose, missing)
	if err != nil {
		return nil, err
	}
	var records bytes.Buffer
	for i, t := range missing {
		key := keyOf(purpose, t)
		k.vectors[key] = made[i]
		record := append([]byte(nil), key[:]...)
		for _, x := range made[i] {
			record = binary.LittleEndian.AppendUint32(record, math.Float32bits(x))
		}
		records.Write(binary.LittleEndian.AppendUint32(record, crc32.ChecksumIEEE(record)))
	}
	if _, err := k.file.Write(records.Bytes()); err != nil {
		return nil, fmt.Errorf("evaluate: keeping vectors: %w", err)
	}
	for i, t := range texts {
		out[i] = k.vectors[keyOf(purpose, t)]
	}
	return out, nil
}

func keyOf(purpose models.Purpose, text string) textKey {
	sum := sha256.Sum256([]byte(string(purpose) + "\x00" + text))
	return textKey(sum[:16])
}
